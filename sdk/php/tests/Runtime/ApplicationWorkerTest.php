<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

final class ApplicationWorkerTest extends TestCase
{
    private const FIXTURE = __DIR__ . '/../fixtures/application.php';

    public function testLivesFromBootToShutdown(): void
    {
        $worker = WorkerProcess::ready('application');
        self::assertSame('boot /a', $worker->get('/a')['body']);
        self::assertSame('boot /a app-reset reset /b', $worker->get('/b')['body']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame(
            "boot /a app-reset reset /b app-reset reset shutdown\nrun() returned\n",
            $worker->stdout(),
        );
    }

    public function testShutsDownWhenAHandlerExits(): void
    {
        $worker = WorkerProcess::ready('application');
        self::assertSame('', $worker->get('/exit')['body']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame("boot /exit shutdown\n", $worker->stdout());
    }

    public function testAFailedResetIsLoggedAndAsksForAReplacement(): void
    {
        $worker = WorkerProcess::ready('application');
        self::assertFalse($worker->get('/break-reset')['_meta']['recycle']);
        self::assertTrue($worker->get('/')['_meta']['recycle']);
        self::assertStringContainsString(
            'Cannot reset state after a request: RuntimeException: the transaction cannot be rolled back',
            $worker->stderr(),
        );
    }

    public function testAFailedBootNeverConnects(): void
    {
        $worker = new WorkerProcess(self::FIXTURE, [], ['TEST_BOOT' => 'fails']);
        self::assertSame(255, $worker->waitForExit());
        self::assertStringContainsString('no database', $worker->stdout() . $worker->stderr());
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

final class TerminationTest extends TestCase
{
    protected function setUp(): void
    {
        if (!extension_loaded('pcntl')) {
            self::markTestSkipped('ext-pcntl is not loaded: SIGTERM kills at once');
        }
    }

    public function testAnIdleWorkerLeavesInGoodOrder(): void
    {
        $worker = WorkerProcess::ready('worker');
        $worker->get('/');
        $worker->kill(SIGTERM);
        self::assertTrue($worker->closesQuietly());
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame("shutdown hook\n", $worker->stdout());
    }

    public function testABusyWorkerFinishesItsRequestAndNoOther(): void
    {
        $worker = WorkerProcess::ready('worker');
        $file = $this->startWaiting($worker);
        $worker->sendBytes(WorkerProcess::frame($worker->request('/print?text=never')));
        $worker->kill(SIGTERM);
        touch($file);
        $response = $worker->receive();
        self::assertSame('the file came', $response['body']);
        self::assertTrue($worker->closesQuietly());
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame("waiting\nshutdown hook\n", $worker->stdout());
    }

    public function testASecondSignalKills(): void
    {
        $worker = WorkerProcess::ready('worker');
        $this->startWaiting($worker);
        // Signals that arrive together count as one, so a single second one might be lost.
        $worker->waitUntil(static function () use ($worker): bool {
            $worker->kill(SIGTERM);

            return !$worker->isRunning();
        });
        self::assertSame(-SIGTERM, $worker->waitForExit());
        self::assertSame("waiting\n", $worker->stdout());
    }

    /** Starts a request that lasts until the returned file exists, and returns once its handler runs. */
    private function startWaiting(WorkerProcess $worker): string
    {
        $file = $worker->folder() . '/go-on';
        $worker->sendBytes(WorkerProcess::frame($worker->request('/wait-for-file?file=' . urlencode($file))));
        $worker->waitUntil(static fn (): bool => $worker->stdout() !== '');

        return $file;
    }
}

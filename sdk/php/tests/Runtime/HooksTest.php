<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use InvalidArgumentException;
use PHPUnit\Framework\TestCase;
use Vilya\OnStart;
use Vilya\Runtime\Hooks;
use Vilya\Tests\Support\WorkerProcess;

/** `start: fork` itself is run against the engine: src/workers/process/prototype.test.ts. */
final class HooksTest extends TestCase
{
    private const STARTED = "start first\nstart second\nboth\n";

    public function testRunsStartHooksByPriorityBeforeItIsReady(): void
    {
        $worker = WorkerProcess::ready('hooks');
        self::assertSame(self::STARTED, $worker->stderr());
        self::assertSame(0, $worker->closeAndWait());
    }

    public function testRunsShutdownHooksTheOtherWayRoundWhateverOneThrows(): void
    {
        $worker = WorkerProcess::ready('hooks');
        self::assertSame('ok', $worker->get('/')['body']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertMatchesRegularExpression(
            '/^' . self::STARTED . 'both\nCannot run a shutdown hook: .*a hook that throws.*\nshutdown last\n$/',
            $worker->stderr(),
        );
    }

    public function testRunsShutdownHooksOnceWhenAHandlerExits(): void
    {
        $worker = WorkerProcess::ready('hooks');
        self::assertSame(200, $worker->get('/exit')['status']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame(1, substr_count($worker->stderr(), 'shutdown last'));
    }

    public function testRefusesAHookThatRequiresArguments(): void
    {
        $object = new class {
            #[OnStart]
            public function connect(string $address): void
            {
            }
        };
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessageMatches('/::connect\(\) as a hook: it requires 1 arguments, none are given/');
        Hooks::of([$object]);
    }

    public function testSaysWhereAPrototypeCannotConnect(): void
    {
        $command = [PHP_BINARY, dirname(__DIR__) . '/fixtures/hooks.php', '--prototype', '/none.sock'];
        $process = proc_open($command, [2 => ['pipe', 'w']], $pipes);
        self::assertStringContainsString('Cannot connect to the engine at /none.sock', stream_get_contents($pipes[2]));
        self::assertSame(1, proc_close($process));
    }
}

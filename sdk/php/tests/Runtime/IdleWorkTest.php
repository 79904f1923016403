<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use stdClass;
use Vilya\Protocol\Connection;
use Vilya\Protocol\StreamSocket;
use Vilya\Runtime\IdleWork;
use Vilya\State\StateReset;
use Vilya\Tests\Support\WorkerProcess;

final class IdleWorkTest extends TestCase
{
    public function testCollectsCyclesWhileTheWorkerIsIdle(): void
    {
        $worker = WorkerProcess::ready('worker', [], ['TEST_GC_INTERVAL' => '3']);
        $worker->get('/cycle');
        $worker->get('/cycle');
        self::assertSame('', $worker->stdout());
        $worker->get('/cycle');
        $worker->waitUntil(static fn (): bool => $worker->stdout() === "collected\ncollected\ncollected\n");
    }

    public function testLeavesCyclesToPhpWhereItIsSwitchedOff(): void
    {
        $worker = WorkerProcess::ready('worker', [], ['TEST_GC_INTERVAL' => '0']);
        for ($i = 0; $i < 5; $i++) {
            $worker->get('/cycle');
        }
        self::assertSame('', $worker->stdout());
    }

    public function testWaitsForASilentSocketAndForItsInterval(): void
    {
        [$engine, $socket] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $idleWork = new IdleWork(new Connection(new StreamSocket($socket)), new StateReset(), 10);

        self::makeGarbage();
        self::assertTrue($idleWork->run(9));
        fwrite($engine, 'a request waits');
        self::assertFalse($idleWork->run(10));
        self::assertSame(1, gc_collect_cycles(), 'neither an early nor a busy turn collects');

        self::makeGarbage();
        self::assertTrue($idleWork->run(11));
        self::assertSame(0, gc_collect_cycles(), 'an idle turn past the interval collects');

        self::makeGarbage();
        $idleWork->run(20);
        self::assertSame(1, gc_collect_cycles(), 'the interval starts anew');
    }

    private static function makeGarbage(): void
    {
        gc_collect_cycles();
        $cycle = new stdClass();
        $cycle->self = $cycle;
    }
}

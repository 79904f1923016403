<?php

declare(strict_types=1);

namespace Vilya\Tests\State;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

/** What one request changes about the process, the next one does not see. */
final class StateResetTest extends TestCase
{
    /** @dataProvider changes */
    public function testTheNextRequestSeesTheBootState(string $change, string $state): void
    {
        $worker = WorkerProcess::ready('worker', [], [
            'VILYA_TEST_CHANGED' => 'at boot',
            'VILYA_TEST_REMOVED' => 'at boot',
            'LC_ALL' => 'C',
        ]);
        $atBoot = $worker->get("/read/$state")['body'];
        for ($round = 0; $round < 2; $round++) {
            self::assertNotSame($atBoot, $worker->get("/set-and-read?set=$change&read=$state")['body']);
            self::assertSame($atBoot, $worker->get("/read/$state")['body']);
        }
    }

    /** @return iterable<string, array{string, string}> */
    public function changes(): iterable
    {
        yield 'superglobals' => ['superglobals', 'superglobals'];
        yield 'superglobals that are gone' => ['unset-superglobals', 'superglobals'];
        yield 'handlers pushed several times' => ['handlers', 'handlers'];
        yield 'locale' => ['locale', 'locale'];
        yield 'time zone' => ['timezone', 'timezone'];
        yield 'string encoding' => ['encoding', 'encoding'];
        yield 'substitute character and detection of encodings' => ['substitute', 'substitute'];
        yield 'errors of libxml' => ['libxml', 'libxml'];
        yield 'working directory' => ['directory', 'directory'];
        yield 'umask' => ['umask', 'umask'];
        yield 'ini settings' => ['ini', 'ini'];
        yield 'environment variables' => ['environment', 'environment'];
        yield 'last error' => ['last-error', 'last-error'];
        yield 'session' => ['session', 'session'];
    }

    public function testTwoVisitorsGetTwoSessions(): void
    {
        $worker = WorkerProcess::ready('worker');
        self::assertNotSame($worker->get('/set/session')['body'], $worker->get('/set/session')['body']);
    }

    public function testStateIsPutBackAfterAnException(): void
    {
        $worker = WorkerProcess::ready('worker');
        $atBoot = $worker->get('/read/directory')['body'];
        $worker->get('/set/directory');
        $worker->get('/throw');
        self::assertSame($atBoot, $worker->get('/read/directory')['body']);
    }

    /** @dataProvider bootHandlers */
    public function testHandlersOfTheApplicationSurviveItsRequests(string $change): void
    {
        $worker = WorkerProcess::ready('worker-with-handlers');
        $atBoot = $worker->get('/read/handlers')['body'];
        self::assertSame('["handle_error","handle_exception"]', $atBoot);
        self::assertNotSame($atBoot, $worker->get("/set-and-read?set=$change&read=handlers")['body']);
        self::assertSame($atBoot, $worker->get('/read/handlers')['body']);
    }

    /** @return iterable<string, array{string}> */
    public function bootHandlers(): iterable
    {
        yield 'others pushed on top' => ['handlers'];
        yield 'popped' => ['pop-handlers'];
    }

    public function testAFileChangedByAnotherProcessIsSeen(): void
    {
        $worker = WorkerProcess::ready('worker');
        self::assertSame('1', $worker->get('/set/stat-cache')['body']);
        self::assertSame('5', $worker->get('/read/stat-cache')['body']);
    }
}

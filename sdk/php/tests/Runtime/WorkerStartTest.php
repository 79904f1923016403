<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use InvalidArgumentException;
use PHPUnit\Framework\TestCase;
use Vilya\MessagePack\Unpacker;
use Vilya\Runtime\Sdk;
use Vilya\Runtime\Worker;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;

final class WorkerStartTest extends TestCase
{
    use Codecs;

    private const FIXTURE = __DIR__ . '/../fixtures/worker.php';

    public function testRefusesAWorkerWithNothingToDo(): void
    {
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessage('Cannot create a worker: it has neither an application nor a handler');
        new Worker();
    }

    public function testPrintsItsUsageWithoutASocket(): void
    {
        [$exitCode, $stdout, $stderr] = self::runToEnd([]);
        self::assertSame(1, $exitCode);
        self::assertSame('', $stdout);
        self::assertStringContainsString('worker.php --sock PATH [--max-requests N]', $stderr);
    }

    /**
     * @dataProvider badArguments
     *
     * @param list<string> $arguments
     */
    public function testRefusesArgumentsItCannotRead(array $arguments, string $reason): void
    {
        [$exitCode, , $stderr] = self::runToEnd($arguments);
        self::assertSame(1, $exitCode);
        self::assertStringContainsString($reason, $stderr);
    }

    /** @return iterable<string, array{list<string>, string}> */
    public function badArguments(): iterable
    {
        yield 'no path' => [['--sock'], 'Cannot read --sock: it has no value'];
        yield 'empty path' => [['--sock='], 'Cannot read --sock: it has no value'];
        yield 'no count' => [['--sock=/x', '--max-requests'], 'Cannot read --max-requests: it has no value'];
        yield 'count in words' => [['--sock=/x', '--max-requests', 'many'], '"many" is no number'];
        yield 'nobody listens' => [['--sock', '/none.sock'], 'Cannot connect to the engine at /none.sock'];
    }

    public function testTakesItsOptionsWithAnEqualsSign(): void
    {
        $folder = sys_get_temp_dir() . '/vilya-sdk-' . bin2hex(random_bytes(6));
        mkdir($folder);
        $server = stream_socket_server("unix://$folder/s");
        $silence = ['file', '/dev/null', 'w'];
        $command = [PHP_BINARY, self::FIXTURE, '--max-requests=1', "--sock=$folder/s"];
        $process = proc_open($command, [1 => $silence, 2 => $silence], $pipes);
        $socket = stream_socket_accept($server, 30);
        fwrite($socket, 'NARYA1' . WorkerProcess::frame(['id' => 1, 'path' => '/']));
        self::assertSame('OK', stream_get_contents($socket, 2));
        $response = Unpacker::unpack(stream_get_contents($socket, unpack('N', stream_get_contents($socket, 4))[1]));
        self::assertTrue($response['_meta']['recycle']);
        fclose($socket);
        self::assertSame(0, proc_close($process));
        unlink("$folder/s");
        rmdir($folder);
    }

    public function testRefusesAnEngineThatSpeaksSomethingElse(): void
    {
        $worker = new WorkerProcess(self::FIXTURE);
        $worker->accept();
        $worker->sendBytes("HTTP/1.1 200 OK\r\n");
        self::assertSame(1, $worker->waitForExit());
        self::assertStringContainsString('the socket speaks another protocol', $worker->stderr());
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testSaysHelloWhereTheEngineAskedForLevelTwo(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], ['VILYA_WORKER_LEVEL' => '2'] + $codec);
        self::assertSame(
            [
                'type' => 'hello',
                'level' => 2,
                'sdk' => 'php/' . Sdk::VERSION,
                'features' => ['stop', 'stream', 'request_stream', 'body_file', 'uploads', 'trailers', 'actions'],
            ],
            $worker->receive(),
        );
        $worker->sendBytes(WorkerProcess::frame(['type' => 'welcome', 'level' => 2]));
        self::assertSame('ok', $worker->get('/')['body']);
        self::assertSame(0, $worker->closeAndWait());
    }

    /** @dataProvider disabledFunctions */
    public function testServesWhereDisableFunctionsHasWhatIsMerelyHelpful(string $names): void
    {
        $worker = WorkerProcess::ready('worker', [], [], ['disable_functions' => $names]);
        self::assertSame('ok', $worker->get('/')['body']);
        self::assertSame(0, $worker->closeAndWait());
    }

    /** @return iterable<string, array{string}> */
    public function disabledFunctions(): iterable
    {
        yield 'as Debian has it for the web' => ['pcntl_fork,pcntl_waitpid,pcntl_signal,pcntl_signal_dispatch,pcntl_async_signals'];
        yield 'ext-sockets' => ['socket_recv'];
        yield 'what a careful administrator adds' => ['set_time_limit,ini_set,putenv,error_log,posix_kill,proc_open,exec,chdir'];
    }

    public function testTakesTheFrameLimitOfTheWelcomeInBothDirections(): void
    {
        $worker = WorkerProcess::ready('worker', [], ['VILYA_WORKER_LEVEL' => '2']);
        $worker->receive();
        $worker->sendBytes(WorkerProcess::frame(['type' => 'welcome', 'level' => 2, 'frame_bytes_max' => 2_000]));
        self::assertSame(200, $worker->get('/large?bytes=1800')['status']);
        $refused = $worker->get('/large?bytes=2000');
        self::assertSame(500, $refused['status']);
        self::assertMatchesRegularExpression('/its frame has \d+ bytes, 2000 are allowed/', $refused['error']);

        $worker->sendBytes(pack('N', 2_001));
        self::assertSame(1, $worker->waitForExit());
        self::assertStringContainsString('1 to 2000 bytes are allowed', $worker->stderr());
    }

    /** @dataProvider levelsWithoutHello */
    public function testSendsNothingUnaskedToALevelOneEngine(?string $level): void
    {
        $worker = WorkerProcess::ready('worker', [], $level === null ? [] : ['VILYA_WORKER_LEVEL' => $level]);
        self::assertSame('ok', $worker->get('/')['body']);
        $worker->sendBytes(WorkerProcess::frame(['type' => 'stop']));
        self::assertTrue($worker->closesQuietly());
    }

    /** @return iterable<string, array{?string}> */
    public function levelsWithoutHello(): iterable
    {
        yield 'not told' => [null];
        yield 'one' => ['1'];
        yield 'nonsense' => ['high'];
    }

    /**
     * @param list<string> $arguments
     *
     * @return array{int, string, string}
     */
    private static function runToEnd(array $arguments): array
    {
        $command = [PHP_BINARY, self::FIXTURE, ...$arguments];
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['pipe', 'w']], $pipes);
        $stdout = stream_get_contents($pipes[1]);
        $stderr = stream_get_contents($pipes[2]);

        return [proc_close($process), $stdout, $stderr];
    }
}

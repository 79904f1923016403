<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Runtime\Failure;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;

/** What goes wrong costs the client an error page with an id, and the worker no more than it must. */
final class FailureTest extends TestCase
{
    use Codecs;

    public function testAnswersAnExceptionAndServesOn(): void
    {
        $worker = WorkerProcess::ready('worker');
        $response = $worker->get('/throw');
        $this->assertErrorPage($response);
        self::assertMatchesRegularExpression(
            '~^DomainException: two lines in \S+/handlers\.php:\d+, '
            . 'caused by LogicException: the cause in \S+/handlers\.php:\d+ \[[0-9a-f]{16}\]$~',
            $response['error'],
        );
        self::assertFalse($response['_meta']['recycle']);
        self::assertSame('ok', $worker->get('/')['body']);
        self::assertSame(0, $worker->closeAndWait());
        $errorId = substr($response['error'], -18);
        self::assertMatchesRegularExpression('~^' . preg_quote($errorId) . ' #0 .*worker\.php~m', $worker->stderr());
    }

    public function testEveryErrorHasItsOwnId(): void
    {
        $worker = WorkerProcess::ready('worker');
        self::assertNotSame($worker->get('/throw')['body'], $worker->get('/throw')['body']);
    }

    public function testCutsAMessageThatIsTooLong(): void
    {
        $response = WorkerProcess::ready('worker')->get('/throw/long');
        self::assertLessThan(Failure::MESSAGE_BYTES_MAX + 500, strlen($response['error']));
        $this->assertErrorPage($response);
    }

    /** @dataProvider survivableErrors */
    public function testSurvivesWhatPhpThrows(string $path, string $error): void
    {
        $worker = WorkerProcess::ready('worker');
        $response = $worker->get($path);
        $this->assertErrorPage($response);
        self::assertStringStartsWith($error, $response['error']);
        self::assertSame('ok', $worker->get('/')['body']);
    }

    /** @return iterable<string, array{string, string}> */
    public function survivableErrors(): iterable
    {
        yield 'a syntax error in an included file' => ['/parse-error', 'ParseError: '];
        yield 'a type error' => ['/type-error', 'TypeError: strlen()'];
    }

    /**
     * @dataProvider fatalErrors
     *
     * @param array<string, string> $codec
     * @param array<string, string> $ini
     */
    public function testAnswersAFatalErrorAndLeaves(array $codec, string $path, string $error, array $ini): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec, $ini);
        self::assertSame('ok', $worker->get('/')['body']);
        $response = $worker->get($path);
        $this->assertErrorPage($response);
        self::assertStringStartsWith("Fatal error: $error", $response['error']);
        self::assertTrue($response['_meta']['recycle']);
        self::assertSame(2, $response['_meta']['req_count']);
        self::assertTrue($worker->closesQuietly());
        $worker->close();
        self::assertSame(255, $worker->waitForExit());
        self::assertStringContainsString('shutdown hook', $worker->stdout());
    }

    /** @return iterable<string, array{array<string, string>, string, string, array<string, string>}> */
    public function fatalErrors(): iterable
    {
        foreach ($this->codecs() as $name => [$codec]) {
            yield "a class that cannot be declared, $name" => [$codec, '/compile-error', 'Class MissesItsMethod', []];
            yield "one allocation over the memory limit, $name" => [
                $codec, '/out-of-memory', 'Allowed memory size of', ['memory_limit' => '32M'],
            ];
            yield "many small allocations over the memory limit, $name" => [
                $codec, '/out-of-memory/slowly', 'Allowed memory size of', ['memory_limit' => '32M'],
            ];
            yield "a request over the time limit, $name" => [
                $codec, '/spin', 'Maximum execution time of 1 second exceeded', ['max_execution_time' => '1'],
            ];
            yield "an error the application raised, $name" => [$codec, '/trigger-error', 'the application gave up', []];
        }
    }

    /**
     * @dataProvider exits
     *
     * @param array<string, string> $codec
     */
    public function testAnswersAnExitWithWhatWasPrinted(array $codec, string $path, string $body, int $exitCode): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        $response = $worker->get($path);
        self::assertSame(
            [200, ['Content-Type' => ['text/html; charset=UTF-8']], $body, ''],
            [$response['status'], $response['headers'], $response['body'], $response['error']],
        );
        self::assertTrue($response['_meta']['recycle']);
        $worker->close();
        self::assertSame($exitCode, $worker->waitForExit());
        self::assertSame("shutdown hook\n", $worker->stdout());
    }

    /** @return iterable<string, array{array<string, string>, string, string, int}> */
    public function exits(): iterable
    {
        foreach ($this->codecs() as $name => [$codec]) {
            yield "bare, $name" => [$codec, '/exit', '', 0];
            yield "with a code, $name" => [$codec, '/exit/code', '', 3];
            yield "with a text, $name" => [$codec, '/exit/text', 'printed, and said', 0];
            yield "inside nested buffers, $name" => [$codec, '/exit/nested', 'outer inner LOUD', 0];
            yield "after a mere warning, $name" => [$codec, '/exit/after-warning', 'fine', 0];
        }
    }

    public function testRefusesToAnswerWithPartOfWhatWasPrinted(): void
    {
        $worker = WorkerProcess::ready('worker');
        $response = $worker->get('/exit/much');
        $this->assertErrorPage($response);
        self::assertStringContainsString('Cannot answer with what was printed before exit()', $response['error']);
        $worker->closeAndWait();
        self::assertSame(3_000_000, substr_count($worker->stdout(), 'x'));
    }

    public function testLeavesRequestsWrittenAheadUntouchedAfterAnExit(): void
    {
        $worker = WorkerProcess::ready('worker');
        $worker->sendBytes(
            WorkerProcess::frame($worker->request('/exit/text'))
            . str_repeat(WorkerProcess::frame($worker->request('/print?text=never')), 200),
        );
        self::assertSame('printed, and said', $worker->receive()['body']);
        self::assertTrue($worker->closesQuietly());
        $worker->closeAndWait();
        self::assertStringNotContainsString('never', $worker->stdout());
    }

    public function testAForkedChildDoesNotAnswerForItsParent(): void
    {
        if (!extension_loaded('pcntl')) {
            self::markTestSkipped('ext-pcntl is not loaded: nothing can fork');
        }
        $worker = WorkerProcess::ready('worker');
        self::assertSame('parent', $worker->get('/fork')['body']);
        self::assertSame('ok', $worker->get('/')['body']);
    }

    /** @param array<string, mixed> $response */
    private function assertErrorPage(array $response): void
    {
        self::assertSame(500, $response['status']);
        self::assertSame(['Content-Type' => ['text/plain; charset=UTF-8']], $response['headers']);
        self::assertMatchesRegularExpression('/^Internal Server Error\nError id: [0-9a-f]{16}\n$/', $response['body']);
        self::assertStringEndsWith('[' . substr($response['body'], -17, 16) . ']', $response['error']);
    }
}

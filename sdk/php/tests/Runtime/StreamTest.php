<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;

/** What an engine sees of bodies that come into being. */
final class StreamTest extends TestCase
{
    use Codecs;

    private const CREDIT_BYTES = 1_000_000;

    /** @dataProvider bodies */
    public function testSendsAHeadThenChunksThenAnEnd(string $path, array $chunks): void
    {
        $worker = self::streaming();
        [$head, $bodies, $end] = $this->exchange($worker, $path);
        self::assertSame(203, $head['status']);
        self::assertSame(['Content-Type' => ['text/plain']], $head['headers']);
        self::assertSame($chunks, $bodies);
        self::assertSame('', $end['error']);
        self::assertSame(1, $end['_meta']['req_count']);
        self::assertSame('ok', $worker->get('/')['body']);
    }

    /** @return iterable<string, array{string, list<string>}> */
    public function bodies(): iterable
    {
        yield 'a generator, each part at once' => ['/generator', ['one', 'two']];
        yield 'an iterator' => ['/iterator', ['a', 'b']];
        yield 'a closure, gathered up to its flushes' => ['/closure', ['small writes', 'the rest']];
        yield 'a closure that yields' => ['/generator-closure', ['lazy']];
        yield 'a large write in frames of a bounded size' => ['/large', array_merge(
            array_fill(0, 4, str_repeat('x', 65_536)),
            [str_repeat('x', 300_000 - 4 * 65_536)],
        )];
    }

    public function testSendsABodyInPartsThatDoesNotFitAFrame(): void
    {
        $worker = self::streaming();
        self::assertSame((1 << 20) - 64 * 1024, strlen($worker->get('/whole')['body']));
        [$head, $bodies, $end] = $this->exchange($worker, '/too-large-for-a-frame');
        $length = (1 << 20) - 64 * 1024 + 1;
        self::assertSame(['Content-Type' => ['text/plain'], 'Content-Length' => [(string) $length]], $head['headers']);
        self::assertSame($length, strlen(implode('', $bodies)));
        self::assertSame('', $end['error']);
    }

    public function testSendsTrailersWithItsEnd(): void
    {
        [, $bodies, $end] = $this->exchange(self::streaming(), '/trailers');
        self::assertSame(['rows'], $bodies);
        self::assertSame(['X-Rows' => ['1', '2'], 'X-Sum' => ['abc']], $end['trailers']);
        [, , $end] = $this->exchange(self::streaming(), '/closure');
        self::assertArrayNotHasKey('trailers', $end);
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $environment
     */
    public function testKeepsToItsCreditAndWaitsForMore(array $environment): void
    {
        $worker = self::streaming($environment);
        $id = self::ask($worker, '/large');
        self::assertSame('head', $worker->receive()['type']);
        $byteCount = 0;
        foreach ([1, 99_999, 0, 200_000] as $creditBytes) {
            self::say($worker, ['type' => 'credit', 'id' => $id, 'bytes' => $creditBytes]);
            for ($expected = $byteCount + $creditBytes; $byteCount < $expected;) {
                $byteCount += strlen($worker->receive()['body']);
            }
            self::assertSame($expected, $byteCount);
        }
        self::assertSame('end', $worker->receive()['type']);
    }

    public function testDropsTheRequestsThatWereWrittenAheadAndKeepsTheOthers(): void
    {
        $worker = self::streaming();
        $id = self::ask($worker, '/large');
        self::ask($worker, '/taken-back');
        self::say($worker, ['type' => 'credit', 'id' => $id, 'bytes' => 1]);
        $kept = self::ask($worker, '/');
        self::say($worker, ['type' => 'credit', 'id' => $id, 'bytes' => 299_999]);
        do {
            $part = $worker->receive();
        } while ($part['type'] !== 'end');
        $response = $worker->receive();
        self::assertSame([$kept, 'ok'], [$response['id'], $response['body']]);
    }

    /** @dataProvider cancelled */
    public function testEndsABodyWhoseClientHasLeft(string $path, string $printed): void
    {
        $worker = self::streaming();
        $id = self::ask($worker, $path);
        self::assertSame('head', $worker->receive()['type']);
        self::say($worker, ['type' => 'credit', 'id' => $id, 'bytes' => 100]);
        self::assertSame('chunk', $worker->receive()['type']);
        self::say($worker, ['type' => 'cancel', 'id' => $id]);
        do {
            $part = $worker->receive();
        } while ($part['type'] === 'chunk');
        self::assertSame(['end', ''], [$part['type'], $part['error']]);
        self::assertSame('ok', $worker->get('/')['body']);
        self::assertSame($printed, $worker->stdout());
    }

    /** @return iterable<string, array{string, string}> */
    public function cancelled(): iterable
    {
        yield 'a generator, by an exception' => ['/told', "told\nlet go\n"];
        yield 'a closure, by what it asks' => ['/looks', "looked\n"];
    }

    public function testRunsNoBodyThatNobodyReads(): void
    {
        $worker = self::streaming();
        $id = self::ask($worker, '/told');
        self::assertSame('head', $worker->receive()['type']);
        self::say($worker, ['type' => 'cancel', 'id' => $id]);
        self::assertSame('end', $worker->receive()['type']);
        self::assertSame('ok', $worker->get('/')['body']);
        self::assertSame('', $worker->stdout());
    }

    /** @dataProvider failures */
    public function testSaysWhyABodyIsIncomplete(string $path, array $chunks, string $error): void
    {
        $worker = self::streaming();
        [, $bodies, $end] = $this->exchange($worker, $path);
        self::assertSame($chunks, $bodies);
        self::assertStringContainsString($error, $end['error']);
    }

    /** @return iterable<string, array{string, list<string>, string}> */
    public function failures(): iterable
    {
        yield 'an exception' => ['/throw', ['part'], 'DomainException: broken off'];
        yield 'a part that is no string' => ['/bad-part', [], 'a part of its body is int, strings are allowed'];
        yield 'a trailer that belongs into the head' => ['/bad-trailer', [], 'Cannot send the trailer Set-Cookie'];
        yield 'a fatal error' => ['/fatal', ['part'], 'Fatal error: gave up'];
    }

    public function testEndsTheBodyWhereTheProcessExits(): void
    {
        $worker = self::streaming();
        [, $bodies, $end] = $this->exchange($worker, '/exit');
        self::assertSame(['last words'], $bodies);
        self::assertSame('', $end['error']);
        self::assertTrue($end['_meta']['recycle']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertStringContainsString("to the log\n", $worker->stdout());
    }

    public function testSendsEarlyHintsAheadOfTheResponse(): void
    {
        $worker = self::streaming();
        $id = self::ask($worker, '/hints');
        self::assertSame(
            ['type' => 'interim', 'id' => $id, 'status' => 103, 'headers' => ['Link' => ['</a.css>; rel=preload']]],
            $worker->receive(),
        );
        self::assertSame('sent', $worker->receive()['body']);
    }

    public function testCollectsTheBodyForAnEngineThatTakesWholeResponses(): void
    {
        $worker = WorkerProcess::ready('streams');
        $response = $worker->get('/generator');
        self::assertSame([203, 'onetwo'], [$response['status'], $response['body']]);
        self::assertSame('not sent', $worker->get('/hints')['body']);
        self::assertSame(500, $worker->get('/throw')['status']);
        self::assertStringContainsString('takes no streams', $worker->get('/told')['error']);
    }

    public function testSendsEvents(): void
    {
        [$head, $bodies] = $this->exchange(self::streaming(), '/events');
        self::assertSame(
            ['X-Extra' => ['yes'], 'Content-Type' => ['text/event-stream'], 'Cache-Control' => ['no-store']],
            $head['headers'],
        );
        self::assertSame(["data: plain\n\n", "event: tick\nid: 7\ndata: named\n\n"], $bodies);
    }

    public function testTheExampleAnswersOnThePathsItNames(): void
    {
        $worker = new WorkerProcess(__DIR__ . '/../../../../examples/php/stream.php');
        $worker->greet();
        self::assertStringContainsString('new EventSource("/events")', $worker->get('/')['body']);
        $rows = $worker->get('/rows?count=2');
        self::assertSame(['text/csv'], $rows['headers']['Content-Type']);
        self::assertSame('0,' . md5('0') . "\n1," . md5('1') . "\n", $rows['body']);
        self::assertSame(404, $worker->get('/nothing')['status']);
    }

    /** @param array<string, string> $environment */
    private static function streaming(array $environment = []): WorkerProcess
    {
        $worker = WorkerProcess::ready('streams', [], ['VILYA_WORKER_LEVEL' => '2'] + $environment);
        self::assertContains('stream', $worker->receive()['features']);
        self::say($worker, ['type' => 'welcome', 'level' => 2, 'frame_bytes_max' => 1 << 20, 'stream_credit' => 1]);

        return $worker;
    }

    /** @return array{array<string, mixed>, list<string>, array<string, mixed>} head, chunks, end */
    private function exchange(WorkerProcess $worker, string $path): array
    {
        $id = self::ask($worker, $path);
        $head = $worker->receive();
        self::assertSame(['head', $id], [$head['type'], $head['id']]);
        self::say($worker, ['type' => 'credit', 'id' => $id, 'bytes' => self::CREDIT_BYTES]);
        $bodies = [];
        while (($part = $worker->receive())['type'] === 'chunk') {
            $bodies[] = $part['body'];
        }
        self::assertSame(['end', $id], [$part['type'], $part['id']]);

        return [$head, $bodies, $part];
    }

    private static function ask(WorkerProcess $worker, string $path): int
    {
        $request = $worker->request($path);
        self::say($worker, $request);

        return $request['id'];
    }

    /** @param array<string, mixed> $message */
    private static function say(WorkerProcess $worker, array $message): void
    {
        $worker->sendBytes(WorkerProcess::frame($message));
    }
}

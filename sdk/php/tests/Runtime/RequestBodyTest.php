<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\RequestBody;
use Vilya\Runtime\StoredBody;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;

/** What handlers see of bodies as strings, in files, and in parts. */
final class RequestBodyTest extends TestCase
{
    use Codecs;

    private const WINDOW_BYTES = 10;

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $environment
     */
    public function testReadsABodyInPartsAsItComes(array $environment): void
    {
        $worker = self::ready($environment);
        $id = self::ask($worker, '/parts');
        self::say($worker, ['type' => 'body', 'id' => $id, 'body' => "a\xff"]);
        self::say($worker, ['type' => 'body', 'id' => $id, 'body' => '3456']);
        self::assertSame(['type' => 'credit', 'id' => $id, 'bytes' => 6], self::creditOf($worker));
        self::say($worker, ['type' => 'body_end', 'id' => $id]);
        self::assertSame("a\xff3456", str_replace('|', '', $worker->receive()['body']));
    }

    public function testReadsBitByBitWhateverTheParts(): void
    {
        $worker = self::ready();
        $id = self::ask($worker, '/read', ['body', 'abc'], ['body_end']);
        self::assertSame([$id, 'ab|c|'], self::answer($worker));
    }

    public function testGivesTheBodyAsOneStringUpToALimit(): void
    {
        $worker = self::ready();
        self::ask($worker, '/contents', ['body', 'abcd'], ['body_end']);
        self::assertSame('abcd', self::answer($worker)[1]);
        $id = self::ask($worker, '/limited', ['body', 'abcd']);
        $response = $worker->receive();
        self::assertSame([$id, 500], [$response['id'], $response['status']]);
        self::assertStringContainsString('longer than 3 bytes', $response['error']);
    }

    public function testGivesTheTrailersBehindTheEnd(): void
    {
        $worker = self::ready();
        $id = self::ask($worker, '/trailers');
        self::say($worker, ['type' => 'body_end', 'id' => $id, 'trailers' => ['X-Sum' => ['1', '2']]]);
        self::assertSame('[{"X-Sum":["1","2"]},true]', $worker->receive()['body']);
    }

    public function testABrokenOffBodyEndsItsHandlerWithoutAnError(): void
    {
        $worker = self::ready();
        $id = self::ask($worker, '/contents', ['body', 'abc'], ['body_abort']);
        $response = $worker->receive();
        self::assertSame([$id, 400, ''], [$response['id'], $response['status'], $response['error']]);
        self::ask($worker, '/caught', ['body_abort']);
        self::assertStringContainsString('broken off', $worker->receive()['body']);
    }

    public function testAHandlerMayAnswerWithoutReading(): void
    {
        $worker = self::ready();
        $id = self::ask($worker, '/unread', ['body', 'abc']);
        self::assertSame([$id, 'not needed'], self::answer($worker));
        self::say($worker, ['type' => 'body', 'id' => $id, 'body' => 'late']);
        self::say($worker, ['type' => 'body_abort', 'id' => $id]);
        self::ask($worker, '/contents', ['body', 'next'], ['body_end']);
        self::assertSame('next', self::answer($worker)[1]);
    }

    public function testReadsWhileItAnswers(): void
    {
        $worker = self::ready();
        $id = self::ask($worker, '/echo', ['body', 'one']);
        self::assertSame('head', $worker->receive()['type']);
        self::say($worker, ['type' => 'credit', 'id' => $id, 'bytes' => 1_000]);
        self::assertSame('one', $worker->receive()['body']);
        self::say($worker, ['type' => 'body', 'id' => $id, 'body' => 'two']);
        self::assertSame('credit', $worker->receive()['type']);
        self::assertSame('two', $worker->receive()['body']);
        self::say($worker, ['type' => 'body_end', 'id' => $id]);
        self::assertSame('end', $worker->receive()['type']);
    }

    public function testServesARequestThatCameMeanwhile(): void
    {
        $worker = self::ready();
        $id = self::ask($worker, '/contents', ['body', 'first']);
        $next = self::ask($worker, '/unread');
        self::say($worker, ['type' => 'body_end', 'id' => $id]);
        self::assertSame([$id, 'first'], self::answer($worker));
        self::assertSame([$next, 'not needed'], self::answer($worker));
    }

    public function testABodyInAFileIsAStringUnlessTheWorkerTakesFiles(): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'vilya-body-');
        file_put_contents($path, str_repeat('x', 200_000));
        try {
            $worker = self::ready();
            $keys = json_decode($worker->get('/keys', ['body_file' => $path])['body'], true);
            self::assertSame([str_repeat('x', 200_000), null, 'null'], array_values($keys));
            $worker = self::ready(['BODY_FILES' => '1']);
            $keys = json_decode($worker->get('/keys', ['body_file' => $path])['body'], true);
            self::assertSame(['', $path, 'null'], array_values($keys));
            self::assertSame(200_000, strlen($worker->get('/contents', ['body_file' => $path])['body']));
        } finally {
            unlink($path);
        }
        self::assertSame(500, $worker->get('/contents', ['body_file' => $path])['status']);
    }

    public function testABodyByValueReadsTheSameWay(): void
    {
        $worker = self::ready();
        self::assertSame('abc', $worker->get('/contents', ['body' => 'abc'])['body']);
        self::assertSame('ab|c|', $worker->get('/read', ['body' => 'abc'])['body']);
        self::assertSame('', $worker->get('/contents')['body']);
    }

    public function testCopiesItselfToAStream(): void
    {
        $stream = fopen('php://memory', 'w+b');
        self::assertSame(3, (new RequestBody(StoredBody::ofString('abc')))->copyTo($stream));
        rewind($stream);
        self::assertSame('abc', stream_get_contents($stream));
    }

    /** @param array<string, string> $environment */
    private static function ready(array $environment = []): WorkerProcess
    {
        $worker = WorkerProcess::ready('bodies', [], ['VILYA_WORKER_LEVEL' => '2'] + $environment);
        self::assertContains('request_stream', $worker->receive()['features']);
        self::say($worker, [
            'type' => 'welcome',
            'level' => 2,
            'frame_bytes_max' => 1 << 20,
            'stream_credit' => self::WINDOW_BYTES,
        ]);

        return $worker;
    }

    /** @param list<string> $parts type and body of each part that follows at once */
    private static function ask(WorkerProcess $worker, string $path, array ...$parts): int
    {
        $request = $worker->request($path, ['method' => 'POST', 'body_stream' => true]);
        $bytes = WorkerProcess::frame($request);
        foreach ($parts as $part) {
            $frame = ['type' => $part[0], 'id' => $request['id']] + (isset($part[1]) ? ['body' => $part[1]] : []);
            $bytes .= WorkerProcess::frame($frame);
        }
        $worker->sendBytes($bytes);

        return $request['id'];
    }

    /** @return array<string, mixed> all credit until five bytes or more were given, as one */
    private static function creditOf(WorkerProcess $worker): array
    {
        $credit = $worker->receive();
        while ($credit['bytes'] < 5) {
            $credit['bytes'] += $worker->receive()['bytes'];
        }

        return $credit;
    }

    /** @return array{int, string} id and body, past the credit before it */
    private static function answer(WorkerProcess $worker): array
    {
        while (($message = $worker->receive()) && ($message['type'] ?? null) === 'credit') {
            continue;
        }

        return [$message['id'], $message['body']];
    }

    /** @param array<string, mixed> $message */
    private static function say(WorkerProcess $worker, array $message): void
    {
        $worker->sendBytes(WorkerProcess::frame($message));
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use LogicException;
use PHPUnit\Framework\TestCase;
use Vilya\MessagePack\Packer;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;
use Vilya\WebSocket;

/** The events of WebSockets, each with both codecs. */
final class WebSocketTest extends TestCase
{
    use Codecs;

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $environment
     */
    public function testAcceptsWithWhatItChooses(array $environment): void
    {
        $worker = self::worker($environment);
        $answer = self::open($worker, '/chat?v2', ['v1', 'v2']);
        self::assertSame(['done', '', 'v2', ''], [$answer['type'], $answer['error'], $answer['protocol'], $answer['state']]);
        self::assertSame(['X-Host' => ['localhost']], $answer['headers']);
        self::assertSame([['do' => 'subscribe', 'topic' => 'lobby']], $answer['actions']);
        self::assertSame(1, $answer['_meta']['req_count']);
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $environment
     */
    public function testRefusesWithAResponse(array $environment): void
    {
        $answer = self::open(self::worker($environment), '/refused', []);
        self::assertSame([403, ['X-Why' => ['asked']], 'id 1'], [$answer['status'], $answer['headers'], $answer['body']]);
        self::assertArrayNotHasKey('type', $answer);
    }

    public function testFailsAnOpenWithAProtocolThatWasNotOffered(): void
    {
        $answer = self::open(self::worker([]), '/chat?v3', ['v1']);
        self::assertStringContainsString('its protocol was not offered', $answer['error']);
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $environment
     */
    public function testAnswersMessagesWithWhatTheHandlerDoes(array $environment): void
    {
        $worker = self::worker($environment);
        self::assertSame([
            ['do' => 'send', 'data' => 'text', 'binary' => false],
            ['do' => 'send', 'data' => "\xff", 'binary' => true],
            ['do' => 'send', 'socket' => 'other', 'data' => 'hello', 'binary' => false],
        ], self::message($worker, 'send')['actions']);
        self::assertSame([
            ['do' => 'subscribe', 'topic' => 'a'],
            ['do' => 'unsubscribe', 'topic' => 'b'],
            ['do' => 'publish', 'topic' => 'a', 'data' => 'to others', 'binary' => false, 'except' => 's-1'],
            ['do' => 'publish', 'topic' => 'a', 'data' => 'to all', 'binary' => false],
        ], self::message($worker, 'topics')['actions']);
        self::assertSame([
            ['do' => 'close', 'code' => 4000, 'reason' => 'bye'],
            ['do' => 'close', 'socket' => 'other', 'code' => 1000, 'reason' => ''],
        ], self::message($worker, 'close')['actions']);
        self::assertSame(
            [['do' => 'send', 'data' => 's-1 /chat v2', 'binary' => false]],
            self::message($worker, 'tell')['actions'],
        );
        self::assertSame(
            [['do' => 'send', 'data' => "\x00\xfe", 'binary' => true]],
            self::message($worker, "\xfe\x00", ['binary' => true])['actions'],
        );
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $environment
     */
    public function testCarriesTheStateFromEventToEvent(array $environment): void
    {
        $worker = self::worker($environment);
        $first = self::message($worker, 'count')['state'];
        $second = self::message($worker, 'count', ['state' => $first])['state'];
        self::assertSame(Packer::pack(['count' => 2]), $second);
        $large = self::message($worker, 'hoard');
        self::assertStringContainsString('has 5003 bytes, 4096 are allowed', $large['error']);
    }

    /**
     * @dataProvider failures
     */
    public function testAFailedHandlerDoesNothing(string $message, string $error): void
    {
        $worker = self::worker([]);
        $answer = self::message($worker, $message);
        self::assertStringContainsString($error, $answer['error']);
        self::assertArrayNotHasKey('actions', $answer);
        self::assertSame([], array_filter(self::message($worker, 'count')['actions']), 'nothing is left over');
    }

    /** @return iterable<string, array{string, string}> */
    public function failures(): iterable
    {
        yield 'an exception' => ['throw', 'DomainException: broken'];
        yield 'text that is not UTF-8' => ['bad text', 'its text is not UTF-8'];
        yield 'a topic without a name' => ['bad topic', 'its name is empty'];
        yield 'a message nobody handles' => ['unknown', 'Value of type null is not callable'];
    }

    public function testTellsOfTheEnd(): void
    {
        $worker = self::worker([]);
        $close = self::event('ws_close') + ['code' => 1006, 'reason' => 'gone', 'clean' => false];
        self::assertSame('1006 gone lost', self::ask($worker, $close)['actions'][0]['data']);
    }

    public function testPublishesFromARequestAtOnce(): void
    {
        $worker = self::worker([]);
        $request = $worker->request('/now');
        $worker->sendBytes(WorkerProcess::frame($request));
        $action = ['do' => 'publish', 'topic' => 'news', 'data' => '/now', 'binary' => false];
        self::assertSame(['type' => 'actions', 'actions' => [$action]], $worker->receive());
        self::assertSame('published', $worker->receive()['body']);
    }

    public function testAnEngineThatTakesNoActionsFailsTheRequest(): void
    {
        $worker = WorkerProcess::ready('websocket');
        self::assertStringContainsString('this engine takes no actions', $worker->get('/now')['error']);
    }

    public function testAnswersAnEventThatEndsTheProcess(): void
    {
        $worker = self::worker([]);
        self::assertSame(200, self::message($worker, 'exit')['status']);
        self::assertSame(0, $worker->closeAndWait());
    }

    public function testNeedsAWorker(): void
    {
        $this->expectException(LogicException::class);
        WebSocket::publish('a', 'b');
    }

    /** @param array<string, string> $environment */
    private static function worker(array $environment): WorkerProcess
    {
        $worker = WorkerProcess::ready('websocket', [], ['VILYA_WORKER_LEVEL' => '2'] + $environment);
        $features = $worker->receive()['features'];
        self::assertSame(['actions', 'websocket'], array_slice($features, -2));
        $worker->sendBytes(WorkerProcess::frame([
            'type' => 'welcome',
            'level' => 2,
            'frame_bytes_max' => 1 << 20,
            'stream_credit' => 1,
            'features' => ['stream', 'actions', 'websocket'],
        ]));

        return $worker;
    }

    /**
     * @param list<string> $protocols
     *
     * @return array<string, mixed>
     */
    private static function open(WorkerProcess $worker, string $path, array $protocols): array
    {
        $request = $worker->request($path, ['id' => 0, 'worker_id' => 0]);
        $event = self::event('ws_open') + ['protocols' => $protocols, 'request' => $request];

        return self::ask($worker, $event);
    }

    /**
     * @param array<string, mixed> $changes
     *
     * @return array<string, mixed>
     */
    private static function message(WorkerProcess $worker, string $data, array $changes = []): array
    {
        return self::ask($worker, $changes + self::event('ws_message') + ['data' => $data, 'binary' => false]);
    }

    /** @return array<string, mixed> */
    private static function event(string $type): array
    {
        $memory = $type === 'ws_open' ? [] : ['path' => '/chat', 'protocol' => 'v2', 'state' => ''];

        return ['id' => 1, 'worker_id' => 7, 'timeout_ms' => 1000, 'type' => $type, 'socket' => 's-1'] + $memory;
    }

    /**
     * @param array<string, mixed> $event
     *
     * @return array<string, mixed>
     */
    private static function ask(WorkerProcess $worker, array $event): array
    {
        $worker->sendBytes(WorkerProcess::frame($event));

        return $worker->receive();
    }
}

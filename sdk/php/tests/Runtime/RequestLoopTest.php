<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\MessagePack\Packer;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;

final class RequestLoopTest extends TestCase
{
    use Codecs;

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testHandsTheWholeRequestToTheHandler(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        $request = $worker->request('/echo?a=1&b=%20', ['method' => 'POST', 'body' => "\x00\xff bytes"]);
        $worker->sendBytes(WorkerProcess::frame($request));
        $seen = json_decode($worker->receive()['body'], true);
        self::assertEquals(['body' => base64_encode($request['body'])] + $request, $seen);
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testTakesTheKeysInAnyOrderAndAnEmptyHeaderMapAsAnArray(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        $worker->sendBytes(self::rawFrame(
            "\x85" . Packer::pack('body') . "\xc4\x02hi" . Packer::pack('headers') . "\x80"
            . Packer::pack('path') . Packer::pack('/echo') . Packer::pack('id') . "\xcf\0\0\0\0\0\0\0\x09"
            . Packer::pack('query') . Packer::pack(''),
        ));
        $response = $worker->receive();
        self::assertSame(9, $response['id']);
        self::assertSame('{"body":"aGk=","headers":[],"path":"/echo","id":9,"query":""}', $response['body']);
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testKeepsBinaryBodiesBothWays(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        $body = implode('', array_map(chr(...), range(0, 255)));
        self::assertSame($body, $worker->get('/body', ['body' => $body])['body']);
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testReturnsAnIdBeyondTheSignedRange(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        foreach (['8000000000000000', 'ffffffffffffffff'] as $hex) {
            $request = "\x82" . Packer::pack('path') . Packer::pack('/') . Packer::pack('id') . "\xcf" . hex2bin($hex);
            $worker->sendBytes(self::rawFrame($request));
            $length = unpack('N', $worker->receiveBytes(4))[1];
            $head = "\x86" . Packer::pack('id') . "\xcf" . hex2bin($hex) . Packer::pack('status') . "\xcc\xc8";
            self::assertStringStartsWith(bin2hex($head), bin2hex($worker->receiveBytes($length)));
        }
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testServesRequestsWrittenAheadInTheirOrder(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        $batch = '';
        for ($i = 1; $i <= 50; $i++) {
            $batch .= WorkerProcess::frame($worker->request('/body', ['id' => $i, 'body' => "request $i"]));
        }
        $worker->sendBytes($batch);
        for ($i = 1; $i <= 50; $i++) {
            $response = $worker->receive();
            self::assertSame([$i, "request $i"], [$response['id'], $response['body']]);
        }
    }

    public function testAFinishedResponseDoesNotWaitForTheRequestBehindIt(): void
    {
        $worker = WorkerProcess::ready('worker');
        $file = $worker->folder() . '/go-on';
        $worker->sendBytes(
            WorkerProcess::frame($worker->request('/body', ['body' => 'fast']))
            . WorkerProcess::frame($worker->request('/wait-for-file?file=' . urlencode($file))),
        );
        self::assertSame('fast', $worker->receive()['body']);
        touch($file);
        self::assertSame('the file came', $worker->receive()['body']);
    }

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testServesARequestThatArrivesByteByByte(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        $frame = WorkerProcess::frame($worker->request('/body', ['body' => 'dribbled']));
        foreach (str_split($frame . $frame) as $byte) {
            $worker->sendBytes($byte);
        }
        self::assertSame('dribbled', $worker->receive()['body']);
        self::assertSame('dribbled', $worker->receive()['body']);
    }

    public function testCarriesLargeBodiesThroughAFullSocket(): void
    {
        $worker = WorkerProcess::ready('worker');
        $body = random_bytes(1 << 20) . str_repeat('x', 4 << 20);
        self::assertTrue($worker->get('/body', ['body' => $body])['body'] === $body);
        self::assertSame('ok', $worker->get('/')['body']);
    }

    public function testAnswersInsteadOfSendingAFrameOverTheLimit(): void
    {
        $worker = WorkerProcess::ready('worker');
        $response = $worker->get('/large?bytes=' . (10 << 20));
        self::assertSame(500, $response['status']);
        self::assertStringContainsString('are allowed', $response['error']);
        self::assertSame('ok', $worker->get('/')['body']);
    }

    public function testLeavesWhenTheEngineCloses(): void
    {
        $worker = WorkerProcess::ready('worker');
        self::assertSame('ok', $worker->get('/')['body']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame("shutdown hook\n", $worker->stdout());
    }

    public function testLeavesWhenToldToStop(): void
    {
        $worker = WorkerProcess::ready('worker');
        $worker->sendBytes(
            WorkerProcess::frame($worker->request('/')) . WorkerProcess::frame(['type' => 'stop', 'grace_ms' => 5]),
        );
        self::assertSame('ok', $worker->receive()['body']);
        self::assertSame(0, $worker->waitForExit());
        self::assertSame("shutdown hook\n", $worker->stdout());
        self::assertStringContainsString(
            'Cannot run a shutdown hook: RuntimeException: the first hook fails',
            $worker->stderr(),
        );
    }

    public function testLeavesWhenTheEngineIsGoneByTheTimeItAnswers(): void
    {
        $worker = WorkerProcess::ready('worker');
        $file = $worker->folder() . '/go-on';
        $worker->sendBytes(WorkerProcess::frame($worker->request('/wait-for-file?file=' . urlencode($file))));
        $worker->waitUntil(static fn (): bool => $worker->stdout() !== '');
        $worker->close();
        touch($file);
        self::assertSame(1, $worker->waitForExit());
        self::assertStringContainsString('Cannot send a frame: the engine closed the socket', $worker->stderr());
        self::assertSame("waiting\nshutdown hook\n", $worker->stdout());
    }

    public function testPassesOverFramesItDoesNotKnow(): void
    {
        $worker = WorkerProcess::ready('worker');
        $worker->sendBytes(WorkerProcess::frame(['type' => 'weather', 'sky' => 'blue']));
        self::assertSame('ok', $worker->get('/', ['type' => 'request'])['body']);
        self::assertSame('ok', $worker->get('/')['body']);
    }

    /**
     * @dataProvider fatalBytes
     *
     * @param array<string, string> $codec
     */
    public function testDiesWithAMessageOnBytesThatMakeNoSense(array $codec, string $bytes, string $reason): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec);
        $worker->sendBytes($bytes);
        $worker->close();
        self::assertSame(1, $worker->waitForExit());
        self::assertStringContainsString($reason, $worker->stderr());
        self::assertSame("shutdown hook\n", $worker->stdout());
    }

    /** @return iterable<string, array{array<string, string>, string, string}> */
    public function fatalBytes(): iterable
    {
        $cases = [
            'empty frame' => [pack('N', 0), 'Cannot read a frame of 0 bytes'],
            'frame over the limit' => [pack('N', (10 << 20) + 1), 'Cannot read a frame of 10485761 bytes'],
            'half a frame' => [pack('N', 10) . 'abc', 'the engine closed the socket in the middle of it'],
            'half a length' => ["\0\0", 'the engine closed the socket in the middle of it'],
            'garbage' => [self::rawFrame("\xc1\xc1\xc1"), 'Cannot'],
            'truncated map' => [self::rawFrame("\x82\xa1a"), 'Cannot'],
            'a list' => [self::rawFrame("\x91\x01"), 'Cannot'],
            'a string' => [self::rawFrame("\xa2hi"), 'no MessagePack map, one map is required'],
            'a request without id' => [self::rawFrame(Packer::pack(['path' => '/'])), 'it has no id'],
        ];
        foreach ($this->codecs() as $codecName => [$codec]) {
            foreach ($cases as $name => [$bytes, $reason]) {
                yield "$name, $codecName" => [$codec, $bytes, $reason];
            }
        }
    }

    private static function rawFrame(string $payload): string
    {
        return pack('N', strlen($payload)) . $payload;
    }
}

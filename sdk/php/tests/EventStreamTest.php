<?php

declare(strict_types=1);

namespace Vilya\Tests;

use Closure;
use InvalidArgumentException;
use PHPUnit\Framework\TestCase;
use Vilya\EventStream;
use Vilya\Runtime\CollectedBody;
use Vilya\Runtime\Stream;

final class EventStreamTest extends TestCase
{
    /**
     * @dataProvider events
     *
     * @param Closure(EventStream): void $send
     */
    public function testWritesWhatBrowsersRead(Closure $send, string $expected): void
    {
        $body = new CollectedBody(1_000);
        $send(new EventStream(new Stream($body)));
        self::assertSame($expected, $body->bytes());
    }

    /** @return iterable<string, array{Closure(EventStream): void, string}> */
    public function events(): iterable
    {
        yield 'data' => [static fn (EventStream $e) => $e->send('a'), "data: a\n\n"];
        yield 'no data' => [static fn (EventStream $e) => $e->send(''), "data: \n\n"];
        yield 'lines of every kind' => [
            static fn (EventStream $e) => $e->send("a\r\nb\rc\n\nd\n"),
            "data: a\ndata: b\ndata: c\ndata: \ndata: d\ndata: \n\n",
        ];
        yield 'every field' => [
            static fn (EventStream $e) => $e->send('a', event: 'b', id: 'c', retryMs: 5),
            "event: b\nid: c\nretry: 5\ndata: a\n\n",
        ];
        yield 'an id that is taken back' => [static fn (EventStream $e) => $e->send('a', id: ''), "id: \ndata: a\n\n"];
        yield 'a heartbeat' => [static fn (EventStream $e) => $e->comment(), ": \n\n"];
        yield 'a comment of two lines' => [static fn (EventStream $e) => $e->comment("a\ndata: b"), ": a\n: data: b\n\n"];
    }

    /**
     * @dataProvider refused
     *
     * @param Closure(EventStream): void $send
     */
    public function testRefusesWhatWouldBeAnotherField(Closure $send): void
    {
        $body = new CollectedBody(1_000);
        try {
            $send(new EventStream(new Stream($body)));
            self::fail('It was sent');
        } catch (InvalidArgumentException $exception) {
            self::assertStringContainsString('holds a line break or NUL', $exception->getMessage());
        }
        self::assertSame('', $body->bytes());
    }

    /** @return iterable<string, array{Closure(EventStream): void}> */
    public function refused(): iterable
    {
        yield 'a line break in the type' => [static fn (EventStream $e) => $e->send('a', event: "b\ndata: c")];
        yield 'a carriage return in the id' => [static fn (EventStream $e) => $e->send('a', id: "b\r")];
        yield 'a NUL in the id' => [static fn (EventStream $e) => $e->send('a', id: "b\0")];
    }
}

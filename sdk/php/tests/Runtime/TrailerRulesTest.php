<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Runtime\InvalidResponseException;
use Vilya\Runtime\TrailerRules;

final class TrailerRulesTest extends TestCase
{
    /** @dataProvider allowed */
    public function testAllows(string $name): void
    {
        TrailerRules::check($name, 'a value, "quoted"');
        $this->addToAssertionCount(1);
    }

    /** @return iterable<array{string}> */
    public function allowed(): iterable
    {
        yield from [['X-Rows'], ['Server-Timing'], ['grpc-status'], ['ETag'], ['Digest'], ['Proxy-Status']];
    }

    /** @dataProvider refused */
    public function testRefuses(string $name, string $value, string $message): void
    {
        $this->expectException(InvalidResponseException::class);
        $this->expectExceptionMessage($message);
        TrailerRules::check($name, $value);
    }

    /** @return iterable<array{string, string, string}> */
    public function refused(): iterable
    {
        foreach (['Content-Length', 'transfer-encoding', 'HOST', 'Set-Cookie', 'Authorization', 'If-Match', 'Trailer', 'TE'] as $name) {
            yield [$name, '1', "Cannot send the trailer $name: it belongs into the head"];
        }
        foreach (['', 'X Rows', "X-Rows\n", 'X-Röws', 'X:'] as $name) {
            yield [$name, '1', 'Cannot send a trailer: its name is no token'];
        }
        foreach (["a\r\nX: b", "a\nb", "a\0b"] as $value) {
            yield ['X-Rows', $value, 'Cannot send the trailer X-Rows: it holds a line break or NUL'];
        }
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Tests\MessagePack;

use PHPUnit\Framework\TestCase;
use Vilya\MessagePack\Uint64;

final class Uint64Test extends TestCase
{
    /** @dataProvider values */
    public function testKeepsDecimalsAndBytesInStep(string $decimal, string $hex): void
    {
        self::assertSame($hex, bin2hex(Uint64::toBytes($decimal)));
        self::assertSame($decimal, Uint64::toDecimal(unpack('J', hex2bin($hex))[1]));
    }

    /** @return iterable<string, array{string, string}> */
    public function values(): iterable
    {
        yield 'zero' => ['0', '0000000000000000'];
        yield 'one word' => ['4294967296', '0000000100000000'];
        yield 'first over the signed range' => ['9223372036854775808', '8000000000000000'];
        yield 'carries from the low word' => ['9223372041149743103', '80000000ffffffff'];
        yield 'last' => ['18446744073709551615', 'ffffffffffffffff'];
    }
}

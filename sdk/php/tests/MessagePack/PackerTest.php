<?php

declare(strict_types=1);

namespace Vilya\Tests\MessagePack;

use PHPUnit\Framework\TestCase;
use stdClass;
use Vilya\MessagePack\MessagePackException;
use Vilya\MessagePack\Packer;
use Vilya\Tests\Support\MessagePackTable;

final class PackerTest extends TestCase
{
    /** @dataProvider values */
    public function testPacksTheShortestForm(mixed $value, string $hex): void
    {
        self::assertSame($hex, bin2hex(Packer::pack($value)));
    }

    /** @return iterable<string, array{mixed, string}> */
    public function values(): iterable
    {
        return MessagePackTable::packed();
    }

    public function testWritesAWiderHeadWhenASizeOutgrowsTheNarrowOne(): void
    {
        self::assertSame("\xbf", Packer::pack(str_repeat('a', 31))[0]);
        self::assertSame("\xd9\x20", substr(Packer::pack(str_repeat('a', 32)), 0, 2));
        self::assertSame("\xd9\xff", substr(Packer::pack(str_repeat('a', 255)), 0, 2));
        self::assertSame("\xda\x01\x00", substr(Packer::pack(str_repeat('a', 256)), 0, 3));
        self::assertSame("\xda\xff\xff", substr(Packer::pack(str_repeat('a', 65_535)), 0, 3));
        self::assertSame("\xdb\x00\x01\x00\x00", substr(Packer::pack(str_repeat('a', 65_536)), 0, 5));
        self::assertSame("\x9f", Packer::pack(array_fill(0, 15, null))[0]);
        self::assertSame("\xdc\x00\x10", substr(Packer::pack(array_fill(0, 16, null)), 0, 3));
        self::assertSame("\xdd\x00\x01\x00\x00", substr(Packer::pack(array_fill(0, 65_536, null)), 0, 5));
        self::assertSame("\x8f", Packer::pack(array_fill(1, 15, null))[0]);
        self::assertSame("\xde\x00\x10", substr(Packer::pack(array_fill(1, 16, null)), 0, 3));
        self::assertSame("\xdf\x00\x01\x00\x00", substr(Packer::pack(array_fill(1, 65_536, null)), 0, 5));
    }

    public function testRefusesAnObject(): void
    {
        $this->expectException(MessagePackException::class);
        $this->expectExceptionMessage('Cannot pack stdClass: no MessagePack form');
        Packer::pack(['deep' => [new stdClass()]]);
    }

    public function testRefusesNestingPastTheDepthLimit(): void
    {
        $nested = MessagePackTable::nested(Packer::DEPTH_MAX);
        self::assertSame(str_repeat("\x91", Packer::DEPTH_MAX - 1) . "\x90", Packer::pack($nested));

        $this->expectException(MessagePackException::class);
        $this->expectExceptionMessage('nested too deep, 64 levels are allowed');
        Packer::pack([$nested]);
    }
}

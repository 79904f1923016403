<?php

declare(strict_types=1);

namespace Vilya\Tests\MessagePack;

use PHPUnit\Framework\TestCase;
use Vilya\MessagePack\Codec;
use Vilya\Tests\Support\MessagePackTable;
use Vilya\Tests\Support\SeededValues;

/** Both codecs are one: whatever one writes the other reads, and the bytes are the same. */
final class CodecTest extends TestCase
{
    private const FUZZ_ROUNDS = 2_000;

    protected function setUp(): void
    {
        if (!extension_loaded('msgpack')) {
            self::markTestSkipped('ext-msgpack is not loaded: there is nothing to compare with');
        }
    }

    /** @dataProvider values */
    public function testBothPackTheSameBytes(mixed $value): void
    {
        self::assertSame(bin2hex((Codec::extension()->pack)($value)), bin2hex((Codec::pure()->pack)($value)));
    }

    /** @dataProvider encodings */
    public function testBothUnpackTheSameValue(string $hex): void
    {
        $bytes = hex2bin($hex);
        self::assertSame((Codec::extension()->unpack)($bytes), (Codec::pure()->unpack)($bytes));
    }

    public function testRandomValuesSurviveEveryRoundTrip(): void
    {
        $extension = Codec::extension();
        $pure = Codec::pure();
        SeededValues::seed();
        for ($round = 0; $round < self::FUZZ_ROUNDS; $round++) {
            $value = SeededValues::next(4);
            $bytes = ($extension->pack)($value);
            self::assertSame(bin2hex($bytes), bin2hex(($pure->pack)($value)), "round $round");
            self::assertSame($value, ($pure->unpack)($bytes), "round $round");
            self::assertSame($value, ($extension->unpack)($bytes), "round $round");
        }
    }

    public function testTheEnvironmentSelectsThePureCodec(): void
    {
        self::assertSame('ext', Codec::select()->name);
        putenv('VILYA_MSGPACK=php');
        try {
            self::assertSame('php', Codec::select()->name);
        } finally {
            putenv('VILYA_MSGPACK');
        }
    }

    /** @return iterable<string, array{mixed}> */
    public function values(): iterable
    {
        foreach (MessagePackTable::packed() as $name => [$value]) {
            yield $name => [$value];
        }
        foreach ([15, 16, 31, 32, 255, 256, 65_535, 65_536] as $size) {
            yield "string of $size" => [str_repeat("\x80", $size)];
            yield "list of $size" => [array_fill(0, $size, 1)];
            yield "map of $size" => [array_fill(1, $size, 'v')];
        }
    }

    /** @return iterable<string, array{string}> */
    public function encodings(): iterable
    {
        foreach (MessagePackTable::packed() as $name => [, $hex]) {
            yield $name => [$hex];
        }
        foreach (MessagePackTable::foreign() as $name => [$hex]) {
            yield $name => [$hex];
        }
    }
}

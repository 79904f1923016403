<?php

declare(strict_types=1);

namespace Vilya\Tests\MessagePack;

use PHPUnit\Framework\TestCase;
use Vilya\MessagePack\MessagePackException;
use Vilya\MessagePack\Packer;
use Vilya\MessagePack\Unpacker;
use Vilya\Tests\Support\MessagePackTable;
use Vilya\Tests\Support\SeededValues;

final class UnpackerTest extends TestCase
{
    private const FUZZ_ROUNDS = 5_000;

    /** @dataProvider encodings */
    public function testReadsEveryEncoding(string $hex, mixed $value): void
    {
        self::assertSame($value, Unpacker::unpack(hex2bin($hex)));
    }

    /** @dataProvider encodings */
    public function testRefusesEveryTruncation(string $hex): void
    {
        $bytes = hex2bin($hex);
        for ($length = 0; $length < strlen($bytes); $length++) {
            $this->assertRefused(substr($bytes, 0, $length), 'the input ends early');
        }
    }

    /** @dataProvider encodings */
    public function testRefusesBytesAfterTheValue(string $hex): void
    {
        $this->assertRefused(hex2bin($hex) . "\xc0", 'bytes follow the value');
    }

    /** @return iterable<string, array{string, mixed}> */
    public function encodings(): iterable
    {
        foreach (MessagePackTable::packed() as $name => [$value, $hex]) {
            yield $name => [$hex, $value];
        }
        yield from MessagePackTable::foreign();
        yield 'empty map' => ['80', []];
    }

    /** @dataProvider extensions */
    public function testReadsAnExtensionAsNullAndGoesOn(string $hex): void
    {
        self::assertSame([null, 5], Unpacker::unpack("\x92" . hex2bin($hex) . "\x05"));
        $this->assertRefused(substr(hex2bin($hex), 0, -1), 'the input ends early');
    }

    /** @return iterable<string, array{string}> */
    public function extensions(): iterable
    {
        yield 'fixext 1' => ['d4' . '01' . '00'];
        yield 'fixext 2' => ['d5' . '01' . str_repeat('00', 2)];
        yield 'fixext 4' => ['d6' . '01' . str_repeat('00', 4)];
        yield 'fixext 8' => ['d7' . '01' . str_repeat('00', 8)];
        yield 'fixext 16' => ['d8' . '01' . str_repeat('00', 16)];
        yield 'ext 8' => ['c703' . '01' . 'aabbcc'];
        yield 'ext 16' => ['c80003' . '01' . 'aabbcc'];
        yield 'ext 32' => ['c900000003' . '01' . 'aabbcc'];
    }

    /** @dataProvider hostileHeads */
    public function testRefusesAHeadThatAnnouncesMoreThanThereIs(string $hex): void
    {
        $before = memory_get_usage();
        $this->assertRefused(hex2bin($hex), 'the input ends early');
        self::assertLessThan(64 * 1024, memory_get_usage() - $before);
    }

    /** @return iterable<string, array{string}> */
    public function hostileHeads(): iterable
    {
        yield 'str of 4 GiB' => ['dbffffffff61'];
        yield 'bin of 4 GiB' => ['c6ffffffff61'];
        yield 'array of 4 billion' => ['ddffffffff01'];
        yield 'map of 4 billion' => ['dfffffffff0101'];
        yield 'extension of 4 GiB' => ['c9ffffffff0100'];
        yield 'map with one byte too few' => ['82a16101a1'];
    }

    public function testRefusesTheReservedTypeByte(): void
    {
        $this->assertRefused("\xc1", 'type byte 0xc1 is reserved');
    }

    public function testSkipsPairsWhoseKeyPhpCannotHold(): void
    {
        foreach (['c0', 'c3', 'cb3ff8000000000000', '9101', '81a16101', 'd40100'] as $key) {
            self::assertSame(['a' => 1, 'b' => 2], Unpacker::unpack(hex2bin("83a16101{$key}92a178c0a16202")), $key);
        }
    }

    public function testRefusesNestingPastTheDepthLimit(): void
    {
        $bytes = str_repeat("\x91", Packer::DEPTH_MAX - 1) . "\x90";
        self::assertSame(MessagePackTable::nested(Packer::DEPTH_MAX), Unpacker::unpack($bytes));
        $this->assertRefused("\x91" . $bytes, 'nested deeper than 64 levels');
        $this->assertRefused(str_repeat("\x91", 1_000_000), 'nested deeper than 64 levels');
    }

    public function testDamagedBytesAreReadOrRefusedAndNothingElse(): void
    {
        SeededValues::seed();
        $refusedCount = 0;
        for ($round = 0; $round < self::FUZZ_ROUNDS; $round++) {
            $bytes = Packer::pack(SeededValues::next(3));
            $bytes[mt_rand(0, strlen($bytes) - 1)] = chr(mt_rand(0, 255));
            try {
                Unpacker::unpack($bytes);
            } catch (MessagePackException) {
                $refusedCount++;
            }
        }
        self::assertGreaterThan(0, $refusedCount);
    }

    private function assertRefused(string $bytes, string $reason): void
    {
        try {
            Unpacker::unpack($bytes);
            self::fail('Nothing was thrown for ' . bin2hex(substr($bytes, 0, 40)));
        } catch (MessagePackException $exception) {
            self::assertStringContainsString($reason, $exception->getMessage());
        }
    }
}

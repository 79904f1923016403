<?php

declare(strict_types=1);

namespace Vilya\Tests\Support;

/** Values and their MessagePack bytes, shared by the packer's and the unpacker's tests. */
final class MessagePackTable
{
    /** @return iterable<string, array{mixed, string}> value and the hex both codecs must pack it to */
    public static function packed(): iterable
    {
        yield 'null' => [null, 'c0'];
        yield 'false' => [false, 'c2'];
        yield 'true' => [true, 'c3'];
        $integers = [
            '00' => 0, '7f' => 127, 'cc80' => 128, 'ccff' => 255, 'cd0100' => 256, 'cdffff' => 65_535,
            'ce00010000' => 65_536, 'ceffffffff' => 4_294_967_295, 'cf0000000100000000' => 4_294_967_296,
            'cf7fffffffffffffff' => PHP_INT_MAX, 'ff' => -1, 'e0' => -32, 'd0df' => -33, 'd080' => -128,
            'd1ff7f' => -129, 'd18000' => -32_768, 'd2ffff7fff' => -32_769, 'd280000000' => -2_147_483_648,
            'd3ffffffff7fffffff' => -2_147_483_649, 'd38000000000000000' => PHP_INT_MIN,
        ];
        foreach ($integers as $hex => $integer) {
            yield "integer $integer" => [$integer, (string) $hex];
        }
        yield 'float' => [1.5, 'cb3ff8000000000000'];
        yield 'float zero' => [0.0, 'cb0000000000000000'];
        yield 'float infinity' => [INF, 'cb7ff0000000000000'];
        yield 'empty string' => ['', 'a0'];
        yield 'bytes that are no text' => ["\xff\x00", 'a2ff00'];
        yield 'empty array' => [[], '90'];
        yield 'list' => [['a', 1, null], '93a16101c0'];
        yield 'map' => [['a' => 1], '81a16101'];
        yield 'map with an integer key' => [[404 => 'x'], '81cd0194a178'];
        yield 'map of lists' => [['h' => [['v'], []]], '81a16892' . '91a176' . '90'];
        yield 'list keys out of order' => [[1 => 'a', 0 => 'b'], '8201a16100a162'];
    }

    /** @return iterable<string, array{string, mixed}> hex no codec of ours writes, and what it decodes to */
    public static function foreign(): iterable
    {
        yield 'bin 8' => ['c403ff00aa', "\xff\x00\xaa"];
        yield 'bin 16' => ['c50002ff00', "\xff\x00"];
        yield 'bin 32' => ['c600000002ff00', "\xff\x00"];
        yield 'str 8 that would fit a fixed one' => ['d90161', 'a'];
        yield 'str 16 that would fit a fixed one' => ['da000161', 'a'];
        yield 'str 32 that would fit a fixed one' => ['db0000000161', 'a'];
        yield 'array 16' => ['dc000101', [1]];
        yield 'array 32' => ['dd0000000101', [1]];
        yield 'map 16' => ['de0001a16101', ['a' => 1]];
        yield 'map 32' => ['df00000001a16101', ['a' => 1]];
        yield 'float 32' => ['ca3fc00000', 1.5];
        yield 'signed positive' => ['d00a', 10];
        yield 'signed 64 positive' => ['d30000000000000001', 1];
        yield 'unsigned 64 small' => ['cf0000000000000001', 1];
        yield 'unsigned 64 over the signed range' => ['cf8000000000000000', '9223372036854775808'];
        yield 'unsigned 64 at its end' => ['cfffffffffffffffff', '18446744073709551615'];
        yield 'numeric string key' => ['81a13101', [1 => 1]];
        yield 'repeated key' => ['82a16101a16102', ['a' => 2]];
    }

    /** @return list<mixed> lists within lists, $depth of them */
    public static function nested(int $depth): array
    {
        $value = [];
        for ($i = 1; $i < $depth; $i++) {
            $value = [$value];
        }

        return $value;
    }
}

<?php

declare(strict_types=1);

namespace Vilya\MessagePack;

use function array_is_list;
use function chr;
use function count;
use function get_debug_type;
use function is_array;
use function is_bool;
use function is_float;
use function is_int;
use function is_string;
use function pack;
use function strlen;

/**
 * Encodes PHP values in the shortest MessagePack form, in the same bytes as ext-msgpack.
 *
 * A list becomes an array and any other array a map, so an empty array is an empty *array*; strings are *str* whatever
 * their bytes; floats are float 64. Objects and resources are refused, as is nesting deeper than DEPTH_MAX.
 */
final class Packer
{
    public const DEPTH_MAX = 64;

    /** @throws MessagePackException for an object, a resource, or nesting over DEPTH_MAX */
    public static function pack(mixed $value): string
    {
        return self::encode($value, self::DEPTH_MAX);
    }

    private static function encode(mixed $value, int $depthLeft): string
    {
        if (is_string($value)) {
            return self::header(strlen($value), 0xa0, 32, 0xd9) . $value;
        }
        if (is_int($value)) {
            return $value >= 0 && $value < 128 ? chr($value) : self::integer($value);
        }
        if (is_array($value)) {
            return self::collection($value, $depthLeft);
        }
        if (is_bool($value)) {
            return $value ? "\xc3" : "\xc2";
        }
        if ($value === null) {
            return "\xc0";
        }
        if (is_float($value)) {
            return "\xcb" . pack('E', $value);
        }
        throw new MessagePackException(
            'Cannot pack ' . get_debug_type($value) . ': no MessagePack form, scalars and arrays of them are allowed',
        );
    }

    /** @param array<mixed> $values */
    private static function collection(array $values, int $depthLeft): string
    {
        if ($depthLeft === 0) {
            throw new MessagePackException(
                'Cannot pack array: nested too deep, ' . self::DEPTH_MAX . ' levels are allowed',
            );
        }
        if (array_is_list($values)) {
            $bytes = self::header(count($values), 0x90, 16, null);
            foreach ($values as $value) {
                $bytes .= self::encode($value, $depthLeft - 1);
            }

            return $bytes;
        }
        $bytes = self::header(count($values), 0x80, 16, null);
        foreach ($values as $key => $value) {
            $bytes .= is_string($key) ? self::header(strlen($key), 0xa0, 32, 0xd9) . $key : self::integer($key);
            $bytes .= self::encode($value, $depthLeft - 1);
        }

        return $bytes;
    }

    /**
     * The head of a str, array or map: one byte while the size fits in it, else a type byte and the size. Only str has
     * an 8-bit form; the 16- and 32-bit type bytes follow from the family's fixed one.
     */
    private static function header(int $size, int $fixedType, int $fixedLimit, ?int $type8): string
    {
        if ($size < $fixedLimit) {
            return chr($fixedType | $size);
        }
        if ($type8 !== null && $size < 0x100) {
            return chr($type8) . chr($size);
        }
        $type16 = match ($fixedType) {
            0xa0 => 0xda,
            0x90 => 0xdc,
            0x80 => 0xde,
        };

        return $size < 0x10000 ? pack('Cn', $type16, $size) : pack('CN', $type16 + 1, $size);
    }

    private static function integer(int $value): string
    {
        if ($value >= 0) {
            return match (true) {
                $value < 0x80 => chr($value),
                $value < 0x100 => "\xcc" . chr($value),
                $value < 0x10000 => pack('Cn', 0xcd, $value),
                $value < 0x100000000 => pack('CN', 0xce, $value),
                default => pack('CJ', 0xcf, $value),
            };
        }

        return match (true) {
            $value >= -0x20 => chr($value & 0xff),
            $value >= -0x80 => "\xd0" . chr($value & 0xff),
            $value >= -0x8000 => pack('Cn', 0xd1, $value & 0xffff),
            $value >= -0x80000000 => pack('CN', 0xd2, $value & 0xffffffff),
            default => pack('CJ', 0xd3, $value),
        };
    }
}

<?php

declare(strict_types=1);

namespace Vilya\MessagePack;

use function is_int;
use function is_string;
use function ord;
use function strlen;
use function substr;
use function unpack;

/**
 * Decodes one MessagePack value from a string that must hold exactly that value.
 *
 * No announced length allocates anything by itself: a string is cut out of bytes that exist, and a collection is
 * refused when it announces more values than bytes are left. str and bin both become PHP strings, extension types
 * become null, and a pair whose key is neither string nor integer is skipped (docs/reference/wire.md, W1.12).
 */
final class Unpacker
{
    /** @throws MessagePackException for truncated, trailing, reserved or too deeply nested input */
    public static function unpack(string $bytes): mixed
    {
        $offset = 0;
        $value = self::value($bytes, $offset, Packer::DEPTH_MAX);
        // The offset moves by announced lengths, so a string cut short at the end of the input shows here too.
        if ($offset !== strlen($bytes)) {
            throw self::failure($offset, $offset > strlen($bytes) ? 'the input ends early' : 'bytes follow the value');
        }

        return $value;
    }

    private static function value(string $bytes, int &$offset, int $depthLeft): mixed
    {
        $type = ord($bytes[$offset] ?? throw self::failure($offset, 'the input ends early'));
        $offset++;
        if ($type < 0x80) {
            return $type;
        }
        if ($type >= 0xa0 && $type < 0xc0) {
            // take(), spelled out: short strings are most of what a request is made of.
            $start = $offset;
            $offset += $type - 0xa0;

            return substr($bytes, $start, $type - 0xa0);
        }
        if ($type < 0x90) {
            return self::map($bytes, $offset, $type - 0x80, $depthLeft);
        }
        if ($type < 0xa0) {
            return self::list($bytes, $offset, $type - 0x90, $depthLeft);
        }
        if ($type >= 0xe0) {
            return $type - 0x100;
        }

        return match ($type) {
            0xc0 => null,
            0xc2 => false,
            0xc3 => true,
            0xc4, 0xd9 => self::take($bytes, $offset, self::number($bytes, $offset, 'C', 1)),
            0xc5, 0xda => self::take($bytes, $offset, self::number($bytes, $offset, 'n', 2)),
            0xc6, 0xdb => self::take($bytes, $offset, self::number($bytes, $offset, 'N', 4)),
            0xca => self::number($bytes, $offset, 'G', 4),
            0xcb => self::number($bytes, $offset, 'E', 8),
            0xcc => self::number($bytes, $offset, 'C', 1),
            0xcd => self::number($bytes, $offset, 'n', 2),
            0xce => self::number($bytes, $offset, 'N', 4),
            0xcf => self::unsigned(self::number($bytes, $offset, 'J', 8)),
            0xd0 => (self::number($bytes, $offset, 'C', 1) ^ 0x80) - 0x80,
            0xd1 => (self::number($bytes, $offset, 'n', 2) ^ 0x8000) - 0x8000,
            0xd2 => (self::number($bytes, $offset, 'N', 4) ^ 0x80000000) - 0x80000000,
            0xd3 => self::number($bytes, $offset, 'J', 8),
            0xdc => self::list($bytes, $offset, self::number($bytes, $offset, 'n', 2), $depthLeft),
            0xdd => self::list($bytes, $offset, self::number($bytes, $offset, 'N', 4), $depthLeft),
            0xde => self::map($bytes, $offset, self::number($bytes, $offset, 'n', 2), $depthLeft),
            0xdf => self::map($bytes, $offset, self::number($bytes, $offset, 'N', 4), $depthLeft),
            default => self::extension($bytes, $offset, $type),
        };
    }

    /** @return list<mixed> */
    private static function list(string $bytes, int &$offset, int $count, int $depthLeft): array
    {
        self::admit($bytes, $offset, $count, $depthLeft);
        $values = [];
        for ($i = 0; $i < $count; $i++) {
            $values[] = self::value($bytes, $offset, $depthLeft - 1);
        }

        return $values;
    }

    /** @return array<mixed> */
    private static function map(string $bytes, int &$offset, int $count, int $depthLeft): array
    {
        self::admit($bytes, $offset, $count * 2, $depthLeft);
        $values = [];
        for ($i = 0; $i < $count; $i++) {
            $type = ord($bytes[$offset] ?? '');
            // A short string is read in place: nearly every key is one, and a call for each would cost a fifth more.
            if ($type >= 0xa0 && $type < 0xc0) {
                $key = substr($bytes, $offset + 1, $type - 0xa0);
                $offset += 1 + $type - 0xa0;
            } else {
                $key = self::value($bytes, $offset, $depthLeft - 1);
            }
            $value = self::value($bytes, $offset, $depthLeft - 1);
            if (is_string($key) || is_int($key)) {
                $values[$key] = $value;
            }
        }

        return $values;
    }

    /** Every value takes at least one byte: a count over the bytes left is a lie and is refused before the loop. */
    private static function admit(string $bytes, int $offset, int $valueCount, int $depthLeft): void
    {
        if ($depthLeft === 0) {
            throw self::failure($offset, 'nested deeper than ' . Packer::DEPTH_MAX . ' levels');
        }
        if ($valueCount > strlen($bytes) - $offset) {
            throw self::failure($offset, 'the input ends early');
        }
    }

    private static function take(string $bytes, int &$offset, int $length): string
    {
        $start = $offset;
        $offset += $length;

        return substr($bytes, $start, $length);
    }

    /** @param string $format a code of unpack() that reads exactly $length bytes */
    private static function number(string $bytes, int &$offset, string $format, int $length): int|float
    {
        $start = $offset;
        $offset += $length;
        if ($offset > strlen($bytes)) {
            throw self::failure($start, 'the input ends early');
        }

        return unpack($format, $bytes, $start)[1];
    }

    private static function unsigned(int $pattern): int|string
    {
        return $pattern >= 0 ? $pattern : Uint64::toDecimal($pattern);
    }

    /** The kind byte and the payload are passed over: the worker protocol uses no extension types. */
    private static function extension(string $bytes, int &$offset, int $type): mixed
    {
        $length = match ($type) {
            0xc7 => self::number($bytes, $offset, 'C', 1),
            0xc8 => self::number($bytes, $offset, 'n', 2),
            0xc9 => self::number($bytes, $offset, 'N', 4),
            0xd4, 0xd5, 0xd6, 0xd7, 0xd8 => 1 << ($type - 0xd4),
            default => throw self::failure($offset, 'type byte 0xc1 is reserved'),
        };
        $offset += 1 + $length;

        return null;
    }

    private static function failure(int $offset, string $state): MessagePackException
    {
        return new MessagePackException(
            "Cannot unpack MessagePack at byte $offset: $state, one whole value is allowed",
        );
    }
}

<?php

declare(strict_types=1);

namespace Vilya\MessagePack;

/**
 * Unsigned 64-bit integers that do not fit PHP's signed int, as decimal digits and as eight big-endian bytes.
 *
 * Only the upper half of the range passes through here: everything up to PHP_INT_MAX is a plain int.
 */
final class Uint64
{
    /** Decimal digits of a 64-bit pattern that PHP reads as a negative int. */
    public static function toDecimal(int $pattern): string
    {
        return sprintf('%u', $pattern);
    }

    /** Eight big-endian bytes of decimal digits in 0 … 18446744073709551615; anything else is a caller's error. */
    public static function toBytes(string $decimal): string
    {
        $high = 0;
        $low = 0;
        for ($i = 0, $length = strlen($decimal); $i < $length; $i++) {
            $low = $low * 10 + (int) $decimal[$i];
            $high = $high * 10 + ($low >> 32);
            $low &= 0xffffffff;
        }

        return pack('NN', $high, $low);
    }
}

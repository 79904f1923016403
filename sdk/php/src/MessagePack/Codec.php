<?php

declare(strict_types=1);

namespace Vilya\MessagePack;

use Closure;

/**
 * The two directions of MessagePack as closures, so that the request loop calls ext-msgpack with nothing in between.
 *
 * Both codecs agree byte for byte on what the worker protocol carries: null, bool, int, float, string, list and map.
 * An unsigned integer over PHP_INT_MAX decodes to its decimal digits as a string; extension types decode to null.
 * They differ in two places. An empty map is an empty array to the pure codec and, by default, an empty object to the
 * extension. Bad input makes the extension warn and return false, and the pure codec throw MessagePackException.
 */
final class Codec
{
    /** Environment variable; `php` selects the pure codec even where ext-msgpack is loaded. */
    public const ENVIRONMENT_VARIABLE = 'VILYA_MSGPACK';

    /**
     * @param string                 $name   `ext` or `php`, for the log
     * @param Closure(mixed): string $pack
     * @param Closure(string): mixed $unpack
     */
    private function __construct(
        public readonly string $name,
        public readonly Closure $pack,
        public readonly Closure $unpack,
    ) {
    }

    /** The extension where it is loaded, the pure codec elsewhere or on request. */
    public static function select(): self
    {
        $isPureWanted = getenv(self::ENVIRONMENT_VARIABLE) === 'php';

        return !$isPureWanted && extension_loaded('msgpack') ? self::extension() : self::pure();
    }

    public static function extension(): self
    {
        return new self('ext', msgpack_pack(...), msgpack_unpack(...));
    }

    public static function pure(): self
    {
        return new self('php', Packer::pack(...), Unpacker::unpack(...));
    }
}

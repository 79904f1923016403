<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use function preg_match;
use function strpbrk;

/** Which fields may follow a body. */
final class TrailerRules
{
    private const TOKEN = '/^[!#$%&\'*+\-.^_`|~0-9A-Za-z]+$/D';

    /** They frame, route, authenticate, or say how to handle what has been handled by then: RFC 9110 section 6.5.1. */
    private const FORBIDDEN = '/^(?:age|authorization|cache-control|connection|content-(?:encoding|length|range|type)|date|expect'
        . '|expires|host|if-.*|keep-alive|location|max-forwards|pragma|proxy-(?:authenticate|authorization|connection)|range'
        . '|retry-after|set-cookie|te|trailer|transfer-encoding|upgrade|vary|warning|www-authenticate)$/iD';

    /** @throws InvalidResponseException */
    public static function check(string $name, string $value): void
    {
        if (preg_match(self::TOKEN, $name) !== 1) {
            throw new InvalidResponseException('Cannot send a trailer: its name is no token, letters, digits and hyphens are allowed');
        }
        if (preg_match(self::FORBIDDEN, $name) === 1) {
            throw new InvalidResponseException("Cannot send the trailer $name: it belongs into the head, RFC 9110 section 6.5.1 allows others");
        }
        if (strpbrk($value, "\r\n\0") !== false) {
            throw new InvalidResponseException("Cannot send the trailer $name: it holds a line break or NUL, a single line is allowed");
        }
    }
}

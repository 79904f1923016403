<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;

use function array_filter;
use function is_string;
use function strcasecmp;
use function strlen;

/** A body that is there as a whole and too large for one frame. */
final class LargeBody
{
    /**
     * The same response with a body that goes in parts. Its length is known, and announced: the client sees how far it is, and whether it
     * got all.
     *
     * @param array{status: int, headers: array<string|int, list<string>>, body: string, error: string} $response
     *
     * @return array{status: int, headers: array<string|int, list<string>>, body: Closure(Stream): void, error: string}
     */
    public static function inParts(array $response): array
    {
        $body = $response['body'];
        $headers = array_filter(
            $response['headers'],
            static fn (string|int $name): bool => !is_string($name) || strcasecmp($name, 'Content-Length') !== 0,
            ARRAY_FILTER_USE_KEY,
        );
        $headers['Content-Length'] = [(string) strlen($body)];

        return ['headers' => $headers, 'body' => static fn (Stream $stream) => $stream->write($body)] + $response;
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Generator;
use Stringable;
use Traversable;

use function get_debug_type;
use function is_string;

/** Runs what a handler returned as a body that comes into being: a closure that writes, or something to iterate. */
final class StreamedBody
{
    /** Returns when the body is complete or the client has left; whatever else the body throws is thrown on. */
    public static function run(Closure|Traversable $body, Stream $stream): void
    {
        try {
            if ($body instanceof Closure) {
                $body = $body($stream);
            }
            if ($body instanceof Traversable) {
                self::iterate($body, $stream);
            }
            $stream->flush();
        } catch (ClientGoneException | IncompleteBodyException) {
            // What the body holds is let go of like at its end.
        }
    }

    /** Each part leaves at once: what is yielded is meant to be seen. */
    private static function iterate(Traversable $parts, Stream $stream): void
    {
        foreach ($parts as $part) {
            try {
                $stream->write(self::text($part));
                $stream->flush();
            } catch (ClientGoneException $gone) {
                if ($parts instanceof Generator) {
                    $parts->throw($gone);
                }

                return;
            }
        }
    }

    private static function text(mixed $part): string
    {
        if (is_string($part) || $part instanceof Stringable) {
            return (string) $part;
        }
        throw new InvalidResponseException(
            'Cannot send the response: a part of its body is ' . get_debug_type($part) . ', strings are allowed',
        );
    }
}

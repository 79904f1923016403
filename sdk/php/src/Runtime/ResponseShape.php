<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Stringable;
use Traversable;

use function get_debug_type;
use function is_array;
use function is_int;
use function is_string;

/**
 * Brings what a handler returned into the one shape the wire carries: int status, name => list of strings, string body,
 * string error. A body that comes into being stays what it is. What has no unambiguous reading is refused rather than guessed.
 */
final class ResponseShape
{
    /** A handler that returns a string answers with a page. */
    public const TEXT_HEADERS = ['Content-Type' => ['text/html; charset=UTF-8']];

    /** @var array<mixed> the headers shaped last: handlers tend to return the same constant again and again */
    private array $headersSeen = [];
    /** @var array<string|int, list<string>> */
    private array $headersShaped = [];

    /**
     * @return array{status: int, headers: array<string|int, list<string>>, body: string|Closure|Traversable, error: string}
     *
     * @throws InvalidResponseException
     */
    public function normalize(mixed $result): array
    {
        if (!is_array($result)) {
            if (is_string($result)) {
                return ['status' => 200, 'headers' => self::TEXT_HEADERS, 'body' => $result, 'error' => ''];
            }
            throw self::failure('the handler returned ' . get_debug_type($result), 'an array or a string is allowed');
        }
        $status = $result['status'] ?? 200;
        if (!is_int($status) || $status < 200 || $status > 999) {
            $status = self::status($status);
        }
        $headers = $result['headers'] ?? [];
        if ($headers !== $this->headersSeen) {
            $this->headersShaped = self::shapeHeaders($headers);
            $this->headersSeen = $headers;
        }

        $body = $result['body'] ?? '';
        $error = $result['error'] ?? '';

        return [
            'status' => $status,
            'headers' => $this->headersShaped,
            'body' => is_string($body) ? $body : self::body($body),
            'error' => is_string($error) ? $error : self::text('error', $error),
        ];
    }

    /** @return array<string|int, list<string>> */
    private static function shapeHeaders(mixed $headers): array
    {
        if (!is_array($headers)) {
            throw self::failure('its headers are ' . get_debug_type($headers), 'a map of name to value is allowed');
        }
        if ($headers !== [] && array_is_list($headers)) {
            throw self::failure('its headers are a list', 'a map of name to value is allowed');
        }
        $shaped = [];
        foreach ($headers as $name => $values) {
            foreach (is_array($values) ? $values : [$values] as $value) {
                if ($value !== null) {
                    $shaped[$name][] = self::headerValue((string) $name, $value);
                }
            }
        }

        return $shaped;
    }

    /** Reads a value as the wire does (W1.44), so that it means the same with this SDK and without. */
    private static function headerValue(string $name, mixed $value): string
    {
        $value = match (true) {
            is_string($value) => $value,
            is_bool($value) => $value ? 'true' : 'false',
            is_int($value), is_float($value) && is_finite($value), $value instanceof Stringable => (string) $value,
            default => throw self::failure(
                "a value of header $name is " . get_debug_type($value),
                'strings, finite numbers, booleans and Stringable are allowed',
            ),
        };
        if (strpbrk($value, "\r\n\0") !== false) {
            throw self::failure("a value of header $name holds a line break or NUL", 'a single line is allowed');
        }

        return $value;
    }

    private static function body(mixed $value): string|Closure|Traversable
    {
        if ($value instanceof Closure || ($value instanceof Traversable && !$value instanceof Stringable)) {
            return $value;
        }
        if ($value instanceof Stringable) {
            return (string) $value;
        }
        throw self::failure(
            'its body is ' . get_debug_type($value),
            'a string or null is allowed, and for a stream a closure or a Traversable',
        );
    }

    private static function text(string $key, mixed $value): string
    {
        if ($value instanceof Stringable) {
            return (string) $value;
        }
        throw self::failure("its $key is " . get_debug_type($value), 'a string or null is allowed');
    }

    /** The status in another form than an int: three digits of text, or an error. */
    private static function status(mixed $value): int
    {
        if (is_string($value) && preg_match('/^[2-9][0-9]{2}$/D', $value) === 1) {
            return (int) $value;
        }
        throw self::failure(
            'its status is ' . (is_int($value) ? $value : get_debug_type($value)),
            'an integer from 200 to 999 is allowed',
        );
    }

    private static function failure(string $state, string $allowed): InvalidResponseException
    {
        return new InvalidResponseException("Cannot send the response: $state, $allowed");
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Throwable;

/**
 * Turns what went wrong into a 500 whose body tells the client nothing but an id, and whose `error` tells the engine's
 * log everything under the same id.
 */
final class Failure
{
    /** A longer message is cut: an exception may quote a whole document, and the log keeps every byte. */
    public const MESSAGE_BYTES_MAX = 8 * 1024;

    /** Causes beyond this depth are left out of the log line. */
    private const CAUSES_MAX = 4;

    private const HEADERS = ['Content-Type' => ['text/plain; charset=UTF-8']];

    /**
     * The stack trace goes to STDERR, which the engine logs as well: `error` stays one line.
     *
     * @return array{status: int, headers: array<string, list<string>>, body: string, error: string}
     */
    public static function fromThrowable(Throwable $thrown): array
    {
        $errorId = self::newErrorId();
        $text = self::describe($thrown);
        $cause = $thrown;
        for ($depth = 0; $depth < self::CAUSES_MAX && ($cause = $cause->getPrevious()) !== null; $depth++) {
            $text .= ', caused by ' . self::describe($cause);
        }
        self::report("[$errorId] " . self::cut($thrown->getTraceAsString()));

        return self::response($text, $errorId);
    }

    /**
     * From the array error_get_last() gives after a fatal error.
     *
     * @param array{type: int, message: string, file: string, line: int} $error
     *
     * @return array{status: int, headers: array<string, list<string>>, body: string, error: string}
     */
    public static function fromFatalError(array $error): array
    {
        $text = 'Fatal error: ' . self::cut(self::oneLine($error['message'])) . " in {$error['file']}:{$error['line']}";

        return self::response($text, self::newErrorId());
    }

    /** One line on STDERR, for what concerns no client. */
    public static function report(string $line): void
    {
        @file_put_contents('php://stderr', $line . "\n");
    }

    public static function describe(Throwable $thrown): string
    {
        return sprintf(
            '%s: %s in %s:%d',
            $thrown::class,
            self::cut(self::oneLine($thrown->getMessage())),
            $thrown->getFile(),
            $thrown->getLine(),
        );
    }

    /** @return array{status: int, headers: array<string, list<string>>, body: string, error: string} */
    private static function response(string $text, string $errorId): array
    {
        return [
            'status' => 500,
            'headers' => self::HEADERS,
            'body' => "Internal Server Error\nError id: $errorId\n",
            'error' => "$text [$errorId]",
        ];
    }

    private static function newErrorId(): string
    {
        return bin2hex(random_bytes(8));
    }

    private static function oneLine(string $text): string
    {
        return strtr($text, ["\r\n" => ' ', "\n" => ' ', "\r" => ' ']);
    }

    private static function cut(string $text): string
    {
        return strlen($text) > self::MESSAGE_BYTES_MAX ? substr($text, 0, self::MESSAGE_BYTES_MAX) . '…' : $text;
    }
}

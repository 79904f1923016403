<?php

declare(strict_types=1);

namespace Vilya;

use Closure;
use InvalidArgumentException;
use Traversable;
use Vilya\Runtime\ClientGoneException;
use Vilya\Runtime\Stream;

/**
 * Server-sent events, as browsers read them with `EventSource` (HTML Living Standard §9.2).
 *
 *     return EventStream::response(function (EventStream $events): void {
 *         while (!$events->isClientGone()) {
 *             $events->send(json_encode(['time' => time()]), event: 'tick');
 *             sleep(1);
 *         }
 *     });
 *
 * Every event leaves at once.
 */
final class EventStream
{
    public function __construct(private readonly Stream $stream)
    {
    }

    /**
     * A response whose body is the events that `$producer` sends, or yields: a string is an event's data, an array the named
     * arguments of `send()`.
     *
     * @param Closure(EventStream): mixed                 $producer
     * @param array<string|int, string|int|list<string>> $headers  beside `Content-Type` and `Cache-Control`, and before them
     *
     * @return array{status: int, headers: array<string|int, string|int|list<string>>, body: Closure}
     */
    public static function response(Closure $producer, array $headers = []): array
    {
        return [
            'status' => 200,
            'headers' => $headers + ['Content-Type' => 'text/event-stream', 'Cache-Control' => 'no-store'],
            'body' => static function (Stream $stream) use ($producer): void {
                $events = new self($stream);
                $yielded = $producer($events);
                if ($yielded instanceof Traversable) {
                    foreach ($yielded as $event) {
                        is_array($event) ? $events->send(...$event) : $events->send((string) $event);
                    }
                }
            },
        ];
    }

    /**
     * Sends an event.
     *
     * @param string      $data    any text; every line of it arrives
     * @param string|null $event   its type; `message` without
     * @param string|null $id      what the client repeats as `Last-Event-ID` when it comes back
     * @param int|null    $retryMs how long a client that lost the connection waits before it comes back, in milliseconds
     *
     * @throws ClientGoneException      when the client has left
     * @throws InvalidArgumentException for a line break in `$event` or `$id`, or a NUL in `$id`
     */
    public function send(string $data, ?string $event = null, ?string $id = null, ?int $retryMs = null): void
    {
        $lines = '';
        if ($event !== null) {
            $lines .= 'event: ' . self::line('event', $event) . "\n";
        }
        if ($id !== null) {
            $lines .= 'id: ' . self::line('id', $id) . "\n";
        }
        if ($retryMs !== null) {
            $lines .= "retry: $retryMs\n";
        }
        foreach (self::lines($data) as $line) {
            $lines .= "data: $line\n";
        }
        $this->put($lines . "\n");
    }

    /**
     * Sends what clients skip. One every 15 seconds keeps proxies from taking a silent stream for a dead one, and finds out
     * whether the client is still there.
     *
     * @throws ClientGoneException when the client has left
     */
    public function comment(string $text = ''): void
    {
        $lines = '';
        foreach (self::lines($text) as $line) {
            $lines .= ": $line\n";
        }
        $this->put($lines . "\n");
    }

    public function isClientGone(): bool
    {
        return $this->stream->isClientGone();
    }

    private function put(string $bytes): void
    {
        $this->stream->write($bytes);
        $this->stream->flush();
    }

    /** @return list<string> */
    private static function lines(string $text): array
    {
        return preg_split('/\r\n|\r|\n/', $text);
    }

    private static function line(string $name, string $text): string
    {
        if (strpbrk($text, "\r\n\0") !== false) {
            throw new InvalidArgumentException(
                "Cannot send an event: its $name holds a line break or NUL, a single line is allowed",
            );
        }

        return $text;
    }
}

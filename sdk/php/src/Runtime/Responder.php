<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Vilya\MessagePack\Codec;
use Vilya\MessagePack\Uint64;
use Vilya\Protocol\Connection;

use function is_int;
use function memory_get_peak_usage;
use function memory_get_usage;
use function strlen;

/**
 * Sends responses with their `_meta`, each in one write, and knows when this process has served enough.
 *
 * Once `recycle` was said it stays said: the engine may ask for more work meanwhile and gets it, until it closes.
 */
final class Responder
{
    /** Where the packed id starts: after the map's head and the packed key "id", which always come first. */
    private const ID_OFFSET = 4;

    /** @var Closure(mixed): string */
    private readonly Closure $pack;
    private int $servedCount = 0;
    private bool $isRecycleDue = false;

    /**
     * @param int $maxRequests      0 or less means never
     * @param int $memoryLimitBytes 0 or less means never
     */
    public function __construct(
        private readonly Connection $connection,
        Codec $codec,
        private readonly int $maxRequests,
        private readonly int $memoryLimitBytes,
    ) {
        $this->pack = $codec->pack;
    }

    /**
     * @param int|string $id the request's, as decoded: over PHP_INT_MAX it is a string of digits
     * @param array{status: int, headers: array<string|int, list<string>>, body: string, error: string} $response
     */
    public function send(int|string $id, array $response): void
    {
        $meta = $this->countServed();
        $payload = $this->encode($id, $response, $meta);
        if (strlen($payload) > $this->connection->frameBytesMax()) {
            $payload = $this->encode($id, Failure::fromThrowable($this->tooLarge(strlen($payload))), $meta);
        }
        $this->connection->send($payload);
    }

    /**
     * Sends the answer to an event of a WebSocket; one that is too large fails the event.
     *
     * @param array<string, mixed> $answer
     */
    public function sendDone(int $id, array $answer): void
    {
        $meta = $this->countServed();
        $payload = ($this->pack)(['id' => $id] + $answer + ['_meta' => $meta]);
        if (strlen($payload) > $this->connection->frameBytesMax()) {
            $error = Failure::fromThrowable($this->tooLarge(strlen($payload)))['error'];
            $payload = ($this->pack)(['id' => $id, 'type' => 'done', 'error' => $error, '_meta' => $meta]);
        }
        $this->connection->send($payload);
    }

    /**
     * Sends a part of a response, as it is.
     *
     * @param array<string, mixed> $part
     */
    public function sendPart(array $part): void
    {
        $this->connection->send(($this->pack)($part));
    }

    public function pack(mixed $value): string
    {
        return ($this->pack)($value);
    }

    /**
     * Counts a request as served.
     *
     * @return array{req_count: int, mem_usage: int, mem_peak: int, recycle: bool} what its response tells of this process
     */
    public function countServed(): array
    {
        $this->servedCount++;
        $memoryBytes = memory_get_usage(true);
        if (
            ($this->maxRequests > 0 && $this->servedCount >= $this->maxRequests)
            || ($this->memoryLimitBytes > 0 && $memoryBytes > $this->memoryLimitBytes)
        ) {
            $this->isRecycleDue = true;
        }

        return [
            'req_count' => $this->servedCount,
            'mem_usage' => $memoryBytes,
            'mem_peak' => memory_get_peak_usage(true),
            'recycle' => $this->isRecycleDue,
        ];
    }

    /** Asks the engine, with the next response, to replace this process. */
    public function requestRecycle(): void
    {
        $this->isRecycleDue = true;
    }

    public function servedCount(): int
    {
        return $this->servedCount;
    }

    /**
     * @param array{status: int, headers: array<string|int, list<string>>, body: string, error: string} $response
     * @param array<string, int|bool>                                                                   $meta
     */
    private function encode(int|string $id, array $response, array $meta): string
    {
        $payload = ($this->pack)([
            'id' => is_int($id) ? $id : 0,
            'status' => $response['status'],
            'headers' => $response['headers'],
            'body' => $response['body'],
            'error' => $response['error'],
            '_meta' => $meta,
        ]);

        // No codec packs an integer PHP cannot hold: a zero of one byte stands in for it and is replaced.
        return is_int($id)
            ? $payload
            : substr_replace($payload, "\xcf" . Uint64::toBytes($id), self::ID_OFFSET, 1);
    }

    private function tooLarge(int $payloadBytes): InvalidResponseException
    {
        $bytesMax = $this->connection->frameBytesMax();

        return new InvalidResponseException(
            "Cannot send the response: its frame has $payloadBytes bytes, $bytesMax are allowed",
        );
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Throwable;
use Traversable;
use Vilya\Protocol\Connection;
use Vilya\Protocol\Inbox;
use Vilya\Protocol\ResponseStream;

/**
 * Answers with bodies that come into being: in parts where the engine takes them, else whole.
 *
 * A process streams one response at a time and serves nobody else meanwhile.
 */
final class Streamer
{
    /** Room that the rest of a frame needs beside a whole body, in bytes. */
    private const FRAME_OVERHEAD_BYTES = 64 * 1024;

    private ?ResponseStream $open = null;
    private bool $isSupported = false;

    public function __construct(
        private readonly Connection $connection,
        private readonly Inbox $inbox,
        private readonly Responder $responder,
    ) {
    }

    /** The engine has said that it takes responses in parts. */
    public function enable(): void
    {
        $this->isSupported = true;
    }

    public function isSupported(): bool
    {
        return $this->isSupported;
    }

    /** The largest body that fits into one frame with its head; larger ones go in parts, where the engine takes them. */
    public function wholeBytesMax(): int
    {
        return $this->connection->frameBytesMax() - self::FRAME_OVERHEAD_BYTES;
    }

    /** Whether a head has left whose end has not. */
    public function isStreaming(): bool
    {
        return $this->open !== null;
    }

    /**
     * @param array{status: int, headers: array<string|int, list<string>>, body: Closure|Traversable, error: string} $response
     */
    public function answer(int|string $id, array $response): void
    {
        if (!$this->isSupported || !is_int($id) || $response['error'] !== '') {
            $this->responder->send($id, $this->collect($response));

            return;
        }
        $this->open = new ResponseStream($this->inbox, $this->connection, $this->responder->pack(...), $id);
        $this->open->begin($response['status'], $response['headers']);
        $error = '';
        $stream = new Stream($this->open);
        if (!$this->open->isGone()) {
            try {
                StreamedBody::run($response['body'], $stream);
            } catch (Throwable $thrown) {
                $error = Failure::fromThrowable($thrown)['error'];
            }
        }
        $this->end($error, $stream->trailers());
    }

    /**
     * Ends the response that is streamed, for whatever reason its body does not.
     *
     * @param array<string, list<string>> $trailers
     */
    public function end(string $error, array $trailers = []): void
    {
        $stream = $this->open;
        $this->open = null;
        $stream?->end($error, $trailers, $this->responder->countServed());
    }

    /**
     * @param array{status: int, headers: array<string|int, list<string>>, body: Closure|Traversable, error: string} $response
     *
     * @return array{status: int, headers: array<string|int, list<string>>, body: string, error: string}
     */
    private function collect(array $response): array
    {
        $body = $response['body'];
        $collected = new CollectedBody($this->wholeBytesMax());
        $response['body'] = '';
        try {
            if ($response['error'] === '') {
                StreamedBody::run($body, new Stream($collected));
            }
        } catch (Throwable $thrown) {
            return Failure::fromThrowable($thrown);
        }

        return ['body' => $collected->bytes()] + $response;
    }
}

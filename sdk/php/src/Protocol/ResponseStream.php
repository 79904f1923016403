<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use Closure;
use Vilya\Runtime\SocketEvents;

use function is_int;
use function min;
use function strlen;
use function substr;

/**
 * One response in parts on the wire: head, chunks as far as the credit goes, end (docs/reference/wire.md, W2.10 to W2.17).
 *
 * Of what the engine says meanwhile it takes what is its own, and the requests that are void.
 */
final class ResponseStream implements BodySink, Listener
{
    /** Bytes of body in one frame: large enough to cost little, small enough for the client to see progress. */
    private const CHUNK_BYTES_MAX = 64 * 1024;

    private int $creditBytes = 0;
    /** Whether the engine has answered the head. */
    private bool $isOpen = false;
    private bool $isCancelled = false;

    /**
     * @param Closure(mixed): string $pack
     */
    public function __construct(
        private readonly Inbox $inbox,
        private readonly Connection $connection,
        private readonly Closure $pack,
        private readonly int $id,
    ) {
    }

    /**
     * Sends the head and waits until the engine has answered it.
     *
     * @param array<string|int, list<string>> $headers
     *
     * @throws ProtocolException when the engine is gone
     */
    public function begin(int $status, array $headers): void
    {
        $this->put(['type' => 'head', 'id' => $this->id, 'status' => $status, 'headers' => $headers]);
        $this->inbox->add($this);
        while (!$this->isOpen && !$this->isCancelled()) {
            $this->inbox->listen();
        }
    }

    /** Sends all of it, however long the client takes; false when nobody is there to read it. */
    public function send(string $bytes): bool
    {
        $this->inbox->poll();
        for ($offset = 0; $offset < strlen($bytes); $offset += $length) {
            while ($this->creditBytes === 0 && !$this->isCancelled()) {
                $this->inbox->listen();
            }
            if ($this->isCancelled()) {
                return false;
            }
            $length = min(strlen($bytes) - $offset, $this->creditBytes, self::CHUNK_BYTES_MAX);
            $this->creditBytes -= $length;
            $this->put(['type' => 'chunk', 'id' => $this->id, 'body' => substr($bytes, $offset, $length)]);
        }

        return !$this->isCancelled();
    }

    /** Whether the client has left, as far as the engine has said so by now. */
    public function isGone(): bool
    {
        $this->inbox->poll();

        return $this->isCancelled();
    }

    /**
     * Ends the response.
     *
     * @param string                      $error    why the body is incomplete; empty when it is not
     * @param array<string, list<string>> $trailers what follows it
     * @param array<string, mixed>        $meta
     */
    public function end(string $error, array $trailers, array $meta): void
    {
        $this->inbox->remove($this);
        $part = ['type' => 'end', 'id' => $this->id, 'error' => $error, '_meta' => $meta];
        $this->put($trailers === [] ? $part : $part + ['trailers' => $trailers]);
    }

    public function take(array $message): bool
    {
        $type = $message['type'] ?? 'request';
        $isMine = ($message['id'] ?? null) === $this->id;
        if ($type === 'credit' && $isMine) {
            $this->isOpen = true;
            $this->creditBytes += is_int($message['bytes'] ?? null) ? $message['bytes'] : 0;

            return true;
        }
        if ($type === 'cancel' && $isMine) {
            return $this->isCancelled = true;
        }

        return ($type === 'request' || SocketEvents::isEvent($type)) && !$this->isOpen && !$this->isCancelled;
    }

    private function isCancelled(): bool
    {
        return $this->isCancelled = $this->isCancelled || $this->inbox->isClosed();
    }

    /** @param array<string, mixed> $message */
    private function put(array $message): void
    {
        $this->connection->send(($this->pack)($message));
    }
}

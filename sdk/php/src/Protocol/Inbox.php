<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use SplQueue;

/**
 * What the engine says, in its order: to whoever listens while a request is served, and the rest to the loop behind it.
 */
final class Inbox
{
    /** @var SplQueue<array<string, mixed>> what nobody listened for */
    private readonly SplQueue $backlog;
    /** @var array<int, Listener> */
    private array $listeners = [];

    public function __construct(private readonly Connection $connection, private readonly MessageDecoder $decoder)
    {
        $this->backlog = new SplQueue();
    }

    /**
     * The next message, or null when none has arrived.
     *
     * @return array<string, mixed>|null
     *
     * @throws ProtocolException
     */
    public function next(): ?array
    {
        return $this->backlog->isEmpty() ? $this->receive() : $this->backlog->dequeue();
    }

    public function add(Listener $listener): void
    {
        $this->listeners[spl_object_id($listener)] = $listener;
    }

    public function remove(Listener $listener): void
    {
        unset($this->listeners[spl_object_id($listener)]);
    }

    /** True once the engine has left: nothing more comes. */
    public function isClosed(): bool
    {
        return $this->connection->isClosed();
    }

    /** Hands on what has arrived, without waiting. */
    public function poll(): void
    {
        if ($this->connection->poll()) {
            $this->handOn();
        }
    }

    /** Hands on what is there, and sleeps only when there is nothing: it may have been read together with the request. */
    public function listen(): void
    {
        if (!$this->handOn() && !$this->isClosed()) {
            $this->connection->wait();
            $this->handOn();
        }
    }

    /** Whether there was anything. */
    private function handOn(): bool
    {
        $hasMessage = false;
        while (($message = $this->receive()) !== null) {
            $hasMessage = true;
            $this->deliver($message);
        }

        return $hasMessage;
    }

    /** @param array<string, mixed> $message */
    private function deliver(array $message): void
    {
        foreach ($this->listeners as $listener) {
            if ($listener->take($message)) {
                return;
            }
        }
        $this->backlog->enqueue($message);
    }

    /** @return array<string, mixed>|null */
    private function receive(): ?array
    {
        $payload = $this->connection->next();

        return $payload === null ? null : $this->decoder->decode($payload);
    }
}

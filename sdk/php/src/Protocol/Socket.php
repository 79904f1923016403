<?php

declare(strict_types=1);

namespace Vilya\Protocol;

/** The bytes of the worker's Unix socket, in both directions, however PHP can reach them. */
interface Socket
{
    /**
     * Longest sleep in `receive()` until `limitWait()` says otherwise, in milliseconds. PHP cannot look at a flag and sleep in
     * one step: a signal that arrives in the instant before the sleep goes unnoticed this long at most.
     */
    public const WAIT_MS_MAX = 5_000;

    /**
     * What has arrived, at most $bytesMax bytes of it. Empty when nothing has: at once where it must not wait, else after a
     * signal or the longest sleep. Null once the engine has closed its side and everything was read.
     */
    public function receive(int $bytesMax, bool $mayWait): ?string;

    /** Sends all of it, however often the kernel takes only a part; false when the engine is gone. */
    public function send(string $bytes): bool;

    /** Takes the longest sleep in `receive()`, in milliseconds, at least 1. */
    public function limitWait(int $milliseconds): void;

    /** Closes the sending side. */
    public function endSending(): void;
}

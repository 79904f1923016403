<?php

declare(strict_types=1);

namespace Vilya\Protocol;

/** Who waits for messages of the engine while a request is served. */
interface Listener
{
    /**
     * Takes a message if it is for this listener.
     *
     * @param array<string, mixed> $message
     */
    public function take(array $message): bool;
}

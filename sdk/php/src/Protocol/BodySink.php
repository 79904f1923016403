<?php

declare(strict_types=1);

namespace Vilya\Protocol;

/** Where the bytes of a streamed body go. */
interface BodySink
{
    /** Takes all of the bytes; false when nobody wants them any more. */
    public function send(string $bytes): bool;

    public function isGone(): bool;
}

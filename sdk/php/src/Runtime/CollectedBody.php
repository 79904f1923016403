<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Vilya\Protocol\BodySink;

use function strlen;

/** Gathers a streamed body for an engine that takes whole responses only. */
final class CollectedBody implements BodySink
{
    private string $bytes = '';

    /** @param int $bytesMax what one response may have, in bytes */
    public function __construct(private readonly int $bytesMax)
    {
    }

    /** @throws InvalidResponseException when the body outgrows a frame: an endless one would take all memory */
    public function send(string $bytes): bool
    {
        $this->bytes .= $bytes;
        if (strlen($this->bytes) > $this->bytesMax) {
            throw new InvalidResponseException(
                "Cannot send the response: this engine takes no streams, {$this->bytesMax} bytes in one frame are allowed",
            );
        }

        return true;
    }

    public function isGone(): bool
    {
        return false;
    }

    public function bytes(): string
    {
        return $this->bytes;
    }
}

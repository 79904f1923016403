<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use function strlen;
use function substr;
use function unpack;

/**
 * Cuts a stream of bytes into frames: an unsigned 32-bit big-endian length and that many bytes of payload.
 *
 * It owns no socket and yields the same payloads however the stream was split. Between two calls of `append()` it keeps
 * no frame it has already handed out.
 */
final class FrameBuffer
{
    /** Longest payload until the engine's welcome says otherwise, in bytes. */
    public const FRAME_BYTES_MAX_DEFAULT = 10 * 1024 * 1024;

    /** A payload over this is not kept a second time here while a handler works on it, in bytes. */
    private const RETAINED_BYTES_MAX = 64 * 1024;

    private const LENGTH_BYTES = 4;

    private string $bytes = '';
    private int $offset = 0;
    private int $missingBytes = self::LENGTH_BYTES;
    private int $frameBytesMax = self::FRAME_BYTES_MAX_DEFAULT;

    /** Takes the limit for payloads, in bytes. */
    public function limitFrames(int $bytesMax): void
    {
        $this->frameBytesMax = $bytesMax;
    }

    public function append(string $bytes): void
    {
        $this->bytes .= $bytes;
    }

    /**
     * The next whole payload, or null when more bytes have to arrive first.
     *
     * @throws ProtocolException for a length of zero or over the limit, from the four bytes that say so
     */
    public function next(): ?string
    {
        $missing = self::LENGTH_BYTES - (strlen($this->bytes) - $this->offset);
        if ($missing <= 0) {
            $length = unpack('N', $this->bytes, $this->offset)[1];
            if ($length === 0 || $length > $this->frameBytesMax) {
                throw new ProtocolException(
                    "Cannot read a frame of $length bytes: 1 to {$this->frameBytesMax} bytes are allowed",
                );
            }
            $missing += $length;
            if ($missing <= 0) {
                $payload = substr($this->bytes, $this->offset + self::LENGTH_BYTES, $length);
                $this->offset += self::LENGTH_BYTES + $length;
                if ($length > self::RETAINED_BYTES_MAX) {
                    $this->compact();
                }

                return $payload;
            }
        }
        $this->missingBytes = $missing;
        $this->compact();

        return null;
    }

    /** How many bytes more it takes, at least, until a frame may be whole. Says so after `next()` returned null. */
    public function missingBytes(): int
    {
        return $this->missingBytes;
    }

    /** Whether the stream stands between two frames. */
    public function isEmpty(): bool
    {
        return $this->offset === strlen($this->bytes);
    }

    private function compact(): void
    {
        if ($this->offset > 0) {
            $this->bytes = substr($this->bytes, $this->offset);
            $this->offset = 0;
        }
    }
}

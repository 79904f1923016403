<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use function hrtime;
use function intdiv;
use function max;
use function min;
use function pack;
use function strlen;

/**
 * The worker's end of the Unix socket: whole frames in, and one write for each frame out.
 *
 * `next()` only looks at what is here and answers "need more bytes" with null; `wait()` is the one place where an idle
 * process sleeps, and it takes in what wakes it. There is no idle timeout.
 */
final class Connection
{
    /** One read takes all that a full prefetch of ordinary requests holds, in bytes. */
    private const READ_BYTES_MIN = 64 * 1024;

    /** What one read asks for while a large frame arrives: more than a Unix socket buffers, in bytes. */
    private const READ_BYTES_MAX = 256 * 1024;

    /** The engine normally closes within milliseconds of a last response; past this the process leaves anyway. */
    private const LINGER_MS_MAX = 1_000;

    /** What one read of bytes that are dropped asks for: little, since the memory limit may be what ends the process. */
    private const LINGER_READ_BYTES = 8 * 1024;

    private readonly FrameBuffer $frames;
    private int $frameBytesMax = FrameBuffer::FRAME_BYTES_MAX_DEFAULT;
    private bool $isClosed = false;

    public function __construct(private readonly Socket $socket)
    {
        $this->frames = new FrameBuffer();
    }

    /** @throws ProtocolException when no engine listens at the path */
    public static function open(string $path): self
    {
        $stream = @stream_socket_client('unix://' . $path, $code, $reason);
        if ($stream === false) {
            throw new ProtocolException("Cannot connect to the engine at $path: $reason");
        }

        $isDirect = function_exists('socket_import_stream') && function_exists('socket_recv');

        return new self($isDirect ? new DirectSocket($stream) : new StreamSocket($stream));
    }

    /** Takes the limit a welcome announced, in bytes of payload, for both directions. */
    public function limitFrames(int $bytesMax): void
    {
        $this->frameBytesMax = $bytesMax;
        $this->frames->limitFrames($bytesMax);
    }

    public function frameBytesMax(): int
    {
        return $this->frameBytesMax;
    }

    /**
     * The payload of the next frame, or null when more bytes have to be taken in first.
     *
     * @throws ProtocolException for an empty or oversized frame
     */
    public function next(): ?string
    {
        return $this->frames->next();
    }

    /** True once the engine has closed its side between two frames; nothing more will come. */
    public function isClosed(): bool
    {
        return $this->isClosed;
    }

    /**
     * Takes in what has arrived, without waiting; false when nothing has, neither bytes nor a close. Costs a system call, for
     * work that must not delay a request.
     *
     * @throws ProtocolException for a close in the middle of a frame
     */
    public function poll(): bool
    {
        return $this->takeIn(false);
    }

    /**
     * Sleeps until bytes or a close arrive and takes them in; false when a signal or `Socket::WAIT_MS_MAX` ended the sleep.
     *
     * @throws ProtocolException for a close in the middle of a frame
     */
    public function wait(): bool
    {
        return $this->takeIn(true);
    }

    /**
     * Sends one frame whole, however often the kernel takes only a part of it.
     *
     * @throws ProtocolException for a payload over the limit, or when the engine is gone
     */
    public function send(string $payload): void
    {
        $length = strlen($payload);
        if ($length > $this->frameBytesMax) {
            throw new ProtocolException(
                "Cannot send a frame of $length bytes: 1 to {$this->frameBytesMax} bytes are allowed",
            );
        }
        $this->write(pack('N', $length) . $payload);
    }

    /**
     * Unframed bytes; the handshake's half of the protocol.
     *
     * @throws ProtocolException when the engine is gone
     */
    public function write(string $bytes): void
    {
        if (!$this->socket->send($bytes)) {
            throw new ProtocolException('Cannot send a frame: the engine closed the socket');
        }
    }

    /**
     * Reads exactly an unframed prefix, which may arrive in pieces and with frames right behind it.
     *
     * @throws ProtocolException when the engine says something else or leaves
     */
    public function expect(string $prefix): void
    {
        $received = '';
        while (($missing = strlen($prefix) - strlen($received)) > 0) {
            $received .= $this->socket->receive($missing, true) ?? throw new ProtocolException(
                'Cannot greet the engine: it closed the socket before its greeting',
            );
        }
        if ($received !== $prefix) {
            throw new ProtocolException("Cannot greet the engine: the socket speaks another protocol than $prefix");
        }
    }

    /**
     * Ends the conversation so that the last frame arrives: closes the writing side, then drops what still comes in
     * until the engine closes. Leaving with unread requests in the socket would reset it under that last frame.
     */
    public function linger(): void
    {
        $this->socket->endSending();
        $deadlineNs = hrtime(true) + self::LINGER_MS_MAX * 1_000_000;
        while (!$this->isClosed && ($leftNs = $deadlineNs - hrtime(true)) > 0) {
            $this->socket->limitWait(max(1, intdiv($leftNs, 1_000_000)));
            $this->isClosed = $this->socket->receive(self::LINGER_READ_BYTES, true) === null;
        }
        $this->isClosed = true;
    }

    private function takeIn(bool $mayWait): bool
    {
        $bytesMax = min(max($this->frames->missingBytes(), self::READ_BYTES_MIN), self::READ_BYTES_MAX);
        $bytes = $this->socket->receive($bytesMax, $mayWait);
        if ($bytes === null) {
            $this->isClosed = true;
            if (!$this->frames->isEmpty()) {
                throw new ProtocolException(
                    'Cannot read a frame: the engine closed the socket in the middle of it',
                );
            }

            return true;
        }
        $this->frames->append($bytes);

        return $bytes !== '';
    }
}

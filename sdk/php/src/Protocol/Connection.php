<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use function fread;
use function fwrite;
use function hrtime;
use function max;
use function min;
use function pack;
use function stream_select;
use function strlen;
use function substr;

/**
 * The worker's end of the Unix socket: whole frames in, and one write for each frame out.
 *
 * Reads never block: `next()` answers "need more bytes" with null, and `wait()` is the one place where an idle process
 * sleeps. There is no idle timeout.
 */
final class Connection
{
    /** One read takes all that a full prefetch of ordinary requests holds, in bytes. */
    private const READ_BYTES_MIN = 64 * 1024;

    /** What one read asks for while a large frame arrives: more than a Unix socket buffers, in bytes. */
    private const READ_BYTES_MAX = 256 * 1024;

    /** What one write hands over of what the kernel did not take at once: a copy of it is made each time, in bytes. */
    private const WRITE_BYTES_MAX = 1024 * 1024;

    /** The engine normally closes within milliseconds of a last response; past this the process leaves anyway. */
    private const LINGER_MS_MAX = 1_000;

    private readonly FrameBuffer $frames;
    private int $frameBytesMax = FrameBuffer::FRAME_BYTES_MAX_DEFAULT;
    private bool $isClosed = false;

    /** Whether the socket said that a read will find something. */
    private bool $isReadable = false;
    /** Two or more mean that the engine writes ahead, and that reading without being told is worth its system call. */
    private int $framesSinceRead = 0;

    /** @param resource $socket a connected stream socket; this object makes it non-blocking and owns it */
    public function __construct(private $socket)
    {
        stream_set_blocking($socket, false);
        stream_set_read_buffer($socket, 0);
        stream_set_write_buffer($socket, 0);
        $this->frames = new FrameBuffer();
    }

    /** @throws ProtocolException when no engine listens at the path */
    public static function open(string $path): self
    {
        $socket = @stream_socket_client('unix://' . $path, $code, $reason);
        if ($socket === false) {
            throw new ProtocolException("Cannot connect to the engine at $path: $reason");
        }

        return new self($socket);
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
     * The payload of the next frame, or null when more bytes have to arrive first or the engine has closed.
     *
     * @throws ProtocolException for an empty or oversized frame, or a close in the middle of one
     */
    public function next(): ?string
    {
        do {
            $payload = $this->frames->next();
            if ($payload !== null) {
                $this->framesSinceRead++;

                return $payload;
            }
        } while (($this->isReadable || $this->framesSinceRead > 1) && $this->read());

        return null;
    }

    /** True once the engine has closed its side between two frames; nothing more will come. */
    public function isClosed(): bool
    {
        return $this->isClosed;
    }

    /** Whether bytes wait in the socket. Costs a system call, for work that must not delay a request. */
    public function isReadable(): bool
    {
        return $this->wait(0);
    }

    /**
     * Sleeps until bytes or a close arrive, or a signal interrupts.
     *
     * @param int|null $secondsMax null waits for ever
     */
    public function wait(?int $secondsMax = null): bool
    {
        $readable = [$this->socket];
        $writable = $except = null;
        $count = @stream_select($readable, $writable, $except, $secondsMax);
        if ($count === false) {
            // A signal came. PHP also keeps that as the last error, which is none of the next request's business.
            error_clear_last();
        }

        return $this->isReadable = $count === 1;
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

    /** Unframed bytes; the handshake's half of the protocol. */
    public function write(string $bytes): void
    {
        $written = @fwrite($this->socket, $bytes);
        if ($written !== strlen($bytes)) {
            $this->writeRest($bytes, (int) $written);
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
            $isReadable = $this->wait();
            $received .= $chunk = (string) @fread($this->socket, $missing);
            if ($isReadable && $chunk === '') {
                throw new ProtocolException('Cannot greet the engine: it closed the socket before its greeting');
            }
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
        @stream_socket_shutdown($this->socket, STREAM_SHUT_WR);
        $deadlineNs = hrtime(true) + self::LINGER_MS_MAX * 1_000_000;
        while (!$this->isClosed && ($leftNs = $deadlineNs - hrtime(true)) > 0) {
            $readable = [$this->socket];
            $writable = $except = null;
            if (@stream_select($readable, $writable, $except, 0, intdiv($leftNs, 1_000)) === 1) {
                $this->isClosed = (string) @fread($this->socket, self::READ_BYTES_MAX) === '';
            }
        }
        $this->isClosed = true;
    }

    /** Takes in what the socket holds; false when it holds nothing. */
    private function read(): bool
    {
        $wasReadable = $this->isReadable;
        $this->isReadable = false;
        $this->framesSinceRead = 0;
        $bytesMax = min(max($this->frames->missingBytes(), self::READ_BYTES_MIN), self::READ_BYTES_MAX);
        $bytes = (string) @fread($this->socket, $bytesMax);
        if ($bytes !== '') {
            $this->frames->append($bytes);

            return true;
        }
        // Readable and yet empty is how the kernel says end of stream; empty alone only says "not yet".
        if ($wasReadable && feof($this->socket)) {
            $this->isClosed = true;
            if (!$this->frames->isEmpty()) {
                throw new ProtocolException(
                    'Cannot read a frame: the engine closed the socket in the middle of it',
                );
            }
        }

        return false;
    }

    private function writeRest(string $bytes, int $offset): void
    {
        while ($offset < strlen($bytes)) {
            $writable = [$this->socket];
            $readable = $except = null;
            @stream_select($readable, $writable, $except, null);
            $written = @fwrite($this->socket, substr($bytes, $offset, self::WRITE_BYTES_MAX));
            if ($written === false) {
                throw new ProtocolException('Cannot send a frame: the engine closed the socket');
            }
            $offset += $written;
        }
    }
}

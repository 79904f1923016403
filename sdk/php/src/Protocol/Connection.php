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
use function unpack;

/**
 * The worker's end of the Unix socket: bytes in, whole frames out, and one write for each frame sent.
 *
 * A frame is an unsigned 32-bit big-endian length and that many bytes of payload. Reads never block: `next()` answers
 * "need more bytes" with null, and `wait()` is the one place where the process sleeps. There is no idle timeout.
 */
final class Connection
{
    /** Longest payload in either direction until a welcome says otherwise, in bytes. */
    public const FRAME_BYTES_MAX_DEFAULT = 10 * 1024 * 1024;

    /** One read takes all that a full prefetch of ordinary requests holds; larger frames ask for what they miss. */
    private const READ_BYTES = 64 * 1024;

    /** What one read asks for while a large frame arrives: more than a Unix socket buffers, so never a small bite. */
    private const READ_BYTES_MAX = 256 * 1024;

    /** The engine normally closes within milliseconds of a last response; past this the process leaves anyway. */
    private const LINGER_MS_MAX = 1_000;

    private int $frameBytesMax = self::FRAME_BYTES_MAX_DEFAULT;
    private string $buffer = '';
    private int $offset = 0;
    private bool $isClosed = false;

    /** Whether a read is worth its system call: the socket said so, or the last read brought a prefetched batch. */
    private bool $isReadPromising = false;
    private int $framesSinceRead = 0;

    /** @param resource $socket a connected stream socket; this object makes it non-blocking and owns it */
    public function __construct(private $socket)
    {
        stream_set_blocking($socket, false);
        stream_set_read_buffer($socket, 0);
        stream_set_write_buffer($socket, 0);
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

    /**
     * The payload of the next frame, or null when more bytes have to arrive first or the engine has closed.
     *
     * @throws ProtocolException for an empty or oversized frame, or a close in the middle of one
     */
    public function next(): ?string
    {
        while (true) {
            $available = strlen($this->buffer) - $this->offset;
            $missing = 4 - $available;
            if ($missing <= 0) {
                $length = unpack('N', $this->buffer, $this->offset)[1];
                if ($length === 0 || $length > $this->frameBytesMax) {
                    throw $this->lengthFailure('read', $length);
                }
                $missing += $length;
                if ($missing <= 0) {
                    $payload = substr($this->buffer, $this->offset + 4, $length);
                    $this->offset += 4 + $length;
                    $this->framesSinceRead++;
                    if ($length > self::READ_BYTES) {
                        $this->compact();
                    }

                    return $payload;
                }
            }
            if (!$this->read($missing)) {
                if ($this->isClosed && $this->buffer !== '') {
                    throw new ProtocolException(
                        'Cannot read a frame: the engine closed the socket in the middle of it',
                    );
                }

                return null;
            }
        }
    }

    /** True once the engine has closed its side between two frames; nothing more will come. */
    public function isClosed(): bool
    {
        return $this->isClosed;
    }

    /** Whether bytes wait in the socket. A peek that costs one system call, for work that must not delay a request. */
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

        return $this->isReadPromising = $count === 1;
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
            throw $this->lengthFailure('send', $length);
        }
        $this->write(pack('N', $length) . $payload);
    }

    /** Unframed bytes; the handshake's half of the protocol. */
    public function write(string $bytes): void
    {
        $written = @fwrite($this->socket, $bytes);
        if ($written === strlen($bytes)) {
            return;
        }
        $this->writeRest($bytes, (int) $written);
    }

    /** Waits for an unframed prefix, which may arrive in pieces and with frames right behind it. */
    public function expect(string $prefix): void
    {
        while (($missing = strlen($prefix) - strlen($this->buffer)) > 0) {
            $this->wait();
            if (!$this->read($missing) && $this->isClosed) {
                throw new ProtocolException('Cannot greet the engine: it closed the socket before its greeting');
            }
        }
        if (!str_starts_with($this->buffer, $prefix)) {
            throw new ProtocolException("Cannot greet the engine: the socket speaks another protocol than $prefix");
        }
        $this->offset = strlen($prefix);
    }

    public function frameBytesMax(): int
    {
        return $this->frameBytesMax;
    }

    /** Takes the limit a welcome announced, in bytes, for both directions. */
    public function limitFrames(int $bytesMax): void
    {
        $this->frameBytesMax = $bytesMax;
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
                $this->isClosed = @fread($this->socket, self::READ_BYTES) === '';
            }
        }
        $this->isClosed = true;
    }

    private function read(int $missing): bool
    {
        $this->compact();
        if (!$this->isReadPromising && $this->framesSinceRead < 2) {
            return false;
        }
        $wasReadable = $this->isReadPromising;
        $this->isReadPromising = false;
        $this->framesSinceRead = 0;
        $chunk = @fread($this->socket, min(max($missing, self::READ_BYTES), self::READ_BYTES_MAX));
        if ($chunk === '' || $chunk === false) {
            // Readable and yet empty is how the kernel says end of stream; empty alone only says "not yet".
            $this->isClosed = $wasReadable && feof($this->socket);

            return false;
        }
        $this->buffer .= $chunk;

        return true;
    }

    /** Lets go of what was handed out, so that an idle worker holds no request and a busy one no large body twice. */
    private function compact(): void
    {
        if ($this->offset > 0) {
            $this->buffer = substr($this->buffer, $this->offset);
            $this->offset = 0;
        }
    }

    private function writeRest(string $bytes, int $offset): void
    {
        while ($offset < strlen($bytes)) {
            $writable = [$this->socket];
            $readable = $except = null;
            @stream_select($readable, $writable, $except, null);
            $written = @fwrite($this->socket, substr($bytes, $offset, 1 << 20));
            if ($written === false) {
                throw new ProtocolException('Cannot send a frame: the engine closed the socket');
            }
            $offset += $written;
        }
    }

    private function lengthFailure(string $action, int $length): ProtocolException
    {
        return new ProtocolException(
            "Cannot $action a frame of $length bytes: 1 to {$this->frameBytesMax} bytes are allowed",
        );
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use function fread;
use function fwrite;
use function stream_select;
use function strlen;
use function substr;

/** The socket as a stream, where ext-sockets is missing: each read is preceded by a system call that sleeps. */
final class StreamSocket implements Socket
{
    /** What one write hands over of what the kernel did not take at once: a copy of it is made each time, in bytes. */
    private const WRITE_BYTES_MAX = 1024 * 1024;

    private int $waitMs = self::WAIT_MS_MAX;

    /** @param resource $stream a connected stream socket */
    public function __construct(private $stream)
    {
        stream_set_blocking($stream, false);
        stream_set_read_buffer($stream, 0);
        stream_set_write_buffer($stream, 0);
    }

    public function receive(int $bytesMax, bool $mayWait): ?string
    {
        if ($mayWait && !$this->sleep()) {
            return '';
        }
        $bytes = (string) @fread($this->stream, $bytesMax);

        return $bytes === '' && feof($this->stream) ? null : $bytes;
    }

    public function send(string $bytes): bool
    {
        $length = strlen($bytes);
        $written = @fwrite($this->stream, $bytes);
        for ($offset = (int) $written; $offset < $length; $offset += $written) {
            $writable = [$this->stream];
            $readable = $except = null;
            @stream_select($readable, $writable, $except, null);
            $written = @fwrite($this->stream, substr($bytes, $offset, self::WRITE_BYTES_MAX));
            if ($written === false) {
                return false;
            }
        }

        return true;
    }

    public function limitWait(int $milliseconds): void
    {
        $this->waitMs = $milliseconds;
    }

    public function endSending(): void
    {
        @stream_socket_shutdown($this->stream, STREAM_SHUT_WR);
    }

    private function sleep(): bool
    {
        $readable = [$this->stream];
        $writable = $except = null;
        $count = @stream_select($readable, $writable, $except, 0, $this->waitMs * 1_000);
        if ($count === false) {
            // A signal came. PHP also keeps that as the last error, which is none of the next request's business.
            error_clear_last();
        }

        return $count === 1;
    }
}

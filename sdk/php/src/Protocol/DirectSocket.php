<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use Socket as Handle;

use function socket_last_error;
use function socket_recv;
use function socket_send;
use function strlen;
use function substr;

/**
 * The socket through ext-sockets: reading, sleeping included, is one system call, and writing is another.
 *
 * Invariant: the socket has a receive timeout. It bounds a sleep, and a signal then ends it as well (signal(7)), whatever
 * way its handler was installed.
 */
final class DirectSocket implements Socket
{
    /** What a receive fails with when nothing has come: the timeout, MSG_DONTWAIT, or a signal. */
    private const NOTHING_YET = [SOCKET_EAGAIN, SOCKET_EWOULDBLOCK, SOCKET_EINTR];

    private readonly Handle $socket;

    /** @param resource $stream a connected stream socket */
    public function __construct($stream)
    {
        stream_set_blocking($stream, true);
        $this->socket = socket_import_stream($stream);
        $this->limitWait(self::WAIT_MS_MAX);
    }

    public function receive(int $bytesMax, bool $mayWait): ?string
    {
        $count = @socket_recv($this->socket, $bytes, $bytesMax, $mayWait ? 0 : MSG_DONTWAIT);
        if ($count > 0) {
            return $bytes;
        }
        if ($count === 0) {
            return null;
        }
        // A signal counts as an error, which is none of the next request's business.
        error_clear_last();

        return in_array(socket_last_error($this->socket), self::NOTHING_YET, true) ? '' : null;
    }

    public function send(string $bytes): bool
    {
        $length = strlen($bytes);
        $sent = @socket_send($this->socket, $bytes, $length, 0);
        // A signal in the middle of a long write is all that makes it a part.
        for ($offset = (int) $sent; $offset < $length; $offset += $sent) {
            if ($sent === false && socket_last_error($this->socket) !== SOCKET_EINTR) {
                return false;
            }
            $sent = @socket_send($this->socket, substr($bytes, $offset), $length - $offset, 0);
        }

        return true;
    }

    public function limitWait(int $milliseconds): void
    {
        socket_set_option($this->socket, SOL_SOCKET, SO_RCVTIMEO, [
            'sec' => intdiv($milliseconds, 1_000),
            'usec' => $milliseconds % 1_000 * 1_000,
        ]);
    }

    public function endSending(): void
    {
        @socket_shutdown($this->socket, 1);
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use FFI;
use FFI\Exception as ForeignFunctionException;

/** What a worker is forked for: what one that is executed reads from its command line and environment, and where it prints. */
final class ForkOrder
{
    private const AF_UNIX = 1;
    private const SOCK_STREAM = 1;

    private const DECLARATIONS = <<<'C'
        struct sockaddr_un { unsigned short family; char path[108]; };
        int socket(int domain, int type, int protocol);
        int connect(int descriptor, const struct sockaddr_un *address, unsigned int length);
        int dup2(int from, int to);
        int close(int descriptor);
        C;

    private function __construct(
        public readonly int $workerId,
        public readonly LaunchArguments $arguments,
        /** Where its STDOUT and its STDERR are read. */
        private readonly string $outputPath,
    ) {
    }

    /**
     * Null for a message that is no order: engines may say more than this library knows.
     *
     * @param array<string, mixed> $message
     */
    public static function read(array $message): ?self
    {
        if (($message['type'] ?? null) !== 'fork') {
            return null;
        }

        return new self(
            $message['worker_id'],
            new LaunchArguments($message['sock'], $message['max_requests']),
            $message['output'],
        );
    }

    /**
     * Connects STDOUT and then STDERR to the engine, so that it knows whose lines they are. Without ext-ffi they stay those of
     * the process this one was forked from.
     */
    public function redirectOutput(): void
    {
        if (PHP_OS_FAMILY !== 'Linux' || !extension_loaded('ffi')) {
            return;
        }
        try {
            $system = FFI::cdef(self::DECLARATIONS);
        } catch (ForeignFunctionException) {
            return; // Switched off by ffi.enable.
        }
        $address = $system->new('struct sockaddr_un');
        $address->family = self::AF_UNIX;
        $path = $this->outputPath;
        FFI::memcpy($address->path, $path, strlen($path));
        foreach ([1, 2] as $descriptor) {
            $socket = $system->socket(self::AF_UNIX, self::SOCK_STREAM, 0);
            if ($system->connect($socket, FFI::addr($address), FFI::sizeof($address)) === 0) {
                $system->dup2($socket, $descriptor);
            }
            $system->close($socket);
        }
    }
}

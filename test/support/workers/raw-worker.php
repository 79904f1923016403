<?php

/**
 * The worker protocol, level 1, in plain PHP: what a worker without any SDK does. Scripts beside this file misbehave with it.
 */

declare(strict_types=1);

/** Connects to the engine and answers its handshake. */
function connect(string $answer = 'OK'): mixed
{
    $socket = stream_socket_client('unix://' . optionValue('--sock'));
    if (fread($socket, 6) !== 'NARYA1') {
        exit(2);
    }
    fwrite($socket, $answer);
    return $socket;
}

/** The value behind `--name` on the command line. */
function optionValue(string $name): string
{
    return $GLOBALS['argv'][array_search($name, $GLOBALS['argv'], true) + 1];
}

/** The next request; null when the engine has closed the connection. */
function readRequest(mixed $socket): ?array
{
    $prefix = readExactly($socket, 4);
    return $prefix === null ? null : msgpack_unpack(readExactly($socket, unpack('N', $prefix)[1]));
}

function readExactly(mixed $socket, int $count): ?string
{
    $bytes = '';
    while (strlen($bytes) < $count) {
        $chunk = fread($socket, $count - strlen($bytes));
        if ($chunk === '' || $chunk === false) {
            return null;
        }
        $bytes .= $chunk;
    }
    return $bytes;
}

function frame(array $response): string
{
    $bytes = msgpack_pack($response);
    return pack('N', strlen($bytes)) . $bytes;
}

function respond(mixed $socket, array $request, string $body = '', array $more = []): void
{
    fwrite($socket, frame($more + [
        'id' => $request['id'],
        'status' => 200,
        'headers' => ['content-type' => ['text/plain']],
        'body' => $body,
        'error' => '',
    ]));
}

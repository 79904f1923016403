<?php

declare(strict_types=1);

/* A worker of level 2 that answers in parts as the path says, mostly as it must not. */

require __DIR__ . '/raw-worker.php';

$socket = connect('OK' . frame(['type' => 'hello', 'level' => 2, 'sdk' => 'test/1', 'features' => ['stream']]));

function part(mixed $socket, array $request, string $type, array $more = []): void
{
    fwrite($socket, frame(['type' => $type, 'id' => $request['id']] + $more));
}

/** Reads until the engine says `$type`; requests on the way are void. */
function awaitType(mixed $socket, string $type): array
{
    do {
        $message = readRequest($socket) ?? exit(0);
        if (($message['type'] ?? '') === 'stop') {
            exit(0);
        }
    } while (($message['type'] ?? '') !== $type);

    return $message;
}

while (($request = readRequest($socket)) !== null) {
    if (isset($request['type'])) {
        if ($request['type'] === 'stop') {
            exit(0);
        }
        continue;
    }
    parse_str($request['query'], $query);
    switch (ltrim($request['path'], '/')) {
        case 'over-credit':
            part($socket, $request, 'head');
            $credit = awaitType($socket, 'credit')['bytes'];
            part($socket, $request, 'chunk', ['body' => str_repeat('x', $credit + 1)]);
            awaitType($socket, 'never');
            break;
        case 'chunk-before-credit':
            part($socket, $request, 'chunk', ['body' => 'x']);
            awaitType($socket, 'never');
            break;
        case 'two-heads':
            part($socket, $request, 'head');
            part($socket, $request, 'head');
            awaitType($socket, 'never');
            break;
        case 'response-in-stream':
            part($socket, $request, 'head');
            respond($socket, $request, 'whole');
            awaitType($socket, 'never');
            break;
        case 'split':
            part($socket, $request, 'head', ['headers' => ['X-Evil' => "a\r\nSet-Cookie: b"]]);
            awaitType($socket, 'cancel');
            part($socket, $request, 'end');
            break;
        case 'deaf':
            part($socket, $request, 'head');
            awaitType($socket, 'credit');
            part($socket, $request, 'chunk', ['body' => 'part']);
            awaitType($socket, 'never');
            break;
        case 'fast-stream':
            // Long enough for requests to be written ahead behind it.
            usleep(2_000);
            part($socket, $request, 'head');
            awaitType($socket, 'credit');
            part($socket, $request, 'chunk', ['body' => 'part']);
            while (!file_exists($query['file'])) {
                clearstatcache();
                usleep(1_000);
            }
            part($socket, $request, 'end');
            break;
        default:
            respond($socket, $request, (string) getmypid());
    }
}

<?php

/** A worker of level 2: says hello, and leaves when it is told to. Its last words prove that it was not killed. */

declare(strict_types=1);

require __DIR__ . '/raw-worker.php';

$socket = connect('OK' . frame(['type' => 'hello', 'level' => 2, 'sdk' => 'test/1', 'features' => []]));
$welcome = readRequest($socket);
while (($request = readRequest($socket)) !== null) {
    if (($request['type'] ?? '') === 'stop') {
        fwrite(STDERR, 'told to stop within ' . $request['grace_ms'] . "\n");
        exit(0);
    }
    respond($socket, $request, (string) json_encode($welcome));
}
fwrite(STDERR, "cut off\n");

<?php

/** A worker that exits in good order when it was idle for IDLE_MS behind SERVED_MIN requests, as the first SDK does after 30 s. */

declare(strict_types=1);

require __DIR__ . '/raw-worker.php';

$socket = connect();
for ($servedCount = 0;; $servedCount++) {
    $read = [$socket];
    $none = [];
    if ($servedCount >= (int) getenv('SERVED_MIN') && stream_select($read, $none, $none, 0, (int) getenv('IDLE_MS') * 1000) === 0) {
        // What arrives from here on is never read.
        touch(getcwd() . '/impatient');
        usleep((int) getenv('HESITATE_MS') * 1000);
        exit(0);
    }
    $request = readRequest($socket);
    if ($request === null) {
        exit(0);
    }
    respond($socket, $request, (string) getmypid());
}

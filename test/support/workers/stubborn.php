<?php

/** A worker that ignores SIGTERM and the end of its connection; `/stuck` never answers. */

declare(strict_types=1);

require __DIR__ . '/raw-worker.php';

pcntl_async_signals(true);
pcntl_signal(SIGTERM, SIG_IGN);
$socket = connect();
while (($request = readRequest($socket)) !== null) {
    if ($request['path'] === '/stuck') {
        sleep(999);
    }
    respond($socket, $request, (string) getmypid());
}
sleep(999);

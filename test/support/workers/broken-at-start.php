<?php

/** A worker that never gets ready; the environment says how, or whether it works by now. */

declare(strict_types=1);

require __DIR__ . '/raw-worker.php';

$file = getenv('BEHAVIOUR_FILE');
switch ($file === false ? getenv('BEHAVIOUR') : trim((string) file_get_contents($file))) {
    case 'exit':
        fwrite(STDERR, "first line\ncannot reach the database\n");
        exit(3);
    case 'exit-zero':
        exit(0);
    case 'silent':
        touch(getcwd() . '/silent');
        sleep(999);
    case 'connects-only':
        $socket = stream_socket_client('unix://' . optionValue('--sock'));
        touch(getcwd() . '/connects-only');
        sleep(999);
    case 'refuses':
        connect('NO');
        sleep(999);
    case 'ready-then-exit':
        connect();
        usleep(5_000);
        exit(1);
}
$socket = connect();
while (($request = readRequest($socket)) !== null) {
    respond($socket, $request, (string) getmypid());
}

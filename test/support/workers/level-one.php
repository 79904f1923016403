<?php

/** A worker of level 1: answers with the length of the body that it was given. */

declare(strict_types=1);

require __DIR__ . '/raw-worker.php';

$socket = connect();
while (($request = readRequest($socket)) !== null) {
    respond($socket, $request, strlen($request['body']) . ' ' . count($request));
}

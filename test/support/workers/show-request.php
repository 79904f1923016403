<?php

/** A worker that answers with the request it got, as JSON: bytes that are no UTF-8 as if they were Latin-1, the body in hexadecimal. */

declare(strict_types=1);

require __DIR__ . '/raw-worker.php';

$socket = connect();
while (($request = readRequest($socket)) !== null) {
    $shown = array_diff_key($request, ['id' => true, 'body' => true]);
    array_walk_recursive($shown, static function (mixed &$value): void {
        $value = is_string($value) && !mb_check_encoding($value, 'UTF-8') ? mb_convert_encoding($value, 'UTF-8', 'ISO-8859-1') : $value;
    });
    $shown['body'] = bin2hex($request['body']);
    respond($socket, $request, (string) json_encode($shown));
}

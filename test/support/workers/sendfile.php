<?php

declare(strict_types=1);

/* Names the file of the query instead of sending it, as an answer of its own or as the head of a stream; long text otherwise. */

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\Runtime\Worker;

(new Worker(null, function (array $request): array {
    parse_str($request['query'], $query);
    $file = $query['file'] ?? '';

    return match ($request['path']) {
        '/file' => ['headers' => ['X-Sendfile' => $file, 'Content-Disposition' => 'attachment']],
        '/gone-file' => ['status' => 410, 'headers' => ['X-Sendfile' => $file, 'Content-Type' => 'text/plain'], 'body' => 'gone'],
        '/streamed-file' => ['headers' => ['X-Sendfile' => $file], 'body' => (static fn () => yield 'not this')()],
        '/pid' => ['headers' => ['Content-Type' => 'text/plain'], 'body' => (string) getmypid()],
        default => ['headers' => ['Content-Type' => 'text/plain'], 'body' => str_repeat("from the worker\n", 1000)],
    };
}))->run();

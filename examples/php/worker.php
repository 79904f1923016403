<?php

/**
 * A PHP application in one file, kept warm by Vilya: what examples/typescript/server.ts is in TypeScript.
 *
 *     vilya serve --config examples/php/vilya.yaml
 *
 *     curl localhost:8888/                  JSON about this process
 *     curl localhost:8888/hello/World       a greeting
 *     curl -d 'any text' localhost:8888/echo    the request, as the handler sees it
 *     curl 'localhost:8888/slow?ms=500'     an answer that takes its time
 *     curl localhost:8888/healthz           whether the application is well
 *
 * The engine starts it as `php worker.php --sock PATH`. Everything above `run()` happens once in a process; the handler
 * happens once a request.
 */

declare(strict_types=1);

require __DIR__ . '/../../sdk/php/autoload.php';

use Vilya\Runtime\Worker;

const JSON = ['Content-Type' => ['application/json']];
const TEXT = ['Content-Type' => ['text/plain; charset=utf-8']];

/** A request may hold its worker for this long at most, in milliseconds. */
const SLOW_MS_MAX = 10_000;

/** @return array{status?: int, headers: array<string, list<string>>, body: string} */
function json(mixed $value, int $status = 200): array
{
    $flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRETTY_PRINT;

    return ['status' => $status, 'headers' => JSON, 'body' => json_encode($value, $flags) . "\n"];
}

$startedAt = microtime(true);
$servedCount = 0;

$handler = function (array $request) use ($startedAt, &$servedCount): array {
    $servedCount++;
    $path = $request['path'];

    if ($path === '/') {
        return json([
            'message' => 'Hello from a warm PHP process',
            'php' => PHP_VERSION,
            'process' => getmypid(),
            'requests_served' => $servedCount,
            'warm_for_seconds' => round(microtime(true) - $startedAt, 3),
        ]);
    }
    if ($path === '/healthz') {
        return json(['status' => 'ok']);
    }
    if ($path === '/echo') {
        return json($request);
    }
    if ($path === '/slow') {
        parse_str($request['query'], $query);
        $ms = min(max((int) ($query['ms'] ?? 1_000), 0), SLOW_MS_MAX);
        usleep($ms * 1_000);

        return ['headers' => TEXT, 'body' => "That took $ms ms.\n"];
    }
    if (preg_match('~^/hello/([^/]+)$~', $path, $matches) === 1) {
        return ['headers' => TEXT, 'body' => 'Hello, ' . rawurldecode($matches[1]) . "!\n"];
    }

    return json(['error' => 'Not Found', 'path' => $path], 404);
};

(new Worker(null, $handler))->run();

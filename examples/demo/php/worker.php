<?php

/**
 * The PHP half of the demo; typescript/server.ts answers the same paths below /ts.
 *
 *     curl localhost:8888/php/hello/Ada             a greeting, and which process sent it
 *     curl localhost:8888/php/slow?ms=300           an answer that takes its time
 *     curl -F file=@FILE localhost:8888/php/upload  how long a file is, and its SHA-256
 *     ws://localhost:8888/php/chat?name=Ada         the chat room, shared with the TypeScript app
 */

declare(strict_types=1);

require __DIR__ . '/../../../sdk/php/autoload.php';
require __DIR__ . '/chat.php';

use Vilya\Form;
use Vilya\Runtime\Worker;

/** A request may hold its worker for this long at most, in milliseconds. */
const SLOW_MS_MAX = 5_000;

/** @return array{status: int, headers: array<string, string>, body: string} */
function json(array $value, int $status = 200): array
{
    $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;

    return [
        'status' => $status,
        'headers' => ['Content-Type' => 'application/json', 'Cache-Control' => 'no-store'],
        'body' => json_encode($value, $flags) . "\n",
    ];
}

$startedAt = microtime(true);
$servedCount = 0;

$handler = function (array $request) use ($startedAt, &$servedCount): array {
    $servedCount++;
    $worker = [
        'runtime' => 'PHP ' . PHP_VERSION,
        'process' => getmypid(),
        'served' => $servedCount,
        'warm_seconds' => round(microtime(true) - $startedAt, 1),
    ];
    [, , $action, $name] = explode('/', $request['path']) + ['', '', '', ''];

    switch ($action) {
        case 'hello':
            return json(['message' => 'Hello, ' . rawurldecode($name) . '!', 'worker' => $worker]);
        case 'slow':
            parse_str($request['query'], $query);
            $ms = min(max((int) ($query['ms'] ?? 300), 0), SLOW_MS_MAX);
            usleep($ms * 1_000);

            return json(['message' => "That took $ms ms.", 'worker' => $worker]);
        case 'upload':
            $file = Form::of($request)->file('file');
            if ($file === null) {
                return json(['error' => 'There is no file in this form: curl -F file=@FILE'], 400);
            }

            return json(['bytes' => $file->byteCount, 'sha256' => hash_file('sha256', $file->path), 'worker' => $worker]);
        default:
            return json(['error' => 'There is nothing here.'], 404);
    }
};

(new Worker(handler: $handler, webSocket: new Chat()))->run();

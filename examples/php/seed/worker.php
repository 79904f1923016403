<?php

/**
 * Example worker using the Worker class (orchestrator with reset, error handling).
 *
 * The Go runtime starts: php worker.php --sock /path/to.sock
 * Worker accepts a callable handler: same API, with state reset between requests.
 */

declare(strict_types=1);

require_once __DIR__ . '/vendor/autoload.php';

use Narya\Runtime\Worker;

// Pre-encoded responses (example; your app may use a router or framework)
const HEALTH_JSON = '{"status":"ok","service":"api-go","version":"1.0.0"}';
const ROOT_JSON   = '{"message":"Hello from Go API","data":[{"id":"1","name":"Gandalf","email":"gandalf@middleearth.com"},{"id":"2","name":"Frodo","email":"frodo@shire.com"},{"id":"3","name":"Aragorn","email":"aragorn@gondor.com"}],"total":3}';
const HEADERS_JSON = ['Content-Type' => ['application/json']];

$handler = function (array $request): array {
    $method = $request['method'] ?? 'GET';
    $path   = strtok($request['path'] ?? '/', '?') ?: '/';

    if ($path === '/health' && $method === 'GET') {
        return ['status' => 200, 'headers' => HEADERS_JSON, 'body' => HEALTH_JSON, 'error' => ''];
    }
    if ($path === '/' && $method === 'GET') {
        return ['status' => 200, 'headers' => HEADERS_JSON, 'body' => ROOT_JSON, 'error' => ''];
    }
    return [
        'status'  => 404,
        'headers' => HEADERS_JSON,
        'body'    => '{"error":"Not Found"}',
        'error'   => '',
    ];
};

try {
    (new Worker(null, $handler))->run();
} catch (Throwable $e) {
    fwrite(STDERR, "[FATAL] Worker error: {$e->getMessage()}\n");
    exit(1);
}

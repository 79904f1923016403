<?php

declare(strict_types=1);

/* Takes uploads with the SDK; what the path says, gated by files that a test makes. */

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\RequestBody;
use Vilya\Runtime\IncompleteBodyException;
use Vilya\Runtime\Worker;
use Vilya\Runtime\WorkerOptions;

function await(string $file): void
{
    while (!file_exists($file)) {
        clearstatcache();
        usleep(1_000);
    }
}

(new Worker(null, function (array $request): array {
    parse_str($request['query'], $query);
    $file = $query['file'] ?? '';
    $body = RequestBody::of($request);

    return match ($request['path']) {
        '/pid' => ['body' => (string) getmypid()],
        '/kind' => ['body' => match (true) {
            isset($request['body_stream']) => 'stream',
            isset($request['body_file']) => 'file',
            default => 'value',
        }],
        '/hash' => (function () use ($body): array {
            $hash = hash_init('sha256');
            $count = 0;
            foreach ($body as $bytes) {
                hash_update($hash, $bytes);
                $count += strlen($bytes);
            }

            return ['body' => "$count " . hash_final($hash) . ' ' . json_encode($body->trailers())];
        })(),
        '/first' => ['body' => 'first ' . $body->read(5)],
        '/unread' => ['body' => 'not needed'],
        '/never' => (function () use ($file): array {
            file_put_contents($file, (string) getmypid());
            while (true) {
                sleep(1);
            }
        })(),
        '/begun' => (function () use ($body, $file): array {
            file_put_contents($file, $body->read(100) === '' ? 'nothing' : (string) getmypid());
            try {
                return ['body' => (string) strlen($body->getContents(PHP_INT_MAX))];
            } catch (IncompleteBodyException $exception) {
                file_put_contents("$file-broken", $exception->getMessage());
                throw $exception;
            }
        })(),
        '/path' => (function () use ($request, $file): array {
            $path = $request['body_file'] ?? '';
            file_put_contents("$file.new", json_encode([$path, sprintf('%o', fileperms($path)), sprintf('%o', fileperms(dirname($path)))]));
            rename("$file.new", $file);
            await("$file-go");

            return ['body' => sha1_file($path)];
        })(),
        '/move' => ['body' => rename($request['body_file'], $file) ? 'moved' : 'lost'],
    };
}, new WorkerOptions(bodyFiles: getenv('BODY_FILES') === '1')))->run();

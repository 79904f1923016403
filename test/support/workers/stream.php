<?php

declare(strict_types=1);

/* Streams with the SDK; what the path says, gated by files that a test makes. */

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\EventStream;
use Vilya\Runtime\ClientGoneException;
use Vilya\Runtime\Respond;
use Vilya\Runtime\Stream;
use Vilya\Runtime\Worker;

function await(string $file): void
{
    while (!file_exists($file)) {
        clearstatcache();
        usleep(1_000);
    }
}

(new Worker(null, function (array $request, Respond $respond): array {
    parse_str($request['query'], $query);
    $file = $query['file'] ?? '';
    $bytes = (int) ($query['bytes'] ?? 0);
    $headers = isset($query['length']) ? ['Content-Length' => $query['length']] : [];

    return match ($request['path']) {
        '/pid' => ['body' => (string) getmypid()],
        '/gate' => ['headers' => $headers, 'body' => (function () use ($file): Generator {
            yield "one\n";
            await($file);
            yield "two\n";
        })()],
        '/events' => EventStream::response(function (EventStream $events) use ($file): void {
            $events->send("first\nline", event: 'tick', id: '1');
            await($file);
            $events->comment('still here');
            $events->send('last', retryMs: 500);
        }),
        '/hints' => (function () use ($respond, $file): array {
            $respond->earlyHints(['</a.css>; rel=preload', '</b.js>; rel=preload']);
            await($file);

            return ['body' => 'page'];
        })(),
        '/bytes' => ['headers' => $headers, 'body' => function (Stream $stream) use ($bytes): void {
            for ($left = $bytes; $left > 0; $left -= 65_536) {
                $stream->write(str_repeat('x', min($left, 65_536)));
            }
        }],
        '/string' => ['headers' => $headers, 'body' => str_repeat('x', $bytes)],
        '/trailers' => ['headers' => ['Trailer' => 'X-Rows'] + $headers, 'body' => function (Stream $stream) use ($query): void {
            $stream->write('rows');
            $stream->trailer('X-Rows', '1');
            $stream->trailer($query['name'] ?? 'x-rows', '2');
        }],
        '/until-gone' => ['body' => function (Stream $stream) use ($file): void {
            try {
                while (true) {
                    $stream->write(str_repeat('y', 4_096));
                    $stream->flush();
                }
            } catch (ClientGoneException) {
                file_put_contents($file, 'gone');
            }
        }],
        '/silent-until-gone' => ['body' => function (Stream $stream) use ($file): void {
            $stream->write('hello');
            $stream->flush();
            while (!$stream->isClientGone()) {
                usleep(1_000);
            }
            file_put_contents($file, 'gone');
        }],
        '/die' => ['headers' => $headers, 'body' => function (Stream $stream) use ($file): void {
            $stream->write('part');
            $stream->flush();
            await($file);
            posix_kill(getmypid(), SIGKILL);
        }],
        '/throw' => ['body' => function (Stream $stream): void {
            $stream->write('part');
            $stream->flush();
            throw new DomainException('secret');
        }],
        '/status' => ['status' => (int) $query['status'], 'headers' => $headers, 'body' => (fn () => yield 'content')()],
        default => ['status' => 404],
    };
}))->run();

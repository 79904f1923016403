<?php

/** Streams for `bench/streaming.ts`: bytes by the gigabyte, and events that carry the time they were sent at. */

declare(strict_types=1);

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\EventStream;
use Vilya\Runtime\Stream;
use Vilya\Runtime\Worker;

(new Worker(null, static function (array $request): array {
    parse_str($request['query'], $query);

    return match ($request['path']) {
        '/bytes' => ['body' => static function (Stream $stream) use ($query): void {
            $block = str_repeat('x', 65_536);
            for ($left = (int) $query['count']; $left > 0; $left -= 65_536) {
                $stream->write($left >= 65_536 ? $block : substr($block, 0, $left));
            }
        }],
        '/events' => EventStream::response(static function (EventStream $events) use ($query): void {
            for ($left = (int) $query['count']; $left > 0; $left--) {
                $events->send((string) (microtime(true) * 1_000));
                usleep(1_000 * (int) $query['interval_ms']);
            }
        }),
        default => ['body' => 'ok'],
    };
}))->run();

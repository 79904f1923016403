<?php

/**
 * Responses that come into being while the client reads them.
 *
 *     vilya serve --config examples/php/stream.yaml
 *
 *     curl -N localhost:8080/events                 server-sent events, one a second
 *     curl -N localhost:8080/countdown              a generator: what it yields leaves at once
 *     curl -N 'localhost:8080/rows?count=1000000'   a body of any size in little memory
 *     curl -v localhost:8080/                       early hints (103) before the page
 *
 * A process streams one response at a time: give the pool as many workers as there may be streams, and some for the rest.
 */

declare(strict_types=1);

require __DIR__ . '/../../sdk/php/autoload.php';

use Vilya\EventStream;
use Vilya\Runtime\Respond;
use Vilya\Runtime\Stream;
use Vilya\Runtime\Worker;

const PAGE = <<<'HTML'
    <!doctype html>
    <title>Streams</title>
    <p id="time">waiting</p>
    <script>
      new EventSource("/events").addEventListener("tick", (event) => {
        document.getElementById("time").textContent = event.data;
      });
    </script>
    HTML;

$handler = function (array $request, Respond $respond): array {
    parse_str($request['query'], $query);

    switch ($request['path']) {
        case '/':
            $respond->earlyHints('</events>; rel=preload; as=fetch');

            return ['headers' => ['Content-Type' => 'text/html; charset=UTF-8'], 'body' => PAGE];
        case '/events':
            return EventStream::response(function (EventStream $events) use ($request): void {
                $id = (int) ($request['headers']['Last-Event-Id'][0] ?? 0);
                while (!$events->isClientGone()) {
                    $events->send(date('H:i:s'), event: 'tick', id: (string) ++$id, retryMs: 1_000);
                    sleep(1);
                }
            });
        case '/countdown':
            return ['headers' => ['Content-Type' => 'text/plain'], 'body' => (function (): Generator {
                for ($left = 5; $left > 0; $left--) {
                    yield "$left\n";
                    sleep(1);
                }
                yield "Lift-off.\n";
            })()];
        case '/rows':
            $count = (int) ($query['count'] ?? 1_000);

            return ['headers' => ['Content-Type' => 'text/csv'], 'body' => function (Stream $stream) use ($count): void {
                for ($row = 0; $row < $count; $row++) {
                    $stream->write("$row," . md5((string) $row) . "\n");
                }
            }];
        default:
            return ['status' => 404, 'body' => "Not found\n"];
    }
};

(new Worker(null, $handler))->run();

<?php

/**
 * A chat: everybody who has the page open sees what anybody says, and a clock that the server pushes.
 *
 *     vilya serve --config examples/chat/vilya.yaml
 *
 *     http://localhost:8080/                          the page
 *     curl -d 'Tea is ready' localhost:8080/say       says something from outside: any request can publish
 *     curl -N localhost:8080/events                   the event stream
 */

declare(strict_types=1);

require __DIR__ . '/../../sdk/php/autoload.php';

use Vilya\EventStream;
use Vilya\Runtime\Worker;
use Vilya\WebSocket;
use Vilya\WebSocket\Socket;

const ROOM = 'room';
const NAME_LENGTH_MAX = 30;
const TEXT_LENGTH_MAX = 1_000;

function line(string $name, string $text): string
{
    return json_encode(['name' => $name, 'text' => $text], JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
}

final class Chat extends WebSocket
{
    public function onOpen(Socket $socket, array $request): ?array
    {
        parse_str($request['query'], $query);
        $name = mb_substr(trim((string) ($query['name'] ?? '')), 0, NAME_LENGTH_MAX);
        if ($name === '') {
            return ['status' => 400, 'body' => "Say who you are: /chat?name=Ada\n"];
        }
        $socket->state = $name;
        $socket->subscribe(ROOM);
        $socket->send(line('', "Welcome, $name"));
        $socket->publish(ROOM, line('', "$name has come"));

        return null;
    }

    public function onMessage(Socket $socket, string $message, bool $isBinary): void
    {
        if ($isBinary) {
            $socket->close(1003, 'text only');
        } else {
            WebSocket::publish(ROOM, line($socket->state, mb_substr($message, 0, TEXT_LENGTH_MAX)));
        }
    }

    public function onClose(Socket $socket, int $code, string $reason, bool $isClean): void
    {
        WebSocket::publish(ROOM, line('', "$socket->state has left"));
    }
}

$handler = function (array $request): array {
    switch ($request['path']) {
        case '/':
            return [
                'headers' => ['Content-Type' => 'text/html; charset=UTF-8'],
                'body' => file_get_contents(__DIR__ . '/page.html'),
            ];
        case '/say':
            WebSocket::publish(ROOM, line('A request', mb_substr($request['body'], 0, TEXT_LENGTH_MAX)));

            return ['status' => 204];
        case '/events':
            return EventStream::response(function (EventStream $events): void {
                while (!$events->isClientGone()) {
                    $events->send(date('H:i:s'), event: 'clock');
                    sleep(1);
                }
            });
        default:
            return ['status' => 404, 'body' => "Not found\n"];
    }
};

(new Worker(handler: $handler, webSocket: new Chat()))->run();

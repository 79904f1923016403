<?php

declare(strict_types=1);

use Vilya\WebSocket;
use Vilya\WebSocket\Socket;

/** The room as PHP serves it. Topics are the engine's: what is said here reaches those whom the TypeScript app let in, too. */
final class Chat extends WebSocket
{
    private const ROOM = 'room';
    private const NAME_LENGTH_MAX = 30;
    private const TEXT_LENGTH_MAX = 1_000;

    public function onOpen(Socket $socket, array $request): ?array
    {
        parse_str($request['query'], $query);
        $name = mb_substr(trim((string) ($query['name'] ?? '')), 0, self::NAME_LENGTH_MAX);
        if ($name === '') {
            return ['status' => 400, 'body' => "Say who you are: ?name=Ada\n"];
        }
        $socket->state = $name;
        $socket->subscribe(self::ROOM);
        WebSocket::publish(self::ROOM, self::line('joined', $name));

        return null;
    }

    public function onMessage(Socket $socket, string $message, bool $isBinary): void
    {
        if ($isBinary) {
            $socket->close(1003, 'text only');
        } else {
            WebSocket::publish(self::ROOM, self::line('said', $socket->state, mb_substr($message, 0, self::TEXT_LENGTH_MAX)));
        }
    }

    public function onClose(Socket $socket, int $code, string $reason, bool $isClean): void
    {
        WebSocket::publish(self::ROOM, self::line('left', $socket->state));
    }

    private static function line(string $kind, string $name, string $text = ''): string
    {
        $line = ['kind' => $kind, 'name' => $name, 'text' => $text, 'via' => 'PHP'];

        return json_encode($line, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
    }
}

<?php

/**
 * A worker whose WebSockets do what their messages say, and whose HTTP requests reach them. `EVENTS_FILE` gets a line for each open and
 * close that was run.
 */

declare(strict_types=1);

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\Runtime\Worker;
use Vilya\WebSocket;
use Vilya\WebSocket\Socket;

function note(string $line): void
{
    $file = getenv('EVENTS_FILE');
    if ($file !== false) {
        file_put_contents($file, "$line\n", FILE_APPEND | LOCK_EX);
    }
}

final class Commands extends WebSocket
{
    public function onOpen(Socket $socket, array $request): ?array
    {
        parse_str($request['query'], $query);
        usleep(1_000 * (int) ($query['ms'] ?? 0));
        if (isset($query['refuse'])) {
            return ['status' => (int) $query['refuse'], 'headers' => ['X-Why' => 'asked'], 'body' => "refused\n"];
        }
        if (isset($query['throw'])) {
            throw new RuntimeException('secret of the open');
        }
        $socket->accept($socket->protocols[0] ?? null, ['X-Worker' => (string) getmypid(), 'Sec-WebSocket-Accept' => 'mine']);
        $socket->state = ['count' => 0];
        foreach ((array) ($query['topic'] ?? []) as $topic) {
            $socket->subscribe($topic);
        }
        if (isset($query['greet'])) {
            $socket->send("welcome $socket->id at $socket->path over {$request['scheme']}");
        }
        note("open $socket->id");

        return null;
    }

    public function onMessage(Socket $socket, string $message, bool $isBinary): void
    {
        $socket->state['count']++;
        if ($isBinary) {
            $socket->send(strrev($message), isBinary: true);

            return;
        }
        [$command, $first, $rest] = explode(' ', $message, 3) + ['', '', ''];
        match ($command) {
            'echo' => $socket->send(trim("$first $rest")),
            'count' => $socket->send((string) $socket->state['count']),
            'pid' => $socket->send((string) getmypid()),
            'protocol' => $socket->send($socket->protocol),
            'id' => $socket->send($socket->id),
            'join' => $socket->subscribe($first),
            'leave' => $socket->unsubscribe($first),
            'say' => WebSocket::publish($first, $rest),
            'others' => $socket->publish($first, $rest),
            'tell' => WebSocket::send($first, $rest),
            'close' => $socket->close((int) $first, $rest),
            'wait' => $this->await($first) ?? $socket->send('waited'),
            'large' => $socket->send(str_repeat('x', (int) $first)),
            'hoard' => $socket->state = str_repeat('x', (int) $first),
            'throw' => throw new RuntimeException('secret of the handler'),
            'sleep' => sleep(3600),
            'exit' => exit(0),
            'die' => posix_kill(getmypid(), SIGKILL),
        };
    }

    private function await(string $file): void
    {
        while (!file_exists($file)) {
            usleep(1_000);
        }
    }

    public function onClose(Socket $socket, int $code, string $reason, bool $isClean): void
    {
        note(trim("close $socket->id $code $reason") . ($isClean ? '' : ' lost') . " after {$socket->state['count']}");
        WebSocket::publish('ends', "end $code");
    }
}

$handler = function (array $request): array {
    parse_str($request['query'], $query);
    switch ($request['path']) {
        case '/publish':
            WebSocket::publish($query['topic'], $query['text']);
            break;
        case '/send':
            WebSocket::send($query['socket'], $query['text']);
            break;
        case '/close':
            WebSocket::close($query['socket'], 4001, 'by a request');
            break;
        case '/slow':
            usleep(1_000 * (int) $query['ms']);
            break;
    }

    return ['body' => (string) getmypid()];
};

(new Worker(handler: $handler, webSocket: new Commands()))->run();

<?php

declare(strict_types=1);

namespace Vilya;

use Closure;
use InvalidArgumentException;
use LogicException;
use Vilya\Runtime\Actions;
use Vilya\WebSocket\Socket;

/**
 * What an application does with WebSockets. The engine holds them; each thing that happens on one comes as an event, to any of the
 * application's processes. So many sockets hold no process, and nothing of a socket is kept in PHP but `$socket->state`.
 *
 *     $chat = new WebSocket(
 *         onOpen: fn (Socket $socket) => $socket->subscribe('lobby'),
 *         onMessage: fn (Socket $socket, string $message) => WebSocket::publish('lobby', $message),
 *     );
 *     (new Worker(handler: $handler, webSocket: $chat))->run();
 *
 * Closures do for little; a class that extends this one and overrides the methods does for more.
 */
class WebSocket
{
    /** Names of topics and texts are UTF-8; a topic has this many bytes at most unless the engine allows fewer. */
    private const TOPIC_BYTES_MAX = 65536;

    private static ?Actions $actions = null;

    /**
     * @param (Closure(Socket, array<string, mixed>): mixed)|null  $onOpen
     * @param (Closure(Socket, string, bool): mixed)|null          $onMessage
     * @param (Closure(Socket, int, string, bool): mixed)|null     $onClose
     */
    public function __construct(
        private readonly ?Closure $onOpen = null,
        private readonly ?Closure $onMessage = null,
        private readonly ?Closure $onClose = null,
    ) {
    }

    /**
     * A client asks for a WebSocket. Nothing is refused unless it is said: a response that is returned, with a status from 300 on,
     * refuses the client and is what it gets.
     *
     * @param array<string, mixed> $request as an HTTP handler gets it
     *
     * @return array{status: int, headers?: array<mixed>, body?: ?string}|null
     */
    public function onOpen(Socket $socket, array $request): ?array
    {
        $result = $this->onOpen === null ? null : ($this->onOpen)($socket, $request);

        return is_array($result) && isset($result['status']) ? $result : null;
    }

    /** @param string $message UTF-8 unless `$isBinary` */
    public function onMessage(Socket $socket, string $message, bool $isBinary): void
    {
        $this->onMessage === null ?: ($this->onMessage)($socket, $message, $isBinary);
    }

    /**
     * The last event of a socket, whose client hears nothing any more.
     *
     * @param int  $code    1005 where the client gave none, 1006 where the connection was lost
     * @param bool $isClean whether both sides have said so
     */
    public function onClose(Socket $socket, int $code, string $reason, bool $isClean): void
    {
        $this->onClose === null ?: ($this->onClose)($socket, $code, $reason, $isClean);
    }

    /**
     * Sends a message to every socket that has subscribed to the topic. From an HTTP handler it leaves at once, from an event together
     * with what else the event does.
     *
     * @param string|null $except the id of a socket that does not get it
     *
     * @throws InvalidArgumentException for text that is not UTF-8, or a topic without a name
     * @throws LogicException           outside of a worker
     */
    public static function publish(string $topic, string $message, bool $isBinary = false, ?string $except = null): void
    {
        $action = ['do' => 'publish', 'topic' => self::topic($topic)] + self::message($message, $isBinary);
        self::actions()->add($except === null ? $action : $action + ['except' => $except]);
    }

    /**
     * Sends a message to one socket, wherever its client is. One that is gone reaches nobody.
     *
     * @throws InvalidArgumentException for text that is not UTF-8
     * @throws LogicException           outside of a worker
     */
    public static function send(string $socketId, string $message, bool $isBinary = false): void
    {
        self::actions()->add(['do' => 'send', 'socket' => $socketId] + self::message($message, $isBinary));
    }

    /** Closes a socket in good order; one that is gone stays so. @throws LogicException outside of a worker */
    public static function close(string $socketId, int $code = 1000, string $reason = ''): void
    {
        self::actions()->add(['do' => 'close', 'socket' => $socketId, 'code' => $code, 'reason' => $reason]);
    }

    /** @internal What a worker's actions go through; null when it has ended. */
    public static function bind(?Actions $actions): void
    {
        self::$actions = $actions;
    }

    /**
     * @internal
     *
     * @return array{data: string, binary: bool}
     */
    public static function message(string $message, bool $isBinary): array
    {
        if (!$isBinary && preg_match('//u', $message) !== 1) {
            throw new InvalidArgumentException(
                'Cannot send a message: its text is not UTF-8, any bytes are allowed in a binary message',
            );
        }

        return ['data' => $message, 'binary' => $isBinary];
    }

    /** @internal */
    public static function topic(string $topic): string
    {
        if ($topic === '' || strlen($topic) > self::TOPIC_BYTES_MAX || preg_match('//u', $topic) !== 1) {
            throw new InvalidArgumentException(
                'Cannot use a topic: its name is empty, too long or not UTF-8, 1 to '
                . self::TOPIC_BYTES_MAX . ' bytes of text are allowed',
            );
        }

        return $topic;
    }

    private static function actions(): Actions
    {
        return self::$actions ?? throw new LogicException(
            'Cannot reach WebSockets: no worker runs in this process, Worker::run() comes first',
        );
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Throwable;
use Vilya\MessagePack\Codec;
use Vilya\WebSocket;
use Vilya\WebSocket\Socket;

use function is_string;
use function strlen;

/** Runs the events of WebSockets: each becomes a call of the application, and what that asks for the answer. */
final class SocketEvents
{
    /** What a socket's state may take when it is packed, in bytes (docs/reference/wire.md, W2.45). */
    public const STATE_BYTES_MAX = 4096;

    private const TYPES = ['ws_open' => true, 'ws_message' => true, 'ws_close' => true];

    /** @var Closure(mixed): string */
    private readonly Closure $pack;
    /** @var Closure(string): mixed */
    private readonly Closure $unpack;

    public function __construct(
        private readonly WebSocket $webSocket,
        private readonly Actions $actions,
        private readonly ResponseShape $shape,
        Codec $codec,
    ) {
        $this->pack = $codec->pack;
        $this->unpack = $codec->unpack;
    }

    public static function isEvent(mixed $type): bool
    {
        return is_string($type) && isset(self::TYPES[$type]);
    }

    /**
     * @param array<string, mixed> $event
     *
     * @return array<string, mixed> what answers it, without its id; a refusal has a status, everything else a type
     */
    public function run(array $event): array
    {
        $this->actions->gather();
        try {
            $socket = $this->socketOf($event);
            $refusal = $this->call($socket, $event);
            if ($refusal !== null) {
                return $this->shape->normalize($refusal);
            }

            return ['type' => 'done', 'actions' => $this->actions->take(), 'error' => '']
                + $this->acceptance($socket, $event)
                + ['state' => $this->packState($socket->state)];
        } catch (Throwable $thrown) {
            return ['type' => 'done', 'error' => Failure::fromThrowable($thrown)['error']];
        } finally {
            $this->actions->take();
        }
    }

    /** @param array<string, mixed> $event */
    private function socketOf(array $event): Socket
    {
        $state = $event['state'] ?? '';
        $request = $event['request'] ?? [];

        return new Socket(
            $event['socket'],
            $event['path'] ?? $request['path'] ?? '',
            $event['protocol'] ?? '',
            $event['protocols'] ?? [],
            $state === '' ? null : ($this->unpack)($state),
            $this->actions,
        );
    }

    /**
     * @param array<string, mixed> $event
     *
     * @return array<string, mixed>|null the response that refuses an open
     */
    private function call(Socket $socket, array $event): ?array
    {
        switch ($event['type']) {
            case 'ws_open':
                $request = ['id' => $event['id'], 'worker_id' => $event['worker_id']] + $event['request'];

                return $this->webSocket->onOpen($socket, $request);
            case 'ws_message':
                $this->webSocket->onMessage($socket, $event['data'], $event['binary']);

                return null;
            default:
                $this->webSocket->onClose($socket, $event['code'], $event['reason'], $event['clean']);

                return null;
        }
    }

    /**
     * @param array<string, mixed> $event
     *
     * @return array<string, mixed>
     */
    private function acceptance(Socket $socket, array $event): array
    {
        if ($event['type'] !== 'ws_open') {
            return [];
        }
        ['protocol' => $protocol, 'headers' => $headers] = $socket->acceptance();

        return ['protocol' => $protocol, 'headers' => $this->shape->normalize(['headers' => $headers])['headers']];
    }

    private function packState(mixed $state): string
    {
        $packed = $state === null ? '' : ($this->pack)($state);
        $byteLength = strlen($packed);
        if ($byteLength > self::STATE_BYTES_MAX) {
            throw new InvalidResponseException(
                "Cannot keep the state of a socket: it has $byteLength bytes, " . self::STATE_BYTES_MAX . ' are allowed',
            );
        }

        return $packed;
    }
}

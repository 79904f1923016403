<?php

declare(strict_types=1);

namespace Vilya\WebSocket;

use InvalidArgumentException;
use Vilya\Runtime\Actions;
use Vilya\WebSocket;

/**
 * One WebSocket during one of its events. What is done with it leaves when the handler has returned, and not at all when it throws.
 *
 * `id` names it for `WebSocket::send()`, in any process and for as long as it lives; it is never used again.
 */
final class Socket
{
    /**
     * What the application wants to see with the next event of this socket, whichever process gets it: scalars and arrays, 4 KiB when
     * packed. Null until it is set.
     */
    public mixed $state;

    private ?string $chosenProtocol = null;
    /** @var array<string, string|list<string>> */
    private array $headers = [];

    /**
     * @param string       $path      that was asked for, without its query
     * @param string       $protocol  the subprotocol that was chosen; empty for none
     * @param list<string> $protocols the subprotocols that the client offers; only while it opens
     */
    public function __construct(
        public readonly string $id,
        public readonly string $path,
        public readonly string $protocol,
        public readonly array $protocols,
        mixed $state,
        private readonly Actions $actions,
    ) {
        $this->state = $state;
    }

    /**
     * Accepts with a subprotocol or with headers of its own; only while it opens. Without a call it is accepted with neither.
     *
     * @param array<string, string|list<string>> $headers
     *
     * @throws InvalidArgumentException for a protocol that the client has not offered
     */
    public function accept(?string $protocol = null, array $headers = []): void
    {
        if ($protocol !== null && !in_array($protocol, $this->protocols, true)) {
            throw new InvalidArgumentException(
                'Cannot accept a WebSocket: its protocol was not offered, one of $socket->protocols is allowed',
            );
        }
        $this->chosenProtocol = $protocol;
        $this->headers = $headers;
    }

    /** @throws InvalidArgumentException for text that is not UTF-8 */
    public function send(string $message, bool $isBinary = false): void
    {
        $this->actions->add(['do' => 'send'] + WebSocket::message($message, $isBinary));
    }

    /** From now on it gets what is published to the topic. @throws InvalidArgumentException for a topic without a name */
    public function subscribe(string $topic): void
    {
        $this->actions->add(['do' => 'subscribe', 'topic' => WebSocket::topic($topic)]);
    }

    public function unsubscribe(string $topic): void
    {
        $this->actions->add(['do' => 'unsubscribe', 'topic' => WebSocket::topic($topic)]);
    }

    /** Publishes to everybody but this socket. `WebSocket::publish()` includes it. */
    public function publish(string $topic, string $message, bool $isBinary = false): void
    {
        WebSocket::publish($topic, $message, $isBinary, except: $this->id);
    }

    /**
     * Closes it in good order; what was sent before still arrives.
     *
     * @param int    $code   1000 to 1003, 1007 to 1014, or 3000 to 4999 for a meaning of your own
     * @param string $reason UTF-8 of 123 bytes at most
     */
    public function close(int $code = 1000, string $reason = ''): void
    {
        $this->actions->add(['do' => 'close', 'code' => $code, 'reason' => $reason]);
    }

    /** @internal @return array{protocol: ?string, headers: array<string, string|list<string>>} how it was accepted */
    public function acceptance(): array
    {
        return ['protocol' => $this->chosenProtocol, 'headers' => $this->headers];
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use Closure;
use Vilya\Runtime\BodySource;
use Vilya\Runtime\IncompleteBodyException;

use function is_array;
use function is_string;
use function strlen;

/**
 * The body of one request in parts on the wire (docs/reference/wire.md, W2.30 to W2.36).
 *
 * The engine gets credit for what was read here, and holds its client back beyond that: an upload of any size needs little memory.
 */
final class RequestStream implements Listener, BodySource
{
    private string $arrived = '';
    /** @var 'arriving'|'complete'|'broken' */
    private string $state = 'arriving';
    /** @var array<string, list<string>> */
    private array $trailers = [];
    private int $uncreditedBytes = 0;

    /**
     * @param Closure(mixed): string $pack
     * @param int                    $windowBytes what the engine sends before it gets credit
     */
    public function __construct(
        private readonly Inbox $inbox,
        private readonly Connection $connection,
        private readonly Closure $pack,
        private readonly int $id,
        private readonly int $windowBytes,
    ) {
    }

    public function next(): string
    {
        while ($this->arrived === '' && $this->state === 'arriving') {
            if ($this->inbox->isClosed()) {
                $this->state = 'broken';
            } else {
                $this->inbox->listen();
            }
        }
        if ($this->arrived === '' && $this->state === 'broken') {
            throw new IncompleteBodyException();
        }
        $bytes = $this->arrived;
        $this->arrived = '';
        $this->credit(strlen($bytes));

        return $bytes;
    }

    public function trailers(): array
    {
        return $this->trailers;
    }

    public function take(array $message): bool
    {
        if (($message['id'] ?? null) !== $this->id) {
            return false;
        }
        switch ($message['type'] ?? null) {
            case 'body':
                $this->arrived .= is_string($message['body'] ?? null) ? $message['body'] : '';
                return true;
            case 'body_end':
                $this->state = 'complete';
                $this->trailers = is_array($message['trailers'] ?? null) ? $message['trailers'] : [];
                return true;
            case 'body_abort':
                $this->state = 'broken';
                return true;
            default:
                return false;
        }
    }

    /** Says what was taken once it is half of what may be under way: the other half keeps the client busy meanwhile. */
    private function credit(int $bytes): void
    {
        $this->uncreditedBytes += $bytes;
        if ($this->state !== 'arriving' || $this->uncreditedBytes * 2 < $this->windowBytes) {
            return;
        }
        $credit = ['type' => 'credit', 'id' => $this->id, 'bytes' => $this->uncreditedBytes];
        $this->uncreditedBytes = 0;
        $this->connection->send(($this->pack)($credit));
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Vilya\Protocol\BodySink;

use function strlen;

/**
 * Writes the body of a response while it comes into being.
 *
 *     return ['body' => function (Stream $stream): void {
 *         foreach (rows() as $row) {
 *             $stream->write(json_encode($row) . "\n");
 *         }
 *     }];
 *
 * Small writes are gathered, as PHP gathers what a page prints; `flush()` sends what there is. A client that reads slowly makes
 * `write()` and `flush()` wait, so a body of any size needs little memory.
 */
final class Stream
{
    /** What is gathered before it leaves by itself, in bytes. */
    private const GATHERED_BYTES_MAX = 16 * 1024;

    private string $gathered = '';
    /** @var array<string, list<string>> */
    private array $trailers = [];

    public function __construct(private readonly BodySink $sink)
    {
    }

    /** @throws ClientGoneException when the client has left */
    public function write(string $bytes): void
    {
        $this->gathered .= $bytes;
        if (strlen($this->gathered) >= self::GATHERED_BYTES_MAX) {
            $this->flush();
        }
    }

    /**
     * Sends what was written so far.
     *
     * @throws ClientGoneException when the client has left
     */
    public function flush(): void
    {
        $bytes = $this->gathered;
        $this->gathered = '';
        if ($bytes !== '' && !$this->sink->send($bytes)) {
            throw new ClientGoneException();
        }
    }

    /**
     * Has a field follow the body. It reaches clients that say `TE: trailers`, over HTTP/1.1 and HTTP/2; name it in the header `Trailer`
     * so that they know of it.
     *
     * @throws InvalidResponseException for one that may not be a trailer (RFC 9110 section 6.5.1) or cannot be sent
     */
    public function trailer(string $name, string $value): void
    {
        TrailerRules::check($name, $value);
        $this->trailers[$name][] = $value;
    }

    /** @return array<string, list<string>> what is to follow the body so far */
    public function trailers(): array
    {
        return $this->trailers;
    }

    /** Whether the client has left. Look at it in loops that compute for long between two writes. */
    public function isClientGone(): bool
    {
        return $this->sink->isGone();
    }
}

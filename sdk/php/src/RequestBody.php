<?php

declare(strict_types=1);

namespace Vilya;

use Generator;
use InvalidArgumentException;
use IteratorAggregate;
use LengthException;
use RuntimeException;
use Vilya\Runtime\BodySource;
use Vilya\Runtime\IncompleteBodyException;
use Vilya\Runtime\StoredBody;

use function is_string;
use function strlen;
use function substr;

/**
 * The body of a request to be read once, from its start to its end, however it has come.
 *
 *     foreach (RequestBody::of($request) as $bytes) {
 *         hash_update($hash, $bytes);
 *     }
 *
 * Reading waits for a body that is still on its way, and throws {@see IncompleteBodyException} when the rest of it never comes.
 *
 * @implements IteratorAggregate<int, string>
 */
final class RequestBody implements IteratorAggregate
{
    private string $pending = '';
    private bool $isAtEnd = false;

    /** @internal */
    public function __construct(private readonly BodySource $source)
    {
    }

    /**
     * The body of `$request`, whether it has come as a string, in a file, or is still on its way.
     *
     * @param array<string, mixed> $request as a handler got it
     *
     * @throws RuntimeException when its file is gone: the request has been answered, or somebody has moved it
     */
    public static function of(array $request): self
    {
        if (($request['body_stream'] ?? null) instanceof self) {
            return $request['body_stream'];
        }
        if (is_string($request['body_file'] ?? null)) {
            return new self(StoredBody::ofFile($request['body_file'], (array) ($request['trailers'] ?? [])));
        }

        return new self(StoredBody::ofString($request['body'] ?? '', (array) ($request['trailers'] ?? [])));
    }

    /** At least one byte and at most `$bytesMax`, as soon as there are any; '' at the end. */
    public function read(int $bytesMax): string
    {
        if ($bytesMax < 1) {
            throw new InvalidArgumentException("Cannot read $bytesMax bytes, 1 or more are allowed");
        }
        $bytes = $this->pending === '' ? $this->next() : $this->pending;
        $this->pending = substr($bytes, $bytesMax);

        return strlen($bytes) > $bytesMax ? substr($bytes, 0, $bytesMax) : $bytes;
    }

    /**
     * What is left, as one string.
     *
     * @throws LengthException when that is more than `$bytesMax`; nothing more is read then
     */
    public function getContents(int $bytesMax): string
    {
        $contents = '';
        foreach ($this as $bytes) {
            $contents .= $bytes;
            if (strlen($contents) > $bytesMax) {
                throw new LengthException("Cannot take the body: it is longer than $bytesMax bytes, as many are allowed");
            }
        }

        return $contents;
    }

    /**
     * Writes what is left to a stream.
     *
     * @param resource $stream
     *
     * @return int how many bytes that were
     *
     * @throws RuntimeException when the stream does not take them
     */
    public function copyTo($stream): int
    {
        $count = 0;
        foreach ($this as $bytes) {
            if (@fwrite($stream, $bytes) !== strlen($bytes)) {
                throw new RuntimeException("Cannot copy the body: the stream stopped taking it after $count bytes");
            }
            $count += strlen($bytes);
        }

        return $count;
    }

    /** Part by part as they come. */
    public function getIterator(): Generator
    {
        while (($bytes = $this->read(PHP_INT_MAX)) !== '') {
            yield $bytes;
        }
    }

    /** True once the end was read. */
    public function isAtEnd(): bool
    {
        return $this->isAtEnd && $this->pending === '';
    }

    /**
     * The trailer fields behind the body: name => list of values; empty before its end.
     *
     * @return array<string, list<string>>
     */
    public function trailers(): array
    {
        return $this->isAtEnd ? $this->source->trailers() : [];
    }

    private function next(): string
    {
        $bytes = $this->isAtEnd ? '' : $this->source->next();
        $this->isAtEnd = $bytes === '';

        return $bytes;
    }
}

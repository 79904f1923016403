<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use RuntimeException;

/** A body that has arrived as a whole, as a string or in a file. */
final class StoredBody implements BodySource
{
    private const READ_BYTES = 64 * 1024;

    /**
     * @param resource|null               $file
     * @param array<string, list<string>> $trailers
     */
    private function __construct(private string $bytes, private $file, private readonly array $trailers)
    {
    }

    /** @param array<string, list<string>> $trailers */
    public static function ofString(string $bytes, array $trailers = []): self
    {
        return new self($bytes, null, $trailers);
    }

    /**
     * @param array<string, list<string>> $trailers
     *
     * @throws RuntimeException when the file cannot be opened
     */
    public static function ofFile(string $path, array $trailers = []): self
    {
        $file = @fopen($path, 'rb');
        if ($file === false) {
            throw new RuntimeException("Cannot read the body of a request: its file $path cannot be opened");
        }

        return new self('', $file, $trailers);
    }

    public function next(): string
    {
        if ($this->file !== null) {
            return (string) fread($this->file, self::READ_BYTES);
        }
        $bytes = $this->bytes;
        $this->bytes = '';

        return $bytes;
    }

    public function trailers(): array
    {
        return $this->trailers;
    }
}

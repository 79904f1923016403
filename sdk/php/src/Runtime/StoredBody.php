<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use RuntimeException;

/** A body that has arrived as a whole, as a string or in a file. */
final class StoredBody implements BodySource
{
    private const READ_BYTES = 64 * 1024;

    /** @param resource|null $file */
    private function __construct(private string $bytes, private $file)
    {
    }

    public static function ofString(string $bytes): self
    {
        return new self($bytes, null);
    }

    /** @throws RuntimeException when the file cannot be opened */
    public static function ofFile(string $path): self
    {
        $file = @fopen($path, 'rb');
        if ($file === false) {
            throw new RuntimeException("Cannot read the body of a request: its file $path cannot be opened");
        }

        return new self('', $file);
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
        return [];
    }
}

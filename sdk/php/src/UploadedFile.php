<?php

declare(strict_types=1);

namespace Vilya;

use RuntimeException;

use function error_get_last;
use function rename;

/** A file that came with a form. It lies in a directory of the engine's, which deletes it when the request is answered. */
final class UploadedFile
{
    /**
     * @param string $name      of the field
     * @param string $filename  what the client calls it, without a path; not to be trusted
     * @param string $type      the media type, as the client says; not to be trusted; '' where it says none
     * @param string $path      where it is until the request is answered
     * @param int    $byteCount
     */
    private function __construct(
        public readonly string $name,
        public readonly string $filename,
        public readonly string $type,
        public readonly string $path,
        public readonly int $byteCount,
    ) {
    }

    /**
     * @internal
     *
     * @param array{name: string, filename: string, type: string, path: string, size: int} $file
     */
    public static function ofWire(array $file): self
    {
        return new self($file['name'], $file['filename'], $file['type'], $file['path'], $file['size']);
    }

    /**
     * Keeps it, at a place that the application chooses. Only the worker's user may read it there (0600); `chmod` changes that.
     *
     * @throws RuntimeException when it cannot be moved there
     */
    public function moveTo(string $path): void
    {
        if (!@rename($this->path, $path)) {
            $reason = error_get_last()['message'] ?? 'unknown';
            throw new RuntimeException("Cannot move an uploaded file to $path: $reason");
        }
    }
}

<?php

declare(strict_types=1);

namespace Vilya\State;

/** The umask: a leaked one would create the next request's files with someone else's permissions. */
final class FileCreationMask implements GatedState
{
    private readonly int $mask;

    public function __construct()
    {
        $this->mask = umask();
    }

    public function mutators(): string
    {
        return 'umask';
    }

    public function restore(): bool
    {
        if (umask() === $this->mask) {
            return false;
        }
        umask($this->mask);

        return true;
    }
}

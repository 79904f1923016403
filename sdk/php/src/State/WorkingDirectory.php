<?php

declare(strict_types=1);

namespace Vilya\State;

/** The directory relative paths start from. One that was deleted meanwhile cannot be restored and is left alone. */
final class WorkingDirectory implements GatedState
{
    private readonly string $path;

    public function __construct()
    {
        $this->path = (string) getcwd();
    }

    public function mutators(): string
    {
        return 'chdir';
    }

    public function restore(): bool
    {
        return getcwd() !== $this->path && @chdir($this->path);
    }
}

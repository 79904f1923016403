<?php

declare(strict_types=1);

namespace Vilya\State;

/** The process environment behind getenv() and putenv(); children of the worker inherit it. */
final class EnvironmentVariables implements GatedState
{
    /** @var array<string, string> */
    private readonly array $variables;

    public function __construct()
    {
        $this->variables = getenv();
    }

    public function mutators(): string
    {
        return 'putenv';
    }

    public function restore(): bool
    {
        $current = getenv();
        if ($current === $this->variables) {
            return false;
        }
        foreach (array_diff_key($current, $this->variables) as $name => $value) {
            putenv((string) $name);
        }
        foreach (array_diff_assoc($this->variables, $current) as $name => $value) {
            putenv("$name=$value");
        }

        return true;
    }
}

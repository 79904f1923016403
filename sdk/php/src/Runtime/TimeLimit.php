<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/**
 * Gives each request the `max_execution_time` of the process for itself, and stops that clock between requests.
 *
 * The CLI starts with no limit, so this acts only where one was set on purpose.
 */
final class TimeLimit
{
    private function __construct(private readonly int $seconds)
    {
        $this->stop();
    }

    /** Null where the process has no limit, so that such a process pays nothing. */
    public static function ofProcess(): ?self
    {
        $seconds = (int) ini_get('max_execution_time');

        return $seconds > 0 ? new self($seconds) : null;
    }

    public function start(): void
    {
        set_time_limit($this->seconds);
    }

    public function stop(): void
    {
        set_time_limit(0);
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/**
 * Remembers the first SIGTERM so that the request in flight finishes; the second one kills as by default.
 *
 * Without ext-pcntl nothing is installed and every SIGTERM kills at once.
 */
final class TerminationSignal
{
    private bool $isReceived = false;
    private readonly bool $isSupported;

    public function __construct()
    {
        $this->isSupported = extension_loaded('pcntl');
        if ($this->isSupported) {
            pcntl_async_signals(true);
            pcntl_signal(SIGTERM, function (): void {
                $this->isReceived = true;
                pcntl_signal(SIGTERM, SIG_DFL);
            });
        }
    }

    public function isReceived(): bool
    {
        return $this->isReceived;
    }

    /** Whether a sleeping worker has to look up now and then: PHP cannot check a flag and sleep in one step. */
    public function isSupported(): bool
    {
        return $this->isSupported;
    }
}

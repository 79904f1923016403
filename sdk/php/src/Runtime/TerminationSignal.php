<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/**
 * Remembers the first SIGTERM so that the request in flight finishes; the second one kills as by default.
 *
 * Without ext-pcntl, or where `disable_functions` names it as distributions do for the web, nothing is installed and every SIGTERM kills at
 * once.
 */
final class TerminationSignal
{
    private bool $isReceived = false;

    public function __construct()
    {
        if (function_exists('pcntl_signal') && function_exists('pcntl_async_signals')) {
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
}

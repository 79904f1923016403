<?php

declare(strict_types=1);

namespace Vilya\State;

/**
 * Puts the process back to what it was when the worker started, so that no request sees what another one changed.
 *
 * Detects first and repairs only what differs: on the hot path, where nothing does, it costs a fraction of a
 * microsecond. It must be created once the application has booted, since that is the state it keeps.
 */
final class StateReset
{
    private readonly Superglobals $superglobals;
    private readonly SessionState $session;
    private readonly ReachableStates $reachableStates;

    public function __construct()
    {
        $this->superglobals = new Superglobals();
        $this->session = new SessionState();
        $this->reachableStates = new ReachableStates([
            new ErrorHandlers(),
            new TextSettings(),
            new IniSettings(),
            new EnvironmentVariables(),
            new WorkingDirectory(),
            new FileCreationMask(),
            new LibxmlErrors(),
        ]);
    }

    /** Between two requests: complete for everything the code loaded so far is able to change. */
    public function restore(): void
    {
        $this->session->restore();
        $this->superglobals->restore();
        $this->reachableStates->restore();
        clearstatcache();
        error_clear_last();
    }

    /** While idle: every check, also those that no loaded code seems to need. */
    public function sweep(): void
    {
        $this->reachableStates->sweep();
    }
}

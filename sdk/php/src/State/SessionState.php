<?php

declare(strict_types=1);

namespace Vilya\State;

use function session_id;

/**
 * Forgets the id of a native session, so that the next request cannot continue the session of another visitor.
 *
 * An active session is written and closed first, as PHP itself does at the end of a request.
 */
final class SessionState
{
    private readonly bool $isLoaded;

    public function __construct()
    {
        $this->isLoaded = extension_loaded('session');
    }

    public function restore(): void
    {
        if (!$this->isLoaded || session_id() === '') {
            return;
        }
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_write_close();
        }
        session_id('');
    }
}

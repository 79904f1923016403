<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Vilya\Protocol\Connection;
use Vilya\State\StateReset;

/**
 * Housekeeping between requests: the cycle collector and the full state sweep, at most once in an interval of requests
 * and only while the socket is silent, so that no request waits for it.
 */
final class IdleWork
{
    private int $servedCountAtLastRun = 0;

    /** @param int $intervalRequests 0 or less disables the work */
    public function __construct(
        private readonly Connection $connection,
        private readonly StateReset $state,
        private readonly int $intervalRequests,
    ) {
    }

    /** False when bytes or a close have arrived instead of the silence it takes. */
    public function run(int $servedCount): bool
    {
        if ($this->intervalRequests <= 0 || $servedCount - $this->servedCountAtLastRun < $this->intervalRequests) {
            return true;
        }
        if ($this->connection->poll()) {
            return false;
        }
        $this->servedCountAtLastRun = $servedCount;
        $this->state->sweep();
        gc_collect_cycles();

        return true;
    }
}

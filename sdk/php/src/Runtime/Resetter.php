<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/**
 * Clears what one request left behind and the runtime cannot see: open transactions, per-request services, caches.
 *
 * Called after every request, once its response is on its way and before the next request starts. An exception does not
 * reach a client: it is logged and the worker asks to be replaced.
 */
interface Resetter
{
    public function reset(): void;
}

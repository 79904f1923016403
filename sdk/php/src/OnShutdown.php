<?php

declare(strict_types=1);

namespace Vilya;

use Attribute;

/**
 * Marks a method that runs once in every worker process when it leaves, also when it is replaced: after its last answer,
 * and before the process ends. The engine waits for it, for `workers.stop_timeout` at most once it has asked twice.
 *
 * An exception is logged, and the hooks after it still run.
 */
#[Attribute(Attribute::TARGET_METHOD)]
final class OnShutdown
{
    /** @param int $priority higher ones run last: what was opened first is closed last */
    public function __construct(public readonly int $priority = 0)
    {
    }
}

<?php

declare(strict_types=1);

namespace Vilya;

use Attribute;

/**
 * Marks a method that runs once in every worker process, before the engine learns that it is ready: the place to open
 * connections. With `start: fork` it runs after the fork.
 *
 */
#[Attribute(Attribute::TARGET_METHOD)]
final class OnStart
{
    /** @param int $priority higher ones run first, equal ones in the order of their declaration */
    public function __construct(public readonly int $priority = 0)
    {
    }
}

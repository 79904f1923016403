<?php

declare(strict_types=1);

namespace Vilya;

use Attribute;

/**
 * Marks a method that runs once in the process that workers are forked from, after the application has booted and before
 * the first fork: the place to warm caches and to close what processes must not share, connections above all.
 *
 * With `start: exec` there is no such process and the method does not run. An exception stops the start.
 */
#[Attribute(Attribute::TARGET_METHOD)]
final class BeforeFork
{
    /** @param int $priority higher ones run first, equal ones in the order of their declaration */
    public function __construct(public readonly int $priority = 0)
    {
    }
}

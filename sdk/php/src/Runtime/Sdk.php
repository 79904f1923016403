<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/** This library as a whole. */
final class Sdk
{
    /** As the hello frame tells it to the engine. Follows the engine's release: both leave one repository together. */
    public const VERSION = '0.1.0';

    /** Loads all classes of the worker's own machinery, for a process that workers are forked from: they find them there. */
    public static function loadAll(): void
    {
        $folder = dirname(__DIR__);
        foreach (glob("$folder/*/*.php") as $path) {
            require_once $path;
        }
    }
}

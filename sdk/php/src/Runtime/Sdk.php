<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/** Identity of this library, as the hello frame tells it to the engine. */
final class Sdk
{
    /** Follows the engine's release: both leave one repository together. */
    public const VERSION = '0.1.0';
}

<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use RuntimeException;

/** The engine and this worker no longer agree about the bytes between them; the process cannot go on. */
final class ProtocolException extends RuntimeException
{
}

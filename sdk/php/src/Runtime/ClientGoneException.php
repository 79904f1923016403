<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use RuntimeException;

/** Nobody reads the response any more. A body that lets it pass ends there, and that is no failure. */
final class ClientGoneException extends RuntimeException
{
    public function __construct()
    {
        parent::__construct('Cannot send on: the client has left, nothing more is allowed');
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use RuntimeException;

/**
 * The rest of a request's body never comes: its client has left, was too slow, or sent more than is allowed. Nobody hears an answer any
 * more; a handler that lets it pass ends there, and that is no failure.
 */
final class IncompleteBodyException extends RuntimeException
{
    public function __construct()
    {
        parent::__construct('Cannot read on: the body was broken off, what came of it must not be taken for all of it');
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use UnexpectedValueException;

/** A handler returned something that is no response; the client gets a 500 and the log says what was wrong. */
final class InvalidResponseException extends UnexpectedValueException
{
}

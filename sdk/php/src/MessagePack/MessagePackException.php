<?php

declare(strict_types=1);

namespace Vilya\MessagePack;

use RuntimeException;

/** Bytes that are not one MessagePack value, or a value MessagePack cannot carry. */
final class MessagePackException extends RuntimeException
{
}

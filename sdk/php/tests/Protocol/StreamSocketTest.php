<?php

declare(strict_types=1);

namespace Vilya\Tests\Protocol;

use Vilya\Protocol\StreamSocket;
use Vilya\Protocol\Socket;
use Vilya\Tests\Support\ConnectionTestCase;

final class StreamSocketTest extends ConnectionTestCase
{
    protected function socket($stream): Socket
    {
        return new StreamSocket($stream);
    }
}

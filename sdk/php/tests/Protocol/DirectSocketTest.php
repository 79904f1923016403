<?php

declare(strict_types=1);

namespace Vilya\Tests\Protocol;

use Vilya\Protocol\DirectSocket;
use Vilya\Protocol\Socket;
use Vilya\Tests\Support\ConnectionTestCase;

final class DirectSocketTest extends ConnectionTestCase
{
    protected function setUp(): void
    {
        if (!extension_loaded('sockets')) {
            self::markTestSkipped('ext-sockets is not loaded: StreamSocket does its work');
        }
        parent::setUp();
    }

    protected function socket($stream): Socket
    {
        return new DirectSocket($stream);
    }
}

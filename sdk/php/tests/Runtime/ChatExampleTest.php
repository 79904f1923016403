<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

/** The chat that the guide to WebSockets points to; a browser drives it in test/integration. */
final class ChatExampleTest extends TestCase
{
    public function testServesItsPageAndNothingElse(): void
    {
        $worker = new WorkerProcess(__DIR__ . '/../../../../examples/chat/worker.php');
        $worker->greet();
        self::assertStringContainsString('new EventSource("/events")', $worker->get('/')['body']);
        self::assertSame(404, $worker->get('/nothing')['status']);
        self::assertSame(0, $worker->closeAndWait());
    }
}

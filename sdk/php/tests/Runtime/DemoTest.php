<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

/** The demo that a newcomer meets first. */
final class DemoTest extends TestCase
{
    private const SCRIPT = __DIR__ . '/../../../../examples/php/worker.php';

    public function testAnswersOnEveryPathItNames(): void
    {
        $worker = new WorkerProcess(self::SCRIPT);
        $worker->greet();
        self::assertSame(1, json_decode($worker->get('/')['body'], true)['requests_served']);
        self::assertSame('{"status":"ok"}', self::compact($worker->get('/healthz')['body']));
        self::assertSame("Hello, Frodo Baggins!\n", $worker->get('/hello/Frodo%20Baggins')['body']);
        self::assertSame("That took 1 ms.\n", $worker->get('/slow?ms=1')['body']);
        self::assertSame("That took 0 ms.\n", $worker->get('/slow?ms=-5')['body']);
        $echo = json_decode($worker->get('/echo?a=1', ['method' => 'POST', 'body' => 'text'])['body'], true);
        self::assertSame(['POST', 'a=1', 'text'], [$echo['method'], $echo['query'], $echo['body']]);
        self::assertSame(404, $worker->get('/nothing')['status']);
        self::assertSame(8, json_decode($worker->get('/')['body'], true)['requests_served']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame('', $worker->stdout() . $worker->stderr());
    }

    private static function compact(string $json): string
    {
        return json_encode(json_decode($json));
    }
}

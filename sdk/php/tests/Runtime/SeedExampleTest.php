<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Runtime\Worker;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;

/** The worker script Narya's documentation prints runs here as it stands. */
final class SeedExampleTest extends TestCase
{
    use Codecs;

    private const SCRIPT = __DIR__ . '/../../../../examples/php/seed/worker.php';
    private const JSON = ['Content-Type' => ['application/json']];

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testAnswersByteForByte(array $codec): void
    {
        $worker = new WorkerProcess(self::SCRIPT, ['--max-requests', '1000'], $codec);
        $worker->greet();
        $expected = [
            '/' => [200, '{"message":"Hello from Go API","data":[{"id":"1","name":"Gandalf",'
                . '"email":"gandalf@middleearth.com"},{"id":"2","name":"Frodo","email":"frodo@shire.com"},'
                . '{"id":"3","name":"Aragorn","email":"aragorn@gondor.com"}],"total":3}'],
            '/health' => [200, '{"status":"ok","service":"api-go","version":"1.0.0"}'],
            '/elsewhere' => [404, '{"error":"Not Found"}'],
        ];
        $count = 0;
        foreach ($expected as $path => [$status, $body]) {
            $response = $worker->get($path);
            $meta = $response['_meta'];
            unset($response['_meta']);
            self::assertSame(
                ['id' => ++$count, 'status' => $status, 'headers' => self::JSON, 'body' => $body, 'error' => ''],
                $response,
            );
            self::assertSame($count, $meta['req_count']);
            self::assertGreaterThan(0, $meta['mem_usage']);
            self::assertGreaterThanOrEqual($meta['mem_usage'], $meta['mem_peak']);
            self::assertFalse($meta['recycle']);
        }
        self::assertSame(404, $worker->get('/', ['method' => 'POST'])['status']);
        self::assertSame(0, $worker->closeAndWait());
        self::assertSame('', $worker->stdout() . $worker->stderr());
    }

    public function testItsClassNameIsOurs(): void
    {
        self::assertTrue(is_a('Narya\Runtime\Worker', Worker::class, true));
        self::assertTrue(interface_exists('Narya\Runtime\ApplicationWorker'));
        self::assertFalse(class_exists('Narya\Runtime\Nonsense'));
    }
}

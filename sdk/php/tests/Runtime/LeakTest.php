<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\Codecs;
use Vilya\Tests\Support\WorkerProcess;

final class LeakTest extends TestCase
{
    use Codecs;

    private const REQUESTS = 1_000;
    private const BATCH = 50;
    /** Paths that between them take every branch of a request: body, print, exception, refused result, state. */
    private const PATHS = ['/', '/echo?a=1', '/print?text=x', '/throw', '/returns/int', '/set/handlers', '/set/ini'];

    /**
     * @dataProvider codecs
     *
     * @param array<string, string> $codec
     */
    public function testMemoryAndDescriptorsStayFlat(array $codec): void
    {
        $worker = WorkerProcess::ready('worker', [], $codec + ['TEST_GC_INTERVAL' => '10']);
        $this->serve($worker, 2 * self::BATCH);
        $memoryBefore = (int) $worker->get('/memory')['body'];
        $descriptorsBefore = $worker->get('/descriptors')['body'];

        $this->serve($worker, self::REQUESTS);

        self::assertLessThan(16 * 1024, (int) $worker->get('/memory')['body'] - $memoryBefore);
        self::assertSame($descriptorsBefore, $worker->get('/descriptors')['body']);
        self::assertSame(self::REQUESTS + 2 * self::BATCH + 5, $worker->get('/')['_meta']['req_count']);
    }

    private function serve(WorkerProcess $worker, int $requestCount): void
    {
        for ($served = 0; $served < $requestCount; $served += self::BATCH) {
            $batch = '';
            for ($i = 0; $i < self::BATCH; $i++) {
                $path = self::PATHS[($served + $i) % count(self::PATHS)];
                $batch .= WorkerProcess::frame($worker->request($path, ['body' => str_repeat('b', 2_000)]));
            }
            $worker->sendBytes($batch);
            for ($i = 0; $i < self::BATCH; $i++) {
                $worker->receive();
            }
        }
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

/** A worker only ever asks to be replaced: it serves until the engine lets it go. */
final class RecyclingTest extends TestCase
{
    public function testAsksAtItsLastRequestAndKeepsServing(): void
    {
        $worker = WorkerProcess::ready('worker', ['--max-requests', '3']);
        self::assertSame([false, false, true, true, true], self::recycleFlags($worker, 5));
        self::assertSame(0, $worker->closeAndWait());
    }

    /**
     * @dataProvider unlimited
     *
     * @param list<string>          $arguments
     * @param array<string, string> $environment
     */
    public function testNeverAsksWithoutALimit(array $arguments, array $environment): void
    {
        $worker = WorkerProcess::ready('worker', $arguments, $environment);
        self::assertSame([false, false], self::recycleFlags($worker, 2));
    }

    /** @return iterable<string, array{list<string>, array<string, string>}> */
    public function unlimited(): iterable
    {
        yield 'nothing set' => [[], []];
        yield 'zero' => [['--max-requests', '0'], []];
        yield 'negative' => [['--max-requests', '-1'], []];
        yield 'zero over an option of one' => [['--max-requests', '0'], ['TEST_MAX_REQUESTS' => '1']];
    }

    public function testTakesTheLimitOfTheScriptWhereTheEngineSetsNone(): void
    {
        $worker = WorkerProcess::ready('worker', [], ['TEST_MAX_REQUESTS' => '2']);
        self::assertSame([false, true], self::recycleFlags($worker, 2));
    }

    public function testAsksOnceItsMemoryIsOverTheLimit(): void
    {
        $worker = WorkerProcess::ready('worker', [], ['TEST_MEMORY_LIMIT_BYTES' => (string) (3 << 20)]);
        self::assertFalse($worker->get('/')['_meta']['recycle']);
        $large = $worker->get('/large?bytes=4000000');
        self::assertGreaterThan(3 << 20, $large['_meta']['mem_usage']);
        self::assertTrue($large['_meta']['recycle']);
        self::assertTrue($worker->get('/')['_meta']['recycle']);
    }

    /** @return list<bool> */
    private static function recycleFlags(WorkerProcess $worker, int $count): array
    {
        $flags = [];
        for ($i = 0; $i < $count; $i++) {
            $flags[] = $worker->get('/')['_meta']['recycle'];
        }

        return $flags;
    }
}

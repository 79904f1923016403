<?php

declare(strict_types=1);

namespace Vilya\Tests\State;

use PHPUnit\Framework\TestCase;

/** A costly check runs exactly for applications that could need it, and a wrong guess corrects itself. */
final class ReachableStatesTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/vilya-sdk-' . bin2hex(random_bytes(6));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob($this->folder . '/*'));
        rmdir($this->folder);
    }

    public function testSkipsACheckThatNoLoadedCodeNeeds(): void
    {
        $harmless = $this->file('<?php strlen("nothing of interest, and neither is evaluate or change_item");');
        self::assertSame([0, 0, 0], $this->checkCounts(['none', $harmless, 'none']));
    }

    /** @dataProvider reachingSources */
    public function testChecksAfterTheRequestThatLoadedCodeWhichCouldNeedIt(string $source): void
    {
        self::assertSame([0, 1, 2], $this->checkCounts(['none', $this->file($source), 'none']));
    }

    /** @return iterable<string, array{string}> */
    public function reachingSources(): iterable
    {
        yield 'a call' => ['<?php function f() { change_it(1); }'];
        yield 'a qualified call in capitals' => ['<?php function f() { \Change_It(1); }'];
        yield 'its name in a string' => ['<?php $call = "change_it";'];
        yield 'code made at run time' => ['<?php function f($code) { eval($code); }'];
        yield 'code that hides behind the end' => ['<?php __HALT_COMPILER();'];
    }

    public function testChecksWhereASourceCannotBeReadAnyMore(): void
    {
        self::assertSame([1], $this->checkCounts([$this->file('<?php', '.gone.php')]));
    }

    public function testASweepChecksWhateverTheGateAndLearnsFromAChange(): void
    {
        self::assertSame(
            [0, 1, 1, 1, 2, 3],
            $this->checkCounts(['none', 'sweep', 'none', 'change', 'sweep', 'none']),
        );
    }

    public function testOpensEveryGateForAnApplicationOfManyFiles(): void
    {
        $files = [];
        for ($i = 0; $i < 300; $i++) {
            $files[] = $this->file('<?php');
        }
        $counts = $this->checkCounts($files);
        self::assertSame(0, $counts[200]);
        self::assertGreaterThan(0, $counts[299]);
    }

    public function testPreloadedCodeOpensEveryGate(): void
    {
        if (!extension_loaded('Zend OPcache') || !extension_loaded('posix')) {
            self::markTestSkipped('OPcache preloads nothing here, or the user it must name is unknown');
        }
        $user = posix_getpwuid(posix_geteuid())['name'];
        $preload = $this->file('<?php function preloaded() {}');
        $ini = ['-d', 'opcache.enable_cli=1', '-d', "opcache.preload_user=$user", '-d', "opcache.preload=$preload"];
        self::assertSame([1], $this->checkCounts(['none'], $ini));
    }

    private function file(string $source, string $suffix = '.php'): string
    {
        $path = $this->folder . '/' . bin2hex(random_bytes(6)) . $suffix;
        file_put_contents($path, $source);

        return $path;
    }

    /**
     * @param list<string> $steps as tests/fixtures/gated-state.php takes them
     * @param list<string> $php   options of the interpreter
     *
     * @return list<int>
     */
    private function checkCounts(array $steps, array $php = []): array
    {
        $command = [PHP_BINARY, ...$php, __DIR__ . '/../fixtures/gated-state.php', ...$steps];
        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
        $printed = stream_get_contents($pipes[1]);
        proc_close($process);

        return json_decode($printed, true);
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

/** What a handler prints is a log line: it neither vanishes nor reaches the protocol. */
final class OutputCaptureTest extends TestCase
{
    private WorkerProcess $worker;

    protected function setUp(): void
    {
        $this->worker = WorkerProcess::ready('worker');
    }

    public function testSendsWhatIsPrintedToStdoutAsLines(): void
    {
        self::assertSame('answered', $this->worker->get('/print?text=one')['body']);
        self::assertSame('answered', $this->worker->get('/print?text=two%0A')['body']);
        self::assertSame('answered', $this->worker->get('/print?text=three')['body']);
        $this->assertPrinted("one\ntwo\nthree\n");
    }

    public function testLogsARequestBeforeTheNextOneIsServed(): void
    {
        $this->worker->get('/print?text=first');
        $this->worker->get('/');
        self::assertSame("first\n", $this->worker->stdout());
    }

    public function testPrintedBytesStayOutOfTheResponseOfAnException(): void
    {
        $this->worker->get('/print?text=' . urlencode(str_repeat("\0", 100)));
        self::assertSame(500, $this->worker->get('/throw')['status']);
        $this->assertPrinted(str_repeat("\0", 100) . "\n");
    }

    public function testClosesTheBuffersAHandlerLeftOpen(): void
    {
        self::assertSame('3', $this->worker->get('/print/levels')['body']);
        self::assertSame('1', $this->worker->get('/ob-level')['body']);
        $this->assertPrinted("first second\n");
    }

    public function testOpensTheBufferAHandlerClosed(): void
    {
        self::assertSame('0', $this->worker->get('/print/after-closing-all')['body']);
        self::assertSame('1', $this->worker->get('/ob-level')['body']);
        $this->worker->get('/print?text=captured');
        $this->assertPrinted("past the buffers\ncaptured\n");
    }

    public function testSurvivesABufferThatThrows(): void
    {
        self::assertSame(200, $this->worker->get('/print/throwing-buffer')['status']);
        self::assertSame('1', $this->worker->get('/ob-level')['body']);
        self::assertSame(0, $this->worker->closeAndWait());
        self::assertStringContainsString('Cannot close an output buffer: LogicException', $this->worker->stderr());
    }

    public function testHoldsNoMoreThanItsBufferOfALongOutput(): void
    {
        $before = (int) $this->worker->get('/print/much')['body'];
        self::assertLessThan(4 << 20, $before);
        $this->worker->get('/print?text=after');
        $this->assertPrinted(str_repeat(str_repeat('y', 1_000), 3_000) . "\nafter\n");
    }

    private function assertPrinted(string $expected): void
    {
        self::assertSame(0, $this->worker->closeAndWait());
        $printed = $this->worker->stdout();
        self::assertTrue($expected . "shutdown hook\n" === $printed, substr($printed, 0, 2_000));
    }
}

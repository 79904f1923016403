<?php

declare(strict_types=1);

namespace Vilya\Tests\Support;

use PHPUnit\Framework\TestCase;
use Vilya\Protocol\Connection;
use Vilya\Protocol\ProtocolException;
use Vilya\Protocol\Socket;

/** What a connection promises, whichever way it reaches its socket. */
abstract class ConnectionTestCase extends TestCase
{
    private Connection $connection;
    /** @var resource */
    private $engine;

    /** @param resource $stream */
    abstract protected function socket($stream): Socket;

    protected function setUp(): void
    {
        [$engine, $worker] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $this->engine = $engine;
        $this->connection = new Connection($this->socket($worker));
    }

    public function testHasNoFrameBeforeBytesArrive(): void
    {
        self::assertNull($this->connection->next());
        self::assertFalse($this->connection->isClosed());
        self::assertFalse($this->connection->poll());
    }

    public function testYieldsTheSameFramesHoweverTheStreamIsSplit(): void
    {
        $payloads = ['a', str_repeat('b', 300), 'ccc'];
        $stream = implode('', array_map(self::frame(...), $payloads));
        for ($cut = 1; $cut < strlen($stream); $cut++) {
            $this->setUp();
            $halves = [substr($stream, 0, $cut), substr($stream, $cut)];
            self::assertSame($payloads, $this->receiveAll($halves), "cut $cut");
        }
        $this->setUp();
        self::assertSame($payloads, $this->receiveAll(str_split($stream)));
        $this->setUp();
        self::assertSame($payloads, $this->receiveAll([$stream]));
    }

    public function testAssemblesAFrameOfManyReads(): void
    {
        $payload = random_bytes(3_000_000);
        $chunks = str_split(self::frame($payload) . self::frame('after'), 70_000);
        self::assertTrue([$payload, 'after'] === $this->receiveAll($chunks));
    }

    public function testReportsACloseBetweenFrames(): void
    {
        fwrite($this->engine, self::frame('last'));
        fclose($this->engine);
        $this->connection->wait();
        self::assertSame('last', $this->connection->next());
        self::assertNull($this->connection->next());
        $this->connection->wait();
        self::assertNull($this->connection->next());
        self::assertTrue($this->connection->isClosed());
    }

    public function testRefusesACloseInsideAFrame(): void
    {
        $frame = self::frame('half of this');
        for ($length = 1; $length < strlen($frame); $length++) {
            $this->setUp();
            fwrite($this->engine, substr($frame, 0, $length));
            fclose($this->engine);
            try {
                $this->pump(2);
                self::fail("Nothing was thrown after $length bytes");
            } catch (ProtocolException $exception) {
                self::assertStringContainsString('closed the socket in the middle of it', $exception->getMessage());
            }
        }
    }

    public function testTakesFramesUpToTheLimitAndRefusesLongerOnes(): void
    {
        $this->connection->limitFrames(10);
        fwrite($this->engine, self::frame('123456789') . self::frame('1234567890') . pack('N', 11));
        $this->connection->wait();
        self::assertSame('123456789', $this->connection->next());
        self::assertSame('1234567890', $this->connection->next());
        $this->expectException(ProtocolException::class);
        $this->expectExceptionMessage('Cannot read a frame of 11 bytes: 1 to 10 bytes are allowed');
        $this->connection->next();
    }

    public function testRefusesAnEmptyFrame(): void
    {
        fwrite($this->engine, pack('N', 0));
        $this->connection->wait();
        $this->expectException(ProtocolException::class);
        $this->expectExceptionMessage('Cannot read a frame of 0 bytes');
        $this->connection->next();
    }

    public function testSendsUpToTheLimitAndRefusesMore(): void
    {
        $this->connection->limitFrames(3);
        $this->connection->send('abc');
        self::assertSame("\0\0\0\x03abc", fread($this->engine, 100));
        $this->expectException(ProtocolException::class);
        $this->expectExceptionMessage('Cannot send a frame of 4 bytes: 1 to 3 bytes are allowed');
        $this->connection->send('abcd');
    }

    public function testReportsAnEngineThatIsGoneWhenSending(): void
    {
        fclose($this->engine);
        $this->expectException(ProtocolException::class);
        $this->expectExceptionMessage('Cannot send a frame: the engine closed the socket');
        $this->connection->send('anything');
    }

    public function testTakesAGreetingInPiecesAndTheFrameBehindIt(): void
    {
        fwrite($this->engine, 'NARYA1' . self::frame('first'));
        $this->connection->expect('NARYA1');
        $this->connection->wait();
        self::assertSame('first', $this->connection->next());
    }

    public function testRefusesAnotherGreeting(): void
    {
        fwrite($this->engine, 'HTTP/1.1 400');
        $this->expectException(ProtocolException::class);
        $this->expectExceptionMessage('the socket speaks another protocol than NARYA1');
        $this->connection->expect('NARYA1');
    }

    public function testRefusesAPeerThatLeavesBeforeItsGreeting(): void
    {
        fwrite($this->engine, 'NAR');
        fclose($this->engine);
        $this->expectException(ProtocolException::class);
        $this->expectExceptionMessage('it closed the socket');
        $this->connection->expect('NARYA1');
    }

    public function testSendsWhatTheKernelTakesInParts(): void
    {
        [$engine, $worker] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $payload = random_bytes(3_000_000);
        $processId = pcntl_fork();
        if ($processId === 0) {
            (new Connection($this->socket($worker)))->send($payload);
            // Without the hooks of the test runner, which the parent runs.
            posix_kill(getmypid(), SIGKILL);
        }
        fclose($worker);
        self::assertTrue(self::frame($payload) === stream_get_contents($engine));
        pcntl_waitpid($processId, $status);
    }

    public function testWaitsNoLongerThanTheLimit(): void
    {
        [, $worker] = $pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $socket = $this->socket($worker);
        $socket->limitWait(20);
        $startNs = hrtime(true);
        self::assertSame('', $socket->receive(100, true));
        self::assertGreaterThan(15_000_000, hrtime(true) - $startNs);
        self::assertSame('', $socket->receive(100, false));
        fclose($pair[0]);
        self::assertNull($socket->receive(100, true));
    }

    public function testLingersUntilTheEngineCloses(): void
    {
        $tookNs = [];
        for ($run = 0; $run < 5; $run++) {
            $this->setUp();
            $this->connection->send('bye');
            fwrite($this->engine, self::frame('never read'));
            // The engine's close is already under way, behind bytes that this side will not serve.
            stream_socket_shutdown($this->engine, STREAM_SHUT_WR);
            $startNs = hrtime(true);
            $this->connection->linger();
            $tookNs[] = hrtime(true) - $startNs;
            self::assertTrue($this->connection->isClosed());
            self::assertSame("\0\0\0\x03bye", stream_get_contents($this->engine));
        }
        // What else the machine does only adds to some of them.
        self::assertLessThan(900_000_000, min($tookNs));
    }

    /**
     * @param list<string> $chunks
     *
     * @return list<string>
     */
    private function receiveAll(array $chunks): array
    {
        $payloads = [];
        foreach ($chunks as $chunk) {
            fwrite($this->engine, $chunk);
            $this->connection->wait();
            while (($payload = $this->connection->next()) !== null) {
                $payloads[] = $payload;
            }
        }

        return $payloads;
    }

    private function pump(int $turns): void
    {
        for ($turn = 0; $turn < $turns; $turn++) {
            $this->connection->wait();
            $this->connection->next();
        }
    }

    private static function frame(string $payload): string
    {
        return pack('N', strlen($payload)) . $payload;
    }
}

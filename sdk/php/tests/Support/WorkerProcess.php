<?php

declare(strict_types=1);

namespace Vilya\Tests\Support;

use Closure;
use RuntimeException;
use Vilya\MessagePack\Packer;
use Vilya\MessagePack\Unpacker;

/**
 * A real worker process and the engine's end of its socket. Every wait has a deadline and fails the test past it.
 */
final class WorkerProcess
{
    /** Generous, for machines that stall. */
    private const DEADLINE_SECONDS = 30.0;

    private string $folder;
    /** @var resource */
    private $server;
    /** @var resource */
    private $process;
    /** @var resource|null */
    private $socket = null;
    private string $received = '';
    private int $nextId = 1;
    private ?int $exitCode = null;

    /**
     * @param list<string>          $arguments   after `--sock PATH`
     * @param array<string, string> $environment on top of the test's own
     * @param array<string, string> $ini
     */
    public function __construct(string $script, array $arguments = [], array $environment = [], array $ini = [])
    {
        $this->folder = sys_get_temp_dir() . '/vilya-sdk-' . bin2hex(random_bytes(6));
        mkdir($this->folder, 0o700);
        $this->server = stream_socket_server('unix://' . $this->socketPath());
        $command = [PHP_BINARY];
        foreach ($ini as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }
        array_push($command, $script, '--sock', $this->socketPath(), ...$arguments);
        $this->process = proc_open(
            $command,
            [['file', '/dev/null', 'r'], ['file', $this->path('stdout'), 'w'], ['file', $this->path('stderr'), 'w']],
            $pipes,
            null,
            $environment + getenv(),
        );
    }

    /**
     * A worker running one of the fixtures, greeted and ready.
     *
     * @param list<string>          $arguments
     * @param array<string, string> $environment
     * @param array<string, string> $ini
     */
    public static function ready(string $fixture, array $arguments = [], array $environment = [], array $ini = []): self
    {
        $worker = new self(dirname(__DIR__) . "/fixtures/$fixture.php", $arguments, $environment, $ini);
        $worker->greet();

        return $worker;
    }

    public function accept(): void
    {
        $socket = @stream_socket_accept($this->server, self::DEADLINE_SECONDS);
        if ($socket === false) {
            throw new RuntimeException('The worker did not connect. ' . $this->stderr());
        }
        stream_set_blocking($socket, false);
        $this->socket = $socket;
    }

    public function greet(): void
    {
        $this->accept();
        $this->sendBytes('NARYA1');
        $answer = $this->receiveBytes(2);
        if ($answer !== 'OK') {
            throw new RuntimeException("The worker answered the greeting with \"$answer\"");
        }
    }

    /** @param array<string, mixed> $message */
    public static function frame(array $message): string
    {
        $payload = Packer::pack($message);

        return pack('N', strlen($payload)) . $payload;
    }

    /**
     * A request with every key of the protocol.
     *
     * @param array<string, mixed> $changes
     *
     * @return array<string, mixed>
     */
    public function request(string $path, array $changes = []): array
    {
        [$pathOnly, $query] = explode('?', $path, 2) + [1 => ''];

        return $changes + [
            'id' => $this->nextId++,
            'method' => 'GET',
            'uri' => $path,
            'path' => $pathOnly,
            'query' => $query,
            'headers' => ['Host' => ['localhost'], 'Accept' => ['text/plain', 'text/html']],
            'body' => '',
            'remote_addr' => '127.0.0.1:40000',
            'host' => 'localhost',
            'scheme' => 'http',
            'timeout_ms' => 30000,
            'worker_id' => 7,
            'runtime_version' => '9.9.9',
        ];
    }

    /**
     * Sends one request and returns its response, whose id has to match.
     *
     * @param array<string, mixed> $changes
     *
     * @return array<string, mixed>
     */
    public function get(string $path, array $changes = []): array
    {
        $request = $this->request($path, $changes);
        $this->sendBytes(self::frame($request));
        $response = $this->receive();
        if ($response['id'] !== $request['id']) {
            throw new RuntimeException("Request {$request['id']} was answered as {$response['id']}");
        }

        return $response;
    }

    public function sendBytes(string $bytes): void
    {
        $deadline = microtime(true) + self::DEADLINE_SECONDS;
        while ($bytes !== '') {
            $this->select(false, $deadline);
            $written = fwrite($this->socket, $bytes);
            if ($written === false) {
                throw new RuntimeException('The worker is gone. ' . $this->stderr());
            }
            $bytes = substr($bytes, $written);
        }
    }

    /** @return array<string, mixed> */
    public function receive(): array
    {
        $length = unpack('N', $this->receiveBytes(4))[1];

        return Unpacker::unpack($this->receiveBytes($length));
    }

    public function receiveBytes(int $length): string
    {
        $deadline = microtime(true) + self::DEADLINE_SECONDS;
        while (strlen($this->received) < $length) {
            $this->select(true, $deadline);
            $chunk = fread($this->socket, 1 << 18);
            if ($chunk === '' || $chunk === false) {
                throw new RuntimeException('The worker closed the socket. ' . $this->stderr());
            }
            $this->received .= $chunk;
        }
        $bytes = substr($this->received, 0, $length);
        $this->received = substr($this->received, $length);

        return $bytes;
    }

    /** True when the worker closes without another byte. */
    public function closesQuietly(): bool
    {
        $this->select(true, microtime(true) + self::DEADLINE_SECONDS);

        return $this->received === '' && fread($this->socket, 1) === '' && feof($this->socket);
    }

    public function close(): void
    {
        if ($this->socket !== null) {
            fclose($this->socket);
            $this->socket = null;
        }
    }

    public function kill(int $signal): void
    {
        proc_terminate($this->process, $signal);
    }

    /** The exit code, or minus the signal that killed the process. */
    public function waitForExit(): int
    {
        $this->waitUntil(fn (): bool => !$this->isRunning());

        return $this->exitCode;
    }

    /** @param Closure(): bool $condition */
    public function waitUntil(Closure $condition): void
    {
        $deadline = microtime(true) + self::DEADLINE_SECONDS;
        while (!$condition()) {
            if (microtime(true) > $deadline) {
                throw new RuntimeException('The worker did not get there in time. ' . $this->stderr());
            }
            usleep(1_000);
        }
    }

    /** PHP tells the status of a dead process once, so it is kept here. */
    public function isRunning(): bool
    {
        if ($this->exitCode === null) {
            $status = proc_get_status($this->process);
            if (!$status['running']) {
                $this->exitCode = $status['signaled'] ? -$status['termsig'] : $status['exitcode'];
            }
        }

        return $this->exitCode === null;
    }

    public function closeAndWait(): int
    {
        $this->close();

        return $this->waitForExit();
    }

    public function stdout(): string
    {
        return file_get_contents($this->path('stdout'));
    }

    public function stderr(): string
    {
        return file_get_contents($this->path('stderr'));
    }

    public function socketPath(): string
    {
        return $this->path('worker.sock');
    }

    public function folder(): string
    {
        return $this->folder;
    }

    public function __destruct()
    {
        $this->close();
        if ($this->isRunning()) {
            proc_terminate($this->process, SIGKILL);
        }
        proc_close($this->process);
        fclose($this->server);
        array_map(unlink(...), glob($this->folder . '/*'));
        rmdir($this->folder);
    }

    private function select(bool $forReading, float $deadline): void
    {
        $readable = $forReading ? [$this->socket] : null;
        $writable = $forReading ? null : [$this->socket];
        $except = null;
        $leftMicroseconds = (int) max(0, ($deadline - microtime(true)) * 1e6);
        if (stream_select($readable, $writable, $except, 0, $leftMicroseconds) !== 1) {
            throw new RuntimeException('The worker made no progress in time. ' . $this->stderr());
        }
    }

    private function path(string $name): string
    {
        return "{$this->folder}/$name";
    }
}

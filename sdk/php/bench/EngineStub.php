<?php

declare(strict_types=1);

namespace Vilya\Bench;

use RuntimeException;
use Vilya\MessagePack\Packer;

/** The least an engine can be: it starts one worker, writes the same request again and again, and counts responses. */
final class EngineStub
{
    private const READ_BYTES = 1 << 20;

    /** @var resource */
    private $process;
    /** @var resource */
    private $socket;
    private string $buffer = '';

    /** @param list<string> $ini settings of the worker's PHP, as NAME=VALUE */
    public function __construct(string $worker, string $codec, array $ini)
    {
        $path = sys_get_temp_dir() . '/vilya-bench-' . getmypid() . '.sock';
        $server = stream_socket_server('unix://' . $path);
        $command = [PHP_BINARY];
        foreach ($ini as $setting) {
            array_push($command, '-d', $setting);
        }
        array_push($command, $worker, '--sock', $path);
        $environment = ['VILYA_MSGPACK' => $codec] + getenv();
        $this->process = proc_open($command, [1 => ['file', '/dev/null', 'w']], $pipes, null, $environment);
        $socket = stream_socket_accept($server, 10);
        unlink($path);
        if ($socket === false || fwrite($socket, 'NARYA1') !== 6 || stream_get_contents($socket, 2) !== 'OK') {
            throw new RuntimeException('Cannot measure: the worker did not answer the greeting');
        }
        stream_set_chunk_size($socket, self::READ_BYTES);
        $this->socket = $socket;
    }

    /** @return array{requestsPerSecond: float, cpuMicrosecondsPerRequest: float} */
    public function measure(int $depth, float $seconds): array
    {
        $frame = self::requestFrame();
        $cpuStartNs = $this->workerCpuNs();
        $startNs = hrtime(true);
        $endNs = $startNs + (int) ($seconds * 1e9);
        fwrite($this->socket, str_repeat($frame, $depth));
        $inFlight = $depth;
        $answered = 0;
        while ($inFlight > 0) {
            $count = $this->receive();
            $answered += $count;
            $inFlight -= $count;
            if (hrtime(true) < $endNs) {
                fwrite($this->socket, str_repeat($frame, $count));
                $inFlight += $count;
            }
        }
        $elapsedNs = hrtime(true) - $startNs;
        $cpuNs = $this->workerCpuNs() - $cpuStartNs;
        fclose($this->socket);
        proc_close($this->process);

        return [
            'requestsPerSecond' => $answered / $elapsedNs * 1e9,
            'cpuMicrosecondsPerRequest' => $cpuNs / $answered / 1e3,
        ];
    }

    /** Waits for bytes and returns how many responses they completed. */
    private function receive(): int
    {
        $this->buffer .= fread($this->socket, self::READ_BYTES);
        $bytes = strlen($this->buffer);
        $offset = 0;
        for ($count = 0; $bytes - $offset >= 4; $count++) {
            $frameBytes = 4 + unpack('N', $this->buffer, $offset)[1];
            if ($bytes - $offset < $frameBytes) {
                break;
            }
            $offset += $frameBytes;
        }
        $this->buffer = substr($this->buffer, $offset);

        return $count;
    }

    private function workerCpuNs(): int
    {
        $processId = proc_get_status($this->process)['pid'];

        return (int) explode(' ', file_get_contents("/proc/$processId/schedstat"))[0];
    }

    /** The request of an ordinary browser, with all thirteen keys. */
    private static function requestFrame(): string
    {
        $payload = Packer::pack([
            'id' => 4711,
            'method' => 'GET',
            'uri' => '/',
            'path' => '/',
            'query' => '',
            'headers' => [
                'Host' => ['localhost:8888'],
                'User-Agent' => ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0'],
                'Accept' => ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
                'Accept-Language' => ['en-US,en;q=0.5'],
                'Accept-Encoding' => ['gzip, deflate, br, zstd'],
                'Cookie' => ['session=0123456789abcdef0123456789abcdef'],
            ],
            'body' => '',
            'remote_addr' => '127.0.0.1:40000',
            'host' => 'localhost:8888',
            'scheme' => 'http',
            'timeout_ms' => 30000,
            'worker_id' => 1,
            'runtime_version' => '0.1.0',
        ]);

        return pack('N', strlen($payload)) . $payload;
    }
}

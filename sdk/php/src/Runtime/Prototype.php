<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Vilya\MessagePack\Codec;
use Vilya\Protocol\Connection;
use Vilya\Protocol\Handshake;
use Vilya\Protocol\MessageDecoder;
use Vilya\Protocol\ProtocolException;

/**
 * The process that workers are forked from, once the application has booted in it: it serves no request, forks when the
 * engine says so, and tells it which workers have ended.
 *
 * Each worker is the leader of its own process group, as one that the engine has started itself.
 */
final class Prototype
{
    /** Of ext-pcntl and ext-posix; PHP may be without them, and disable_functions may name them. */
    private const REQUIRED_FUNCTIONS = [
        'pcntl_fork',
        'pcntl_signal',
        'pcntl_async_signals',
        'pcntl_waitpid',
        'pcntl_wifexited',
        'pcntl_wexitstatus',
        'pcntl_wifsignaled',
        'pcntl_wtermsig',
        'pcntl_get_last_error',
        'pcntl_strerror',
        'posix_setpgid',
    ];

    /** @var array<int, true> by process id: workers that run */
    private array $running = [];
    /** Whether a process has exited that was not looked at. */
    private bool $hasExited = false;

    private function __construct(private readonly Connection $connection, private readonly Codec $codec)
    {
    }

    /**
     * Greets the engine.
     *
     * @throws ProtocolException when there is no engine at the path, or this PHP cannot fork
     */
    public static function open(string $socketPath): self
    {
        $missing = array_filter(self::REQUIRED_FUNCTIONS, static fn (string $name): bool => !function_exists($name));
        if ($missing !== []) {
            throw new ProtocolException(
                'Cannot fork workers: this PHP has no ' . implode('(), no ', $missing)
                . '(), ext-pcntl and ext-posix are needed for "start: fork"; without them use "start: exec"',
            );
        }
        Sdk::loadAll();
        $codec = Codec::select();
        $connection = Connection::open($socketPath);
        Handshake::perform($connection, $codec, Sdk::VERSION, ['fork']);

        return new self($connection, $codec);
    }

    /**
     * Returns in every worker, with what it was forked for, and in the prototype itself with null once the engine has let
     * it go. A worker drops this object at once: the connection is the prototype's.
     *
     * @throws ProtocolException when the engine sends what cannot be read
     */
    public function run(): ?LaunchArguments
    {
        pcntl_async_signals(true);
        // It ends the wait for the engine.
        pcntl_signal(SIGCHLD, function (): void {
            $this->hasExited = true;
        }, false);
        $decoder = new MessageDecoder($this->codec);
        while (true) {
            while (($payload = $this->connection->next()) !== null) {
                $message = $decoder->decode($payload);
                if (($message['type'] ?? null) === 'stop') {
                    return null;
                }
                $order = ForkOrder::read($message);
                if ($order !== null && $this->fork($order)) {
                    return $order->arguments;
                }
            }
            if ($this->connection->isClosed()) {
                return null;
            }
            if ($this->hasExited) {
                $this->reap();
            } elseif (!$this->connection->wait()) {
                // A signal may have come in the instant before the sleep.
                $this->hasExited = true;
            }
        }
    }

    /** True in the worker, false in the prototype. */
    private function fork(ForkOrder $order): bool
    {
        $processId = @pcntl_fork();
        if ($processId === 0) {
            $this->becomeWorker($order);

            return true;
        }
        if ($processId < 0) {
            $error = pcntl_strerror(pcntl_get_last_error());
            $this->tell(['type' => 'fork_failed', 'worker_id' => $order->workerId, 'error' => $error]);

            return false;
        }
        // Both sides do it: whoever signals the group from here on finds it.
        @posix_setpgid($processId, $processId);
        $this->running[$processId] = true;
        $this->tell(['type' => 'forked', 'worker_id' => $order->workerId, 'pid' => $processId]);

        return false;
    }

    private function becomeWorker(ForkOrder $order): void
    {
        posix_setpgid(0, 0);
        pcntl_signal(SIGCHLD, SIG_DFL);
        $order->redirectOutput();
        putenv("VILYA_WORKER_ID={$order->workerId}");
        // Or all workers would draw the same numbers.
        mt_srand();
    }

    /** Only its own workers: what the application has started is the application's to wait for. */
    private function reap(): void
    {
        $this->hasExited = false;
        foreach (array_keys($this->running) as $processId) {
            if (pcntl_waitpid($processId, $status, WNOHANG) <= 0) {
                continue;
            }
            unset($this->running[$processId]);
            $this->tell([
                'type' => 'exited',
                'pid' => $processId,
                'code' => pcntl_wifexited($status) ? pcntl_wexitstatus($status) : null,
                'signal' => pcntl_wifsignaled($status) ? pcntl_wtermsig($status) : null,
            ]);
        }
    }

    /** @param array<string, mixed> $message */
    private function tell(array $message): void
    {
        $this->connection->send(($this->codec->pack)($message));
    }
}

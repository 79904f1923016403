<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use InvalidArgumentException;
use ReflectionFunction;
use ReflectionNamedType;
use Throwable;
use Vilya\MessagePack\Codec;
use Vilya\Protocol\Connection;
use Vilya\Protocol\Handshake;
use Vilya\Protocol\Inbox;
use Vilya\Protocol\MessageDecoder;
use Vilya\Protocol\ProtocolException;
use Vilya\State\StateReset;
use Vilya\WebSocket;

/**
 * One worker process of an application: boots once, then answers requests until the engine lets it go.
 *
 *     (new Worker(null, fn (array $request): array => ['body' => "Hello {$request['path']}"]))->run();
 *
 * The engine starts the script as `php worker.php --sock PATH [--max-requests N]`.
 */
final class Worker
{
    private readonly Closure $handler;
    private readonly WorkerOptions $options;

    /**
     * @param ApplicationWorker|null                            $app     answers the requests where it is given
     * @param (callable(array<string, mixed>): (array|string))|null $handler answers them otherwise; where its second
     *                                                                       parameter is a `Respond`, it gets one
     * @param WebSocket|null                                    $webSocket takes the WebSockets where it is given; without, clients that
     *                                                                     ask for one get 501
     *
     * @throws InvalidArgumentException when there is neither
     */
    public function __construct(
        private readonly ?ApplicationWorker $app = null,
        ?callable $handler = null,
        ?WorkerOptions $options = null,
        private readonly ?WebSocket $webSocket = null,
    ) {
        if ($app === null && $handler === null) {
            throw new InvalidArgumentException(
                'Cannot create a worker: it has neither an application nor a handler, one of them is required',
            );
        }
        $this->handler = $app !== null ? $app->handle(...) : Closure::fromCallable($handler);
        $this->options = $options ?? new WorkerOptions();
    }

    /**
     * Serves until the engine says stop, closes the socket, or SIGTERM arrives, and then returns.
     *
     * Ends the process with status 1 and a line on STDERR where there is no engine to serve or it speaks nonsense.
     */
    public function run(): void
    {
        $argv = $_SERVER['argv'] ?? [];
        try {
            $arguments = LaunchArguments::parse($argv);
        } catch (InvalidArgumentException $exception) {
            self::leave($exception->getMessage());
        }
        $socketPath = $arguments->socketPath ?? $this->options->socketPath;
        if ($socketPath === null) {
            self::leave(LaunchArguments::usage($argv[0] ?? 'worker.php'));
        }
        $this->app?->boot();
        try {
            $this->serve($socketPath, $arguments->maxRequests ?? $this->options->maxRequests);
        } catch (ProtocolException $exception) {
            $this->shutDown();
            self::leave($exception->getMessage());
        }
        $this->shutDown();
    }

    private function serve(string $socketPath, int $maxRequests): void
    {
        $codec = Codec::select();
        $connection = Connection::open($socketPath);
        $responder = new Responder($connection, $codec, $maxRequests, $this->options->memoryLimitBytes);
        $output = new OutputCapture();
        $inbox = new Inbox($connection, new MessageDecoder($codec));
        $streamer = new Streamer($connection, $inbox, $responder);
        $actions = new Actions($responder);
        WebSocket::bind($actions);
        $shape = new ResponseShape();
        $timeLimit = TimeLimit::ofProcess();
        $state = new StateReset();
        $loop = new RequestLoop(
            $connection,
            $inbox,
            $this->handler,
            self::wantsRespond($this->handler),
            $responder,
            $streamer,
            new RequestBodies($inbox, $connection, $responder, $this->options->bodyFiles),
            $actions,
            $this->webSocket === null ? null : new SocketEvents($this->webSocket, $actions, $shape, $codec),
            $shape,
            new ExitGuard($connection, $responder, $streamer, $output, $this->shutDown(...)),
            $output,
            $state,
            new IdleWork($connection, $state, $this->options->gcIntervalRequests),
            new TerminationSignal(),
            $timeLimit,
            [...($this->app === null ? [] : [$this->app]), ...$this->options->resetters],
        );
        Handshake::perform($connection, $codec, Sdk::VERSION, $this->webSocket !== null);
        $output->open();
        $loop->run();
    }

    /** Every hook runs, whatever the ones before it throw: the process leaves either way. */
    private function shutDown(): void
    {
        $hooks = [...($this->app === null ? [] : [$this->app->shutdown(...)]), ...$this->options->shutdownHooks];
        foreach ($hooks as $hook) {
            try {
                $hook();
            } catch (Throwable $thrown) {
                Failure::report('Cannot run a shutdown hook: ' . Failure::describe($thrown));
            }
        }
    }

    /** Only a handler that asks for it by its type gets a second argument: others may have a use of their own for one. */
    private static function wantsRespond(Closure $handler): bool
    {
        $type = ((new ReflectionFunction($handler))->getParameters()[1] ?? null)?->getType();

        return $type instanceof ReflectionNamedType && $type->getName() === Respond::class;
    }

    private static function leave(string $message): never
    {
        Failure::report(rtrim($message));
        exit(1);
    }
}

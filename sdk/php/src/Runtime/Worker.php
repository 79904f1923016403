<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use InvalidArgumentException;
use ReflectionFunction;
use ReflectionNamedType;
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
    private readonly Hooks $hooks;

    /**
     * @param ApplicationWorker|null                            $app     answers the requests where it is given
     * @param (callable(array<string, mixed>): (array|string))|null $handler answers them otherwise; where its second
     *                                                                       parameter is a `Respond`, it gets one
     * @param WebSocket|null                                    $webSocket takes the WebSockets where it is given; without, clients that
     *                                                                     ask for one get 501
     *
     * @throws InvalidArgumentException when there is neither, and for a hook that requires arguments
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
        $owner = (new ReflectionFunction($this->handler))->getClosureThis();
        $this->hooks = Hooks::of([
            ...($app === null ? [] : [$app]),
            ...($owner === null ? [] : [$owner]),
            ...$this->options->hooks,
        ]);
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
        $arguments = $arguments->withDefaults($this->options->socketPath, $this->options->maxRequests);
        if ($arguments->socketPath === null && $arguments->prototypePath === null) {
            self::leave(LaunchArguments::usage($argv[0] ?? 'worker.php'));
        }
        $this->app?->boot();
        try {
            if ($arguments->prototypePath !== null) {
                $this->hooks->beforeFork();
                $arguments = Prototype::open($arguments->prototypePath)->run();
            }
            // In a prototype there is nothing left to do: its workers have their own way through here.
            if ($arguments !== null) {
                $this->serve($arguments);
            }
        } catch (ProtocolException $exception) {
            self::leave($exception->getMessage());
        }
    }

    /** @throws ProtocolException */
    private function serve(LaunchArguments $arguments): void
    {
        $this->hooks->start();
        try {
            $this->answer($arguments->socketPath, $arguments->maxRequests);
        } finally {
            $this->shutDown();
        }
    }

    private function answer(string $socketPath, int $maxRequests): void
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
        $features = Handshake::WORKER_FEATURES;
        if ($this->webSocket !== null) {
            $features[] = Handshake::WEBSOCKET_FEATURE;
        }
        Handshake::perform($connection, $codec, Sdk::VERSION, $features);
        $output->open();
        $loop->run();
    }

    /** Every hook runs, whatever the ones before it throw: the process leaves either way. */
    private function shutDown(): void
    {
        $this->hooks->shutDown();
        Hooks::runAll([
            ...($this->app === null ? [] : [$this->app->shutdown(...)]),
            ...$this->options->shutdownHooks,
        ]);
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

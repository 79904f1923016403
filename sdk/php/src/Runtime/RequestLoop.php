<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Throwable;
use Vilya\Protocol\Connection;
use Vilya\Protocol\MessageDecoder;
use Vilya\Protocol\ProtocolException;
use Vilya\State\StateReset;

use function is_int;

/**
 * Serves requests strictly in the order they arrive, each with exactly one response, until the engine says stop, closes
 * the socket, or the process is asked to terminate.
 *
 * This is the hot path. A response leaves before anything is cleaned up, so no client waits for the cleaning.
 */
final class RequestLoop
{
    /** A SIGTERM that arrives in the instant before the sleep would go unnoticed; it waits this long at most. */
    private const SIGNAL_CHECK_SECONDS = 5;

    /**
     * @param Closure(array<string, mixed>): mixed $handler
     * @param list<Resetter>                       $resetters
     */
    public function __construct(
        private readonly Connection $connection,
        private readonly MessageDecoder $decoder,
        private readonly Closure $handler,
        private readonly Responder $responder,
        private readonly ResponseShape $shape,
        private readonly ExitGuard $exitGuard,
        private readonly OutputCapture $output,
        private readonly StateReset $state,
        private readonly IdleWork $idleWork,
        private readonly TerminationSignal $termination,
        private readonly ?TimeLimit $timeLimit,
        private readonly array $resetters,
    ) {
    }

    /** @throws ProtocolException when the bytes on the socket make no sense any more */
    public function run(): void
    {
        while (!$this->termination->isReceived()) {
            $payload = $this->connection->next();
            if ($payload === null) {
                if ($this->connection->isClosed()) {
                    return;
                }
                $this->idleWork->run($this->responder->servedCount());
                $this->output->flush();
                $this->connection->wait($this->termination->isSupported() ? self::SIGNAL_CHECK_SECONDS : null);
                continue;
            }
            $message = $this->decoder->decode($payload);
            $payload = null; // The handler has the body in its request and need not hold it twice.
            if (!isset($message['type']) || $message['type'] === 'request') {
                $this->serve($message);
            } elseif ($message['type'] === 'stop') {
                return;
            } elseif ($message['type'] === 'welcome') {
                $this->welcome($message);
            }
        }
        $this->connection->linger();
    }

    /** @param array<string, mixed> $request */
    private function serve(array $request): void
    {
        $id = $request['id'] ?? throw new ProtocolException('Cannot answer a request: it has no id, one is required');
        $this->exitGuard->arm($id);
        $this->timeLimit?->start();
        try {
            $response = $this->shape->normalize(($this->handler)($request));
        } catch (Throwable $thrown) {
            $response = Failure::fromThrowable($thrown);
        }
        if ($this->termination->isReceived()) {
            $this->responder->requestRecycle();
        }
        $this->timeLimit?->stop();
        $this->exitGuard->disarm();
        $this->responder->send($id, $response);
        $this->cleanUp();
    }

    /** The process's own state comes last: a resetter is application code and may change it again. */
    private function cleanUp(): void
    {
        foreach ($this->resetters as $resetter) {
            try {
                $resetter->reset();
            } catch (Throwable $thrown) {
                $this->reportFailedReset($thrown);
            }
        }
        try {
            $this->state->restore();
        } catch (Throwable $thrown) {
            $this->reportFailedReset($thrown);
        }
        $this->output->flush();
    }

    private function reportFailedReset(Throwable $thrown): void
    {
        $this->responder->requestRecycle();
        Failure::report('Cannot reset state after a request: ' . Failure::describe($thrown));
    }

    /** @param array<string, mixed> $welcome */
    private function welcome(array $welcome): void
    {
        $frameBytesMax = $welcome['frame_bytes_max'] ?? null;
        if (is_int($frameBytesMax) && $frameBytesMax > 0) {
            $this->connection->limitFrames($frameBytesMax);
        }
    }
}

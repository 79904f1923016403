<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Throwable;
use Vilya\Protocol\Connection;
use Vilya\Protocol\Inbox;
use Vilya\Protocol\ProtocolException;
use Vilya\State\StateReset;

use function is_int;
use function is_string;
use function strlen;

/**
 * Serves requests strictly in the order they arrive, each with exactly one response, until the engine says stop, closes
 * the socket, or the process is asked to terminate.
 *
 * This is the hot path. A response leaves before anything is cleaned up, so no client waits for the cleaning.
 */
final class RequestLoop
{
    /**
     * @param Closure(array<string, mixed>, Respond=): mixed $handler
     * @param bool                                           $wantsRespond whether it takes a second argument
     * @param list<Resetter>                                 $resetters
     */
    public function __construct(
        private readonly Connection $connection,
        private readonly Inbox $inbox,
        private readonly Closure $handler,
        private readonly bool $wantsRespond,
        private readonly Responder $responder,
        private readonly Streamer $streamer,
        private readonly RequestBodies $bodies,
        private readonly Actions $actions,
        private readonly ?SocketEvents $socketEvents,
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
            $message = $this->inbox->next();
            if ($message === null) {
                if ($this->connection->isClosed()) {
                    return;
                }
                if ($this->idleWork->run($this->responder->servedCount())) {
                    $this->output->flush();
                    $this->connection->wait();
                }
                continue;
            }
            if (!isset($message['type']) || $message['type'] === 'request') {
                $this->serve($message);
            } elseif ($this->socketEvents !== null && SocketEvents::isEvent($message['type'])) {
                $this->serveEvent($this->socketEvents, $message);
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
            $request = $this->bodies->attach($request);
            $result = $this->wantsRespond
                ? ($this->handler)($request, new Respond($this->responder, $id, $this->streamer->isSupported()))
                : ($this->handler)($request);
            $response = $this->shape->normalize($result);
        } catch (IncompleteBodyException) {
            // The engine has answered the client already, if there still is one.
            $response = ['status' => 400, 'headers' => [], 'body' => '', 'error' => ''];
        } catch (Throwable $thrown) {
            $response = Failure::fromThrowable($thrown);
        }
        if ($this->termination->isReceived()) {
            $this->responder->requestRecycle();
        }
        $this->timeLimit?->stop();
        $this->respond($id, $response);
        $this->bodies->detach();
        $this->cleanUp();
    }

    /** @param array<string, mixed> $response */
    private function respond(int|string $id, array $response): void
    {
        $body = $response['body'];
        if (is_string($body)) {
            $this->exitGuard->disarm();
            if ($this->streamer->isSupported() && strlen($body) > $this->streamer->wholeBytesMax()) {
                $this->streamer->answer($id, LargeBody::inParts($response));
            } else {
                $this->responder->send($id, $response);
            }
        } else {
            // A body that comes into being is still the application at work, which may end the process.
            $this->streamer->answer($id, $response);
            $this->exitGuard->disarm();
        }
    }

    /** @param array<string, mixed> $event */
    private function serveEvent(SocketEvents $events, array $event): void
    {
        $id = $event['id'];
        $this->exitGuard->arm($id);
        $this->timeLimit?->start();
        $answer = $events->run($event);
        if ($this->termination->isReceived()) {
            $this->responder->requestRecycle();
        }
        $this->timeLimit?->stop();
        if (isset($answer['type'])) {
            $this->exitGuard->disarm();
            $this->responder->sendDone($id, $answer);
        } else {
            $this->respond($id, $answer);
        }
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
        if (is_int($welcome['stream_credit'] ?? null) && $welcome['stream_credit'] > 0) {
            $this->streamer->enable();
            $this->bodies->limitWindow($welcome['stream_credit']);
        }
        if (in_array('actions', (array) ($welcome['features'] ?? []), true)) {
            $this->actions->enable();
        }
    }
}

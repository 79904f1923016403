<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use Throwable;
use Vilya\Protocol\Connection;

/**
 * Answers the request in flight when the process ends under it: `exit()` in a handler, or a fatal error.
 *
 * Armed while a handler runs and only then. Everything it needs exists from the start, since after an exhausted memory
 * limit there is little left to build it from.
 */
final class ExitGuard
{
    /** Given back to PHP before the answer is built: the memory limit may be what ended the request. */
    private const RESERVE_BYTES = 256 * 1024;

    private const FATAL_TYPES = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;

    private string $reserve;
    private readonly int $processId;
    private int|string|null $requestId = null;

    /** @param Closure(): void $shutDown the hooks that run whenever the process leaves */
    public function __construct(
        private readonly Connection $connection,
        private readonly Responder $responder,
        private readonly Streamer $streamer,
        private readonly OutputCapture $output,
        private readonly Closure $shutDown,
    ) {
        class_exists(Failure::class);
        $this->reserve = str_repeat("\0", self::RESERVE_BYTES);
        // A child the handler forked leaves through here as well, and must not speak for its parent.
        $this->processId = getmypid();
        register_shutdown_function($this->answer(...));
    }

    public function arm(int|string $requestId): void
    {
        $this->requestId = $requestId;
    }

    public function disarm(): void
    {
        $this->requestId = null;
    }

    private function answer(): void
    {
        if ($this->requestId === null || getmypid() !== $this->processId) {
            return;
        }
        $this->reserve = '';
        $requestId = $this->requestId;
        $this->requestId = null;
        try {
            $this->responder->requestRecycle();
            if ($this->streamer->isStreaming()) {
                $this->endStream();
            } else {
                $this->responder->send($requestId, $this->response());
            }
            $this->connection->linger();
            ($this->shutDown)();
        } catch (Throwable $thrown) {
            Failure::report('Cannot answer the request that ended this process: ' . Failure::describe($thrown));
        }
    }

    /** The head has left long since: exit() ends the body where it is, a fatal error cuts it. */
    private function endStream(): void
    {
        $error = error_get_last();
        $isFatal = $error !== null && ($error['type'] & self::FATAL_TYPES) !== 0;
        $this->output->flush();
        $this->streamer->end($isFatal ? Failure::fromFatalError($error)['error'] : '');
    }

    /** @return array{status: int, headers: array<string, list<string>>, body: string, error: string} */
    private function response(): array
    {
        $error = error_get_last();
        if ($error !== null && ($error['type'] & self::FATAL_TYPES) !== 0) {
            $this->output->flush();

            return Failure::fromFatalError($error);
        }
        if ($this->output->hasOverflowed()) {
            $this->output->flush();

            return Failure::fromThrowable(new InvalidResponseException(
                'Cannot answer with what was printed before exit(): part of it left for the log already, '
                . OutputCapture::BYTES_MAX . ' bytes in open buffers are allowed',
            ));
        }

        return [
            'status' => 200,
            'headers' => ResponseShape::TEXT_HEADERS,
            'body' => $this->output->take(),
            'error' => '',
        ];
    }
}

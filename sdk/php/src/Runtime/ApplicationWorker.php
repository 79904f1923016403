<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/** An application with a life of its own around its requests; a plain callable does where there is none. */
interface ApplicationWorker extends Resetter
{
    /** Runs once, before the engine learns that this worker is ready. An exception here stops the start. */
    public function boot(): void;

    /**
     * Answers one request.
     *
     * @param array<string, mixed> $request see the README for its keys
     *
     * @return array{status?: int, headers?: array<mixed>, body?: ?string, error?: ?string}|string
     */
    public function handle(array $request): array|string;

    /** Runs once, when the process leaves in good order or through exit() in a handler. */
    public function shutdown(): void;
}

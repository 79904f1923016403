<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;

/** What a worker script may tune. Every option has a default that is right for most applications. */
final class WorkerOptions
{
    /**
     * @param int             $maxRequests        ask to be replaced from this request on; 0 or less means never.
     *                                            `--max-requests` on the command line wins over it
     * @param int             $memoryLimitBytes   ask to be replaced once PHP holds more than this after a request;
     *                                            0 or less means never
     * @param int             $gcIntervalRequests collect cycles at most once in this many requests, and only while
     *                                            no request waits; 0 or less leaves it to PHP's own threshold
     * @param list<Resetter>  $resetters          run after every request, in this order, after the application's own
     * @param list<Closure>   $shutdownHooks      run once when the process leaves, in this order
     * @param list<object>    $hooks              whose methods with `#[OnStart]`, `#[OnShutdown]` and `#[BeforeFork]` are run, besides
     *                                            those of the application and of the handler's object
     * @param string|null     $socketPath         where the engine listens, for scripts started without `--sock`
     * @param bool            $bodyFiles          give handlers large bodies as the files they are in, `body_file`,
     *                                            instead of as strings
     */
    public function __construct(
        public readonly int $maxRequests = 0,
        public readonly int $memoryLimitBytes = 0,
        public readonly int $gcIntervalRequests = 200,
        public readonly array $resetters = [],
        public readonly array $shutdownHooks = [],
        public readonly ?string $socketPath = null,
        public readonly bool $bodyFiles = false,
        public readonly array $hooks = [],
    ) {
    }
}

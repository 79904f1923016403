<?php

declare(strict_types=1);

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\BeforeFork;
use Vilya\OnShutdown;
use Vilya\OnStart;
use Vilya\Runtime\Worker;

/** An app that tells which process did what: BOOT_MS is how long it boots, FAIL what it throws in. */
final class ForkedApp
{
    /** @var list<string> */
    private array $events = [];
    private readonly int $bootPid;
    private readonly string $payload;

    public function __construct()
    {
        usleep(1000 * (int) getenv('BOOT_MS'));
        $this->bootPid = getmypid();
        $this->payload = str_repeat('x', 1024 * (int) getenv('PAYLOAD_KIB'));
        mt_srand(1);
        $this->fail('boot');
    }

    #[BeforeFork]
    private function warm(): void
    {
        $this->events[] = 'before-fork:' . getmypid();
        $this->fail('before-fork');
    }

    #[OnStart(priority: -1)]
    private function connect(): void
    {
        $this->events[] = 'start:' . getmypid();
        $this->fail('start');
    }

    #[OnStart]
    private function first(): void
    {
        $this->events[] = 'first:' . getmypid();
    }

    #[OnShutdown]
    public function leave(): void
    {
        fwrite(STDERR, 'shutdown of ' . getenv('VILYA_WORKER_ID') . "\n");
    }

    public function __invoke(array $request): string
    {
        switch ($request['path']) {
            case '/print':
                echo "printed\n";
                fwrite(STDERR, "complained\n");
                break;
            case '/die':
                fwrite(STDERR, "last words\n");
                posix_kill(getmypid(), SIGKILL);
        }

        return json_encode([
            'pid' => getmypid(),
            'bootPid' => $this->bootPid,
            'events' => $this->events,
            'workerId' => getenv('VILYA_WORKER_ID'),
            'random' => mt_rand(),
            'group' => posix_getpgid(0),
            'descriptors' => count(scandir('/proc/self/fd')),
        ]);
    }

    private function fail(string $step): void
    {
        if (getenv('FAIL') === $step) {
            throw new RuntimeException("failed in $step");
        }
    }
}

(new Worker(handler: new ForkedApp()))->run();

<?php

declare(strict_types=1);

namespace Vilya\State;

use function count;
use function get_included_files;

/**
 * Runs the costly checks only once the process has loaded code that could make them necessary.
 *
 * A file that names neither `putenv` nor `eval` cannot change the environment, so comparing it after every request
 * would be wasted. New files are looked at once, after the request that loaded them and before its state is restored;
 * a match opens that check's gate for good. The guess is checked: `sweep()` ignores the gates while the worker is idle,
 * and a change it finds opens the gate as well. Code that builds a function's name from pieces is all that slips
 * through until then.
 */
final class ReachableStates
{
    /** An application of more files than this is large: the checks are noise to it and every gate opens. */
    private const FILES_MAX = 256;

    /** Source that only shows itself at run time, or that cannot be read as text, may do anything. */
    private const OPAQUE = 'eval|__HALT_COMPILER|ioncube|sg_load';

    /** @var list<GatedState> */
    private array $open = [];
    /** @var list<GatedState> */
    private array $closed;
    private int $filesSeen = 0;

    /** @param list<GatedState> $states */
    public function __construct(array $states)
    {
        $this->closed = $states;
        if ((string) ini_get('opcache.preload') !== '') {
            // Preloaded code is in force without being an included file.
            $this->openWhere(static fn (): bool => true);
        }
    }

    public function restore(): void
    {
        if ($this->closed !== [] && count(get_included_files()) !== $this->filesSeen) {
            $this->inspectNewFiles();
        }
        foreach ($this->open as $state) {
            $state->restore();
        }
    }

    /** Runs every check, whatever its gate; one that finds a change is wrong about its gate and opens it. */
    public function sweep(): void
    {
        foreach ($this->closed as $state) {
            if ($state->restore()) {
                $this->openWhere(static fn (GatedState $candidate): bool => $candidate === $state);
            }
        }
    }

    private function inspectNewFiles(): void
    {
        $files = get_included_files();
        $newFiles = array_slice($files, $this->filesSeen);
        $this->filesSeen = count($files);
        if ($this->filesSeen > self::FILES_MAX) {
            $this->openWhere(static fn (): bool => true);

            return;
        }
        $ownFolder = dirname(__DIR__) . DIRECTORY_SEPARATOR;
        foreach ($newFiles as $file) {
            if (!str_starts_with($file, $ownFolder)) {
                $this->inspect($file);
            }
        }
    }

    /** A file that cannot be read any more opens every gate: what it can do is unknown. */
    private function inspect(string $file): void
    {
        $source = @file_get_contents($file);
        $this->openWhere(
            static fn (GatedState $state): bool => $source === false
                || preg_match('/\b(?:' . $state->mutators() . '|' . self::OPAQUE . ')\b/i', $source) !== 0,
        );
    }

    /** @param callable(GatedState): bool $isReached */
    private function openWhere(callable $isReached): void
    {
        foreach ($this->closed as $index => $state) {
            if ($isReached($state)) {
                $this->open[] = $state;
                unset($this->closed[$index]);
            }
        }
    }
}

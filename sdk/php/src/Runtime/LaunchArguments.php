<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use InvalidArgumentException;

/**
 * What the engine put on the command line: `--sock PATH [--max-requests N]`, or `--prototype PATH` for the process that
 * workers are forked from; each also as `--name=value`.
 *
 * Arguments it does not know are left to the script.
 */
final class LaunchArguments
{
    public function __construct(
        public readonly ?string $socketPath,
        public readonly ?int $maxRequests,
        public readonly ?string $prototypePath = null,
    ) {
    }

    /**
     * @param list<string> $argv with the script's name first, as PHP hands it over
     *
     * @throws InvalidArgumentException for an option without its value, or a count that is not an integer
     */
    public static function parse(array $argv): self
    {
        $values = ['--sock' => null, '--max-requests' => null, '--prototype' => null];
        for ($i = 1, $count = count($argv); $i < $count; $i++) {
            [$name, $value] = explode('=', $argv[$i], 2) + [1 => null];
            if (!array_key_exists($name, $values)) {
                continue;
            }
            $value ??= $argv[++$i] ?? '';
            if ($value === '') {
                throw new InvalidArgumentException("Cannot read $name: it has no value, one is required");
            }
            $values[$name] = $value;
        }
        $maxRequests = $values['--max-requests'];
        if ($maxRequests !== null && preg_match('/^-?\d{1,18}$/', $maxRequests) !== 1) {
            throw new InvalidArgumentException(
                "Cannot read --max-requests: \"$maxRequests\" is no number, an integer is allowed",
            );
        }

        return new self($values['--sock'], $maxRequests === null ? null : (int) $maxRequests, $values['--prototype']);
    }

    /** What the command line leaves open, as the script has it. */
    public function withDefaults(?string $socketPath, int $maxRequests): self
    {
        return new self($this->socketPath ?? $socketPath, $this->maxRequests ?? $maxRequests, $this->prototypePath);
    }

    public static function usage(string $script): string
    {
        return "Usage: php $script --sock PATH [--max-requests N]\n"
            . "This script is a worker: an engine starts it and listens on PATH.\n";
    }
}

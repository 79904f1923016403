<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Throwable;

use function fwrite;
use function ob_get_length;
use function ob_get_level;
use function strlen;

/**
 * Keeps what a handler prints apart from what it answers: it goes to STDOUT as whole lines once the request is over,
 * where the engine picks it up for its log.
 *
 * One output buffer stays open for the whole life of the worker; buffers a handler opened and forgot are closed into
 * it, and it is opened again where a handler closed it.
 */
final class OutputCapture
{
    /** Output beyond this leaves for STDOUT while the handler still runs, in bytes. */
    public const BYTES_MAX = 1024 * 1024;

    /** PHP allocates this much for the open buffer; what outgrows it is moved to a string of the size it needs. */
    private const BUFFER_BYTES = 16 * 1024;

    /** @var resource */
    private $stdout;
    private int $baseLevel = 0;
    private string $held = '';
    private bool $hasOverflowed = false;
    private bool $isLineOpen = false;

    public function __construct()
    {
        // STDOUT the constant exists in the CLI only.
        $this->stdout = fopen('php://stdout', 'wb');
    }

    public function open(): void
    {
        ob_start($this->receive(...), self::BUFFER_BYTES);
        $this->baseLevel = ob_get_level();
    }

    /** After a request: restores the buffer level and logs what was printed. */
    public function flush(): void
    {
        if (ob_get_level() === $this->baseLevel && ob_get_length() === 0 && $this->held === '') {
            return;
        }
        $this->write($this->take());
        if ($this->isLineOpen) {
            $this->write("\n");
        }
        $this->hasOverflowed = false;
    }

    /** The bytes this request printed, which from then on count as answered and not as printed. */
    public function take(): string
    {
        $this->closeForgottenBuffers();
        if (ob_get_level() < $this->baseLevel) {
            $this->open();
        }
        $printed = $this->held . ob_get_contents();
        ob_clean();

        return $printed;
    }

    /** Whether a part of this request's output already left for STDOUT, so that `take()` would return a torso. */
    public function hasOverflowed(): bool
    {
        return $this->hasOverflowed;
    }

    private function closeForgottenBuffers(): void
    {
        while (($level = ob_get_level()) > $this->baseLevel) {
            try {
                @ob_end_flush();
            } catch (Throwable $thrown) {
                Failure::report('Cannot close an output buffer: ' . Failure::describe($thrown));
            }
            if (ob_get_level() >= $level) {
                return; // A buffer its owner made unremovable; PHP closes it at the end of the process.
            }
        }
    }

    /** The buffer's callback. What it returned would reach the SAPI, which ends the process once STDOUT is gone. */
    private function receive(string $printed, int $phase): string
    {
        if (($phase & PHP_OUTPUT_HANDLER_CLEAN) !== 0) {
            $this->held = '';

            return '';
        }
        $this->held .= $printed;
        if (($phase & PHP_OUTPUT_HANDLER_FINAL) !== 0 || strlen($this->held) > self::BYTES_MAX) {
            $this->hasOverflowed = $this->hasOverflowed || $this->held !== '';
            $this->write($this->held);
            $this->held = '';
        }

        return '';
    }

    /** A reader of STDOUT that is gone is no reason to fail a request. */
    private function write(string $bytes): void
    {
        if ($bytes !== '') {
            @fwrite($this->stdout, $bytes);
            $this->isLineOpen = $bytes[-1] !== "\n";
        }
    }
}

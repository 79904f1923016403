<?php

declare(strict_types=1);

namespace Vilya\State;

use function restore_error_handler;
use function restore_exception_handler;
use function set_error_handler;
use function set_exception_handler;

/**
 * The error and the exception handler in force at boot. PHP stacks them: what a request pushed is popped again, and a
 * boot handler that a request popped is pushed back.
 */
final class ErrorHandlers implements GatedState
{
    /** More than this many handlers pushed by one request is a loop; the boot handler is then pushed on top. */
    private const POPS_MAX = 256;

    private readonly mixed $errorHandler;
    private readonly mixed $exceptionHandler;

    public function __construct()
    {
        $this->errorHandler = self::currentErrorHandler();
        $this->exceptionHandler = self::currentExceptionHandler();
    }

    public function mutators(): string
    {
        return '(?:set|restore)_(?:error|exception)_handler';
    }

    public function restore(): bool
    {
        $hasOtherErrorHandler = self::currentErrorHandler() !== $this->errorHandler;
        if ($hasOtherErrorHandler) {
            $this->popErrorHandlers();
        }
        $hasOtherExceptionHandler = self::currentExceptionHandler() !== $this->exceptionHandler;
        if ($hasOtherExceptionHandler) {
            $this->popExceptionHandlers();
        }

        return $hasOtherErrorHandler || $hasOtherExceptionHandler;
    }

    private function popErrorHandlers(): void
    {
        for ($pops = 0; $pops < self::POPS_MAX; $pops++) {
            restore_error_handler();
            if (self::currentErrorHandler() === $this->errorHandler) {
                return;
            }
        }
        set_error_handler($this->errorHandler);
    }

    private function popExceptionHandlers(): void
    {
        for ($pops = 0; $pops < self::POPS_MAX; $pops++) {
            restore_exception_handler();
            if (self::currentExceptionHandler() === $this->exceptionHandler) {
                return;
            }
        }
        set_exception_handler($this->exceptionHandler);
    }

    /**
     * PHP has no getter before 8.5: pushing null tells what was on top, and popping it takes the null away.
     * Typed mixed, since a private method is callable where it was set and not here.
     */
    private static function currentErrorHandler(): mixed
    {
        $handler = set_error_handler(null);
        restore_error_handler();

        return $handler;
    }

    private static function currentExceptionHandler(): mixed
    {
        $handler = set_exception_handler(null);
        restore_exception_handler();

        return $handler;
    }
}

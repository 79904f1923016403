<?php

declare(strict_types=1);

namespace Vilya\State;

use function libxml_clear_errors;
use function libxml_get_last_error;
use function libxml_use_internal_errors;

/**
 * Whether libxml keeps its errors for the application, as at boot, and none of those it has kept: they quote what a visitor has sent, and would
 * be found by the next request that asks.
 */
final class LibxmlErrors implements GatedState
{
    /** Null where ext-libxml is not loaded. */
    private readonly ?bool $areKept;

    public function __construct()
    {
        $this->areKept = extension_loaded('libxml') ? libxml_use_internal_errors() : null;
    }

    public function mutators(): string
    {
        return 'libxml_use_internal_errors';
    }

    public function restore(): bool
    {
        if ($this->areKept === null) {
            return false;
        }
        $hasErrors = libxml_get_last_error() !== false;
        if ($hasErrors) {
            libxml_clear_errors();
        }
        $hasChanged = libxml_use_internal_errors() !== $this->areKept;
        if ($hasChanged) {
            libxml_use_internal_errors($this->areKept);
        }

        return $hasErrors || $hasChanged;
    }
}

<?php

declare(strict_types=1);

namespace Vilya\State;

use function date_default_timezone_get;
use function date_default_timezone_set;
use function mb_internal_encoding;
use function setlocale;

/** How dates, numbers and text read: time zone, locale and the encoding of ext-mbstring. */
final class TextSettings implements GatedState
{
    private readonly string $timezone;
    private readonly string $locale;
    /** Null where ext-mbstring is not loaded. */
    private readonly ?string $encoding;

    public function __construct()
    {
        $this->timezone = date_default_timezone_get();
        $this->locale = (string) setlocale(LC_ALL, '0');
        $this->encoding = extension_loaded('mbstring') ? (string) mb_internal_encoding() : null;
    }

    public function mutators(): string
    {
        return 'date_default_timezone_set|setlocale|mb_internal_encoding|ini_set|ini_alter|ini_restore';
    }

    public function restore(): bool
    {
        $hasChanged = false;
        if (date_default_timezone_get() !== $this->timezone) {
            date_default_timezone_set($this->timezone);
            $hasChanged = true;
        }
        if (setlocale(LC_ALL, '0') !== $this->locale) {
            setlocale(LC_ALL, $this->locale);
            $hasChanged = true;
        }
        if ($this->encoding !== null && mb_internal_encoding() !== $this->encoding) {
            mb_internal_encoding($this->encoding);
            $hasChanged = true;
        }

        return $hasChanged;
    }
}

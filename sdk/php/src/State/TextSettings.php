<?php

declare(strict_types=1);

namespace Vilya\State;

use function date_default_timezone_get;
use function date_default_timezone_set;
use function mb_detect_order;
use function mb_internal_encoding;
use function mb_substitute_character;
use function setlocale;

/** How dates, numbers and text read: time zone, locale and the encoding of ext-mbstring. */
final class TextSettings implements GatedState
{
    private readonly string $timezone;
    private readonly string $locale;
    /** This and what follows are null where ext-mbstring is not loaded. */
    private readonly ?string $encoding;
    /** @var list<string>|null */
    private readonly ?array $detectOrder;
    private readonly int|string|null $substitute;

    public function __construct()
    {
        $this->timezone = date_default_timezone_get();
        $this->locale = (string) setlocale(LC_ALL, '0');
        $hasMbstring = extension_loaded('mbstring');
        $this->encoding = $hasMbstring ? (string) mb_internal_encoding() : null;
        $this->detectOrder = $hasMbstring ? mb_detect_order() : null;
        $this->substitute = $hasMbstring ? mb_substitute_character() : null;
    }

    public function mutators(): string
    {
        return 'date_default_timezone_set|setlocale|mb_(?:internal_encoding|detect_order|substitute_character)|ini_set|ini_alter|ini_restore';
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

        return ($this->encoding !== null && $this->restoreMbstring($this->encoding)) || $hasChanged;
    }

    private function restoreMbstring(string $encoding): bool
    {
        $hasChanged = false;
        if (mb_internal_encoding() !== $encoding) {
            mb_internal_encoding($encoding);
            $hasChanged = true;
        }
        if (mb_detect_order() !== $this->detectOrder) {
            mb_detect_order($this->detectOrder);
            $hasChanged = true;
        }
        if (mb_substitute_character() !== $this->substitute) {
            mb_substitute_character($this->substitute);
            $hasChanged = true;
        }

        return $hasChanged;
    }
}

<?php

declare(strict_types=1);

namespace Vilya\State;

/** Every ini setting, as in force at boot: the check reads them all and takes several microseconds. */
final class IniSettings implements GatedState
{
    /** @var array<string, string|null> */
    private array $values;

    public function __construct()
    {
        $this->values = ini_get_all(null, false);
    }

    public function mutators(): string
    {
        return 'ini_set|ini_alter|ini_restore|set_include_path|error_reporting|set_time_limit|ignore_user_abort'
            . '|assert_options|iconv_set_encoding|mb_language|session_\w+';
    }

    public function restore(): bool
    {
        $current = ini_get_all(null, false);
        if ($current === $this->values) {
            return false;
        }
        foreach ($current as $name => $value) {
            if (array_key_exists($name, $this->values) && $this->values[$name] !== $value) {
                $this->restoreOne($name, $this->values[$name]);
            }
        }
        // What cannot be put back, or came with a module loaded meanwhile, must not count as a change for ever.
        $this->values = ini_get_all(null, false);

        return true;
    }

    /** The startup value is restored as such: setting it by hand would turn an unset entry into an empty one. */
    private function restoreOne(string $name, ?string $value): void
    {
        ini_restore($name);
        if ((string) ini_get($name) !== (string) $value) {
            @ini_set($name, (string) $value);
        }
    }
}

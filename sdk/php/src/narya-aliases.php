<?php

/**
 * Lets scripts written for `Narya\Runtime\…` run unmodified: each such name resolves to its `Vilya\Runtime\…` twin.
 *
 * Aliases are made when a name is first asked for, so a script that never says Narya pays nothing.
 */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (strncmp($class, 'Narya\\Runtime\\', 14) !== 0) {
        return;
    }
    $twin = 'Vilya\\Runtime\\' . substr($class, 14);
    if (class_exists($twin) || interface_exists($twin)) {
        class_alias($twin, $class);
    }
});

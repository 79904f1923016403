<?php

/**
 * Autoloading for projects without Composer: PSR-4 for `Vilya\` and the `Narya\Runtime\` aliases.
 *
 * Requiring this file twice, or beside Composer's autoloader, is harmless: a class loads once.
 */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (strncmp($class, 'Vilya\\', 6) !== 0) {
        return;
    }
    $path = __DIR__ . '/src/' . strtr(substr($class, 6), '\\', '/') . '.php';
    if (is_file($path)) {
        require $path;
    }
});

require_once __DIR__ . '/src/narya-aliases.php';

<?php

declare(strict_types=1);

require_once __DIR__ . '/../autoload.php';

spl_autoload_register(static function (string $class): void {
    if (strncmp($class, 'Vilya\\Tests\\', 12) !== 0) {
        return;
    }
    $path = __DIR__ . '/' . strtr(substr($class, 12), '\\', '/') . '.php';
    if (is_file($path)) {
        require $path;
    }
});

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

// What the bridges are tried with, where the system has it: Debian's php-nyholm-psr7 and php-symfony-http-foundation.
foreach (['Nyholm/Psr7', 'Symfony/Component/HttpFoundation'] as $library) {
    $autoload = stream_resolve_include_path("$library/autoload.php");
    if ($autoload !== false) {
        require_once $autoload;
    }
}

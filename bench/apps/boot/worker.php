<?php

declare(strict_types=1);

require __DIR__ . '/../../../sdk/php/autoload.php';

// An application that takes 100 ms to boot, as a framework with its container does, and holds 30 MB that requests only read.
$endsAt = microtime(true) + 0.1;
$held = [];
for ($i = 0; $i < 30; $i++) {
    $held[] = str_repeat(chr(65 + $i), 1_000_000);
}
while (microtime(true) < $endsAt) {
    hash('sha256', $held[0]);
}

(new Vilya\Runtime\Worker(null, static fn (array $request): string => $held[0][0]))->run();

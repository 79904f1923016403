<?php

declare(strict_types=1);

require __DIR__ . '/../../../sdk/php/autoload.php';

const HEADERS = ['Content-Type' => ['application/json']];

// The same answer as ../fpm/index.php; `/slow` sleeps as long as a request to a slow upstream would.
(new Vilya\Runtime\Worker(null, static function (array $request): array {
    if ($request['path'] === '/slow') {
        usleep(200_000);
    }
    $user = ['id' => 1, 'name' => 'Gandalf', 'email' => 'gandalf@middleearth.example'];
    return ['status' => 200, 'headers' => HEADERS, 'body' => json_encode(['message' => 'hello', 'user' => $user]), 'error' => ''];
}))->run();

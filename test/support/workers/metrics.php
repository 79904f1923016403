<?php

/** A worker of the SDK that counts what it is asked for. */

declare(strict_types=1);

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\Metrics;
use Vilya\Runtime\Worker;

$handler = static function (array $request): array {
    Metrics::count('orders', labels: ['path' => $request['path']], help: 'Orders taken.');
    Metrics::gauge('stock', 12.5);
    Metrics::observe('payment_seconds', 0.02);
    Metrics::count('orders', NAN);

    return ['status' => 200, 'headers' => [], 'body' => 'counted'];
};

(new Worker(handler: $handler))->run();

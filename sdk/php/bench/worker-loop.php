<?php

/**
 * Measures the worker loop alone: plays the engine for one worker process and keeps a fixed number of requests ahead.
 *
 *     php bench/worker-loop.php [--depth 16] [--seconds 2] [--rounds 5] [--worker FILE] [--ini NAME=VALUE]…
 *
 * Prints, for ext-msgpack and for the pure codec, the requests a second of each round, their median, and the processor
 * time the worker spent on a request. The engine's half does almost nothing (prepared requests out, responses counted),
 * so with a processor each it is the worker that is measured. The two codecs alternate, so that a slow moment of the
 * machine hits both.
 */

declare(strict_types=1);

use Vilya\Bench\EngineStub;

require __DIR__ . '/../autoload.php';
require __DIR__ . '/EngineStub.php';

$options = getopt('', ['depth:', 'seconds:', 'rounds:', 'worker:', 'ini:']) + [
    'depth' => '16',
    'seconds' => '2',
    'rounds' => '5',
    'worker' => __DIR__ . '/../../../examples/php/seed/worker.php',
    'ini' => [],
];

$rates = [];
$costs = [];
for ($round = 0; $round < (int) $options['rounds']; $round++) {
    foreach (['ext', 'php'] as $codec) {
        $engine = new EngineStub($options['worker'], $codec, (array) $options['ini']);
        $result = $engine->measure((int) $options['depth'], (float) $options['seconds']);
        $rates[$codec][] = $result['requestsPerSecond'];
        $costs[$codec][] = $result['cpuMicrosecondsPerRequest'];
    }
}

foreach ($rates as $codec => $codecRates) {
    printf(
        "%s: median %s requests/s, %.1f µs of processor time a request (rounds: %s)\n",
        $codec,
        number_format(median($codecRates)),
        median($costs[$codec]),
        implode(' ', array_map(static fn (float $rate): string => number_format($rate), $codecRates)),
    );
}

/** @param list<float> $values */
function median(array $values): float
{
    sort($values);

    return $values[intdiv(count($values), 2)];
}

<?php

declare(strict_types=1);

namespace Vilya;

use JsonException;
use LogicException;

/**
 * Metrics of the application, which the engine adds up over all workers and shows beside its own on `/metrics`, with the label `app`.
 *
 *     Metrics::count('orders', labels: ['paid_by' => 'card']);
 *     Metrics::gauge('stock', 12);
 *     Metrics::observe('payment_seconds', $seconds);
 *
 * A metric keeps the type and the names of labels that it began with. Values of labels have to be few: each one is a series. Where nobody
 * listens (outside of a worker, behind an engine that takes none) nothing happens.
 */
final class Metrics
{
    /** What workers send samples to (docs/reference/wire.md, W2.80). */
    private const TOPIC = '$metrics';

    private function __construct()
    {
    }

    /**
     * Something has happened. The engine's name for it ends in `_total`.
     *
     * @param array<string, string> $labels
     */
    public static function count(string $name, float $by = 1, array $labels = [], string $help = ''): void
    {
        self::send($name, 'counter', $by, $labels, $help);
    }

    /**
     * Something has this size now; the last worker to say so is right.
     *
     * @param array<string, string> $labels
     */
    public static function gauge(string $name, float $value, array $labels = [], string $help = ''): void
    {
        self::send($name, 'gauge', $value, $labels, $help);
    }

    /**
     * Something took this long, in seconds: histograms have the bounds of the engine's own, from 0.5 ms to 30 s.
     *
     * @param array<string, string> $labels
     */
    public static function observe(string $name, float $seconds, array $labels = [], string $help = ''): void
    {
        self::send($name, 'histogram', $seconds, $labels, $help);
    }

    /** @param array<string, string> $labels */
    private static function send(string $name, string $type, float $value, array $labels, string $help): void
    {
        $sample = ['name' => $name, 'type' => $type, 'value' => $value, 'help' => $help, 'labels' => (object) $labels];
        try {
            WebSocket::publish(self::TOPIC, json_encode([$sample], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE));
        } catch (LogicException | JsonException) {
            // There is no engine that takes them, or the value is no number: neither is worth a request.
        }
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Tests\Support;

/** Requests as handlers get them, without an engine. */
final class Requests
{
    /**
     * @param array<array-key, list<string>> $headers
     *
     * @return array<string, mixed>
     */
    public static function of(string $method, string $uri, array $headers = [], string $body = ''): array
    {
        [$path, $query] = explode('?', $uri, 2) + [1 => ''];

        return [
            'method' => $method,
            'uri' => $uri,
            'path' => $path,
            'query' => $query,
            'headers' => $headers,
            'body' => $body,
            'remote_addr' => '192.0.2.1:4711',
            'host' => 'app.example',
            'scheme' => 'http',
        ];
    }
}

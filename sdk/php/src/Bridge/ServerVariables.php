<?php

declare(strict_types=1);

namespace Vilya\Bridge;

use function explode;
use function str_contains;
use function str_replace;
use function strrpos;
use function strtoupper;
use function substr;
use function trim;

/**
 * A request in the words of PHP's own `$_SERVER` and `$_COOKIE`.
 *
 * @internal for the bridges
 */
final class ServerVariables
{
    /**
     * @param array<string, mixed> $request as a handler got it
     *
     * @return array<string, string|int|float>
     */
    public static function of(array $request): array
    {
        $colon = strrpos($request['remote_addr'], ':');
        $variables = [
            'REQUEST_METHOD' => $request['method'],
            'REQUEST_URI' => $request['uri'],
            'QUERY_STRING' => $request['query'],
            'REQUEST_TIME' => time(),
            'REQUEST_TIME_FLOAT' => microtime(true),
            'REMOTE_ADDR' => trim($colon === false ? $request['remote_addr'] : substr($request['remote_addr'], 0, $colon), '[]'),
            'REMOTE_PORT' => $colon === false ? '' : substr($request['remote_addr'], $colon + 1),
            'SERVER_PROTOCOL' => 'HTTP/1.1',
        ];
        if ($request['scheme'] === 'https') {
            $variables['HTTPS'] = 'on';
        }
        foreach ($request['headers'] as $name => $values) {
            // Another name's variable would be theirs, and that of Proxy is a setting of clients of HTTP (CVE-2016-5385).
            if (str_contains((string) $name, '_') || $name === 'Proxy') {
                continue;
            }
            $name = strtoupper(str_replace('-', '_', (string) $name));
            // The two that CGI knows without HTTP_. RFC 3875 §4.1.
            $variables[$name === 'CONTENT_TYPE' || $name === 'CONTENT_LENGTH' ? $name : "HTTP_$name"] = implode(', ', $values);
        }

        return $variables;
    }

    /**
     * The cookies by their names, decoded as PHP decodes them; of equal names the first counts.
     *
     * @param array<string, mixed> $request as a handler got it
     *
     * @return array<string, string>
     */
    public static function cookies(array $request): array
    {
        $cookies = [];
        foreach (explode(';', implode(';', $request['headers']['Cookie'] ?? [])) as $pair) {
            [$name, $value] = explode('=', $pair, 2) + [1 => ''];
            if (trim($name) !== '') {
                $cookies[trim($name)] ??= urldecode(trim($value));
            }
        }

        return $cookies;
    }
}

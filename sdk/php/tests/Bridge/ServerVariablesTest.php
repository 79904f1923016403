<?php

declare(strict_types=1);

namespace Vilya\Tests\Bridge;

use PHPUnit\Framework\TestCase;
use Vilya\Bridge\ServerVariables;
use Vilya\Tests\Support\Requests;

final class ServerVariablesTest extends TestCase
{
    public function testNamesWhatPhpNames(): void
    {
        $variables = ServerVariables::of(Requests::of('POST', '/a%20b?x=1', [
            'Content-Type' => ['text/plain'],
            'X-Forwarded-For' => ['1.1.1.1', '2.2.2.2'],
            7 => ['seven'],
        ]));
        self::assertEqualsWithDelta(microtime(true), $variables['REQUEST_TIME_FLOAT'], 60);
        unset($variables['REQUEST_TIME'], $variables['REQUEST_TIME_FLOAT']);

        self::assertSame([
            'REQUEST_METHOD' => 'POST',
            'REQUEST_URI' => '/a%20b?x=1',
            'QUERY_STRING' => 'x=1',
            'REMOTE_ADDR' => '192.0.2.1',
            'REMOTE_PORT' => '4711',
            'SERVER_PROTOCOL' => 'HTTP/1.1',
            'CONTENT_TYPE' => 'text/plain',
            'HTTP_X_FORWARDED_FOR' => '1.1.1.1, 2.2.2.2',
            'HTTP_7' => 'seven',
        ], $variables);
    }

    public function testNamesNoFieldThatStandsForAnother(): void
    {
        $variables = ServerVariables::of(Requests::of('GET', '/', [
            'X-Forwarded-For' => ['192.0.2.7'],
            'X_forwarded_for' => ['6.6.6.6'],
            'Content_length' => ['9'],
            'Proxy' => ['http://evil.example'],
        ]));

        self::assertSame('192.0.2.7', $variables['HTTP_X_FORWARDED_FOR']);
        self::assertArrayNotHasKey('CONTENT_LENGTH', $variables);
        self::assertArrayNotHasKey('HTTP_PROXY', $variables);
    }

    /** @dataProvider peers */
    public function testTakesThePeerApart(string $peer, string $address, string $port): void
    {
        $variables = ServerVariables::of(['remote_addr' => $peer, 'scheme' => 'https'] + Requests::of('GET', '/'));

        self::assertSame([$address, $port, 'on'], [$variables['REMOTE_ADDR'], $variables['REMOTE_PORT'], $variables['HTTPS']]);
    }

    /** @return array<string, array{string, string, string}> */
    public static function peers(): array
    {
        return [
            'IPv4' => ['10.0.0.1:80', '10.0.0.1', '80'],
            'IPv6' => ['[2001:db8::1]:443', '2001:db8::1', '443'],
            'a Unix socket' => ['unix:', 'unix', ''],
        ];
    }

    /** @dataProvider cookies
     *  @param list<string> $lines
     *  @param array<array-key, string> $cookies */
    public function testReadsCookiesAsPhpDoes(array $lines, array $cookies): void
    {
        self::assertSame($cookies, ServerVariables::cookies(Requests::of('GET', '/', ['Cookie' => $lines])));
    }

    /** @return array<string, array{list<string>, array<array-key, string>}> */
    public static function cookies(): array
    {
        return [
            'none' => [[], []],
            'several, encoded' => [['a=1; b=two%20words'], ['a' => '1', 'b' => 'two words']],
            'of equal names the first' => [['a=1; a=2'], ['a' => '1']],
            'several lines' => [['a=1', 'b=2'], ['a' => '1', 'b' => '2']],
            'without a value, without a name, empty' => [['a; =b; ; c='], ['a' => '', 'c' => '']],
        ];
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Tests\Runtime;

use PHPUnit\Framework\TestCase;
use Vilya\Tests\Support\WorkerProcess;

final class HandlerResultTest extends TestCase
{
    private static ?WorkerProcess $worker = null;

    public static function setUpBeforeClass(): void
    {
        self::$worker = WorkerProcess::ready('worker');
    }

    public static function tearDownAfterClass(): void
    {
        self::$worker = null;
    }

    /**
     * @dataProvider accepted
     *
     * @param array<string, mixed> $expected
     */
    public function testAccepts(string $path, array $expected): void
    {
        $response = self::$worker->get($path);
        unset($response['id'], $response['_meta']);
        $expected += ['status' => 200, 'headers' => [], 'body' => '', 'error' => ''];
        ksort($expected);
        ksort($response);
        self::assertSame($expected, $response);
    }

    /** @return iterable<string, array{string, array<string, mixed>}> */
    public function accepted(): iterable
    {
        $header = self::headerPath(...);

        yield 'a string as a page' => [
            '/returns/string',
            ['headers' => ['Content-Type' => ['text/html; charset=UTF-8']], 'body' => '<p>page</p>'],
        ];
        yield 'an array without any key' => ['/returns/empty', []];
        yield 'nulls for all but the status' => ['/returns/nulls', ['status' => 204]];
        yield 'the lowest status' => ['/returns/status?json=200', []];
        yield 'the highest status' => ['/returns/status?json=999', ['status' => 999]];
        yield 'a status of three digits' => ['/returns/status?json=%22404%22', ['status' => 404]];
        yield 'a scalar header' => [$header('one'), ['headers' => ['X-Test' => ['one']]]];
        yield 'a list header' => [$header(['one', 'two']), ['headers' => ['X-Test' => ['one', 'two']]]];
        yield 'an integer header' => [$header(42), ['headers' => ['X-Test' => ['42']]]];
        yield 'numbers in a list header' => [$header([1, 2.5]), ['headers' => ['X-Test' => ['1', '2.5']]]];
        yield 'booleans in a list header' => [$header([true, false]), ['headers' => ['X-Test' => ['true', 'false']]]];
        yield 'a null header as none' => [$header(null), []];
        yield 'an empty list header as none' => [$header([]), []];
        yield 'a named list header' => [$header(['x' => 'a']), ['headers' => ['X-Test' => ['a']]]];
        yield 'Stringable values' => [
            '/returns/stringable',
            ['headers' => ['X-Spelled' => ['value']], 'body' => 'body'],
        ];
        yield 'an error of its own' => ['/returns/error', ['status' => 500, 'error' => 'told by the application']];
    }

    /** @dataProvider refused */
    public function testRefuses(string $path, string $reason): void
    {
        $response = self::$worker->get($path);
        self::assertSame(500, $response['status']);
        self::assertStringContainsString("Cannot send the response: $reason", $response['error']);
        self::assertStringNotContainsString('Cannot send', $response['body']);
        self::assertSame('ok', self::$worker->get('/')['body']);
    }

    /** @return iterable<string, array{string, string}> */
    public function refused(): iterable
    {
        $status = static fn (string $json): string => '/returns/status?json=' . urlencode($json);
        $headers = static fn (string $json): string => '/returns/header?json=' . urlencode($json);

        yield 'null' => ['/returns/null', 'the handler returned null, an array or a string is allowed'];
        yield 'an integer' => ['/returns/int', 'the handler returned int'];
        yield 'an object' => ['/returns/object', 'the handler returned stdClass'];
        yield 'a status in words' => [$status('"OK"'), 'its status is string, an integer from 200 to 999 is allowed'];
        yield 'an informational status as text' => [$status('"100"'), 'its status is string'];
        yield 'a status with a fraction' => [$status('200.5'), 'its status is float'];
        yield 'an informational status' => [$status('199'), 'its status is 199'];
        yield 'a status of four digits' => [$status('1000'), 'its status is 1000'];
        yield 'headers that are no array' => [$headers('"X-Test: a"'), 'its headers are string'];
        yield 'headers as lines' => [$headers('["X-Test: a"]'), 'its headers are a list'];
        yield 'an infinite header' => [$headers('{"X-Test":1e999}'), 'a value of header X-Test is float'];
        yield 'a nested header' => [$headers('{"X-Test":[["a"]]}'), 'a value of header X-Test is array'];
        yield 'a header with a line break' => ['/returns/line-break', 'a value of header X-Evil holds a line break'];
        yield 'a body that is no string' => ['/returns/body-array', 'its body is array, a string or null is allowed'];
    }

    public function testDoesNotMixUpTheHeadersOfTwoResponses(): void
    {
        foreach (['a', 'b', 'b', 'a'] as $value) {
            self::assertSame(['X-Test' => [$value]], self::$worker->get(self::headerPath($value))['headers']);
        }
        self::assertSame([], self::$worker->get('/')['headers']);
        self::assertSame(500, self::$worker->get('/returns/line-break')['status']);
        self::assertSame(500, self::$worker->get('/returns/line-break')['status']);
    }

    private static function headerPath(mixed $value): string
    {
        return '/returns/header?json=' . urlencode(json_encode(['X-Test' => $value]));
    }
}

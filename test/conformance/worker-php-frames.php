<?php

declare(strict_types=1);

/*
 * What PHP makes of the worker protocol with ext-msgpack: packs responses as PHP programs write them, and unpacks the frames it is given
 * as a JSON list of hex on STDIN. Prints {"packed": {name: hex}, "unpacked": [value, …]}; strings of values are hex, too.
 */

final class Response
{
    public int $id = 7;
    public int $status = 201;
    private string $secret = 'private';
    protected array $list = [1];
}

final class Headers
{
    public string $Vary = 'Accept';
}

/** References stay in an array behind such a loop. */
function trimmed(array $headers): array
{
    foreach ($headers as &$value) {
        $value = trim($value);
    }

    return $headers;
}

function hexed(mixed $value): mixed
{
    if (is_string($value)) {
        return bin2hex($value);
    }
    if ($value instanceof stdClass) {
        $value = (array) $value; // What ext-msgpack makes of an empty map.
    }
    if (!is_array($value)) {
        return $value;
    }
    $pairs = [];
    foreach ($value as $key => $item) {
        $pairs[] = [is_int($key) ? $key : bin2hex($key), hexed($item)];
    }

    return $pairs;
}

$body = "\xff\x00\x80";
$responses = [
    'the worker of seed 001' => [
        'id' => 7, 'status' => 200, 'headers' => ['Content-Type' => ['application/json']], 'body' => '{"status":"ok"}', 'error' => '',
    ],
    'no header' => ['id' => 7, 'status' => 204, 'headers' => [], 'body' => null, 'error' => ''],
    'a header that is no list' => ['id' => 7, 'headers' => ['Content-Type' => 'text/plain', 'Content-Length' => 5], 'body' => 'hello'],
    'a numeric header name' => ['id' => 7, 'headers' => ['404' => ['a'], 'X' => ['b']]],
    'a list with a hole' => ['id' => 7, 'headers' => ['Link' => array_unique(['a', 'a', 'b'])]],
    'references' => ['id' => 7, 'headers' => trimmed(['A' => ' 1 ', 'B' => '2 ']), 'body' => &$body],
    'a status as text' => ['id' => 7, 'status' => '404'],
    'a float status' => ['id' => 7, 'status' => 4.04e2],
    'an object' => new Response(),
    'an object for headers' => ['id' => 7, 'headers' => new Headers()],
    'a body of a million bytes' => ['id' => 7, 'body' => str_repeat("\xfe", 1_000_000)],
    'usage' => ['id' => 7, '_meta' => ['req_count' => 3, 'mem_usage' => 2 ** 31, 'mem_peak' => 2 ** 40, 'recycle' => true]],
    'an error' => ['id' => 7, 'status' => 500, 'headers' => [], 'body' => '', 'error' => "Größe fehlt"],
    'values of every other type' => [
        'id' => 7,
        'other' => [null, true, -1, -200, -70000, PHP_INT_MIN, PHP_INT_MAX, 1.5, NAN, str_repeat('x', 70000), new ArrayObject([1]), [[[]]]],
    ],
    'one object twice' => (static function (): array {
        $object = new stdClass();

        return ['id' => 7, 'a' => $object, 'b' => [$object, $object]];
    })(),
    'an array that holds itself' => (static function (): array {
        $array = [1];
        $array[1] = &$array;

        return ['id' => 7, 'other' => $array];
    })(),
];

$frames = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
echo json_encode([
    'packed' => array_map(static fn (mixed $response): string => bin2hex(msgpack_pack($response)), $responses),
    'unpacked' => array_map(static fn (string $hex): mixed => hexed(msgpack_unpack(substr(hex2bin($hex), 4))), $frames),
], JSON_THROW_ON_ERROR);

<?php

declare(strict_types=1);

namespace Vilya\Tests\Protocol;

use PHPUnit\Framework\TestCase;
use Vilya\MessagePack\Codec;
use Vilya\Protocol\Connection;
use Vilya\Protocol\MessageDecoder;
use Vilya\Protocol\ProtocolException;
use Vilya\Protocol\StreamSocket;

/** The shared vectors of the worker protocol: what an engine writes means the same to this SDK. */
final class MessageDecoderTest extends TestCase
{
    private const VECTORS = __DIR__ . '/../../../../spec/vectors/worker';

    /**
     * @dataProvider vectors
     *
     * @param array<string, mixed> $decoded
     */
    public function testReadsWhatAnEngineWrites(Codec $codec, string $frame, array $decoded): void
    {
        [$engine, $socket] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        fwrite($engine, $frame);
        $connection = new Connection(new StreamSocket($socket));
        $connection->wait();
        self::assertSame($decoded, (new MessageDecoder($codec))->decode($connection->next()));
        self::assertNull($connection->next());
    }

    /** @return iterable<string, array{Codec, string, array<string, mixed>}> */
    public function vectors(): iterable
    {
        foreach (self::codecs() as $codec) {
            foreach (['requests', 'events', 'control'] as $file) {
                foreach (self::load($file) as $vector) {
                    $frame = hex2bin($vector['hex']);
                    yield "$file: {$vector['name']}, $codec->name" => [$codec, $frame, self::bytes($vector['decoded'])];
                }
            }
        }
    }

    /** @dataProvider payloadsThatAreNoMap */
    public function testRefusesWhatIsNoMap(Codec $codec, string $payload): void
    {
        $this->expectException(ProtocolException::class);
        (new MessageDecoder($codec))->decode($payload);
    }

    /** @return iterable<string, array{Codec, string}> */
    public function payloadsThatAreNoMap(): iterable
    {
        foreach (self::codecs() as $codec) {
            foreach (['c0', '05', 'a568656c6c6f', 'c1', '82a16101', '81a178c1'] as $hex) {
                yield "$hex, $codec->name" => [$codec, hex2bin($hex)];
            }
        }
    }

    /** @return list<Codec> */
    private static function codecs(): array
    {
        return extension_loaded('msgpack') ? [Codec::extension(), Codec::pure()] : [Codec::pure()];
    }

    /** @return list<array<string, mixed>> */
    private static function load(string $file): array
    {
        $json = file_get_contents(self::VECTORS . "/$file.json");

        return json_decode($json, true, 512, JSON_THROW_ON_ERROR)['vectors'];
    }

    /** Text in a vector is bytes: each character stands for the one byte of its code point. */
    private static function bytes(mixed $value): mixed
    {
        if (is_string($value)) {
            return mb_convert_encoding($value, 'ISO-8859-1', 'UTF-8');
        }
        if (!is_array($value)) {
            return $value;
        }
        $converted = [];
        foreach ($value as $key => $item) {
            $converted[self::bytes($key)] = self::bytes($item);
        }

        return $converted;
    }
}

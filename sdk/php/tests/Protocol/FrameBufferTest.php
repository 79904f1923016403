<?php

declare(strict_types=1);

namespace Vilya\Tests\Protocol;

use PHPUnit\Framework\TestCase;
use Vilya\Protocol\FrameBuffer;
use Vilya\Protocol\ProtocolException;

final class FrameBufferTest extends TestCase
{
    public function testYieldsTheSamePayloadsByteByByteAndAtOnce(): void
    {
        $payloads = ['a', str_repeat('b', 300), 'ccc', random_bytes(70_000)];
        $stream = implode('', array_map(self::frame(...), $payloads));
        self::assertTrue($payloads === self::payloads([$stream]));
        self::assertTrue($payloads === self::payloads(str_split($stream)));
        self::assertTrue($payloads === self::payloads(str_split($stream, 997)));
    }

    public function testTellsHowManyBytesAreMissing(): void
    {
        $frames = new FrameBuffer();
        self::assertNull($frames->next());
        self::assertSame(4, $frames->missingBytes());
        $frames->append("\0\0");
        self::assertNull($frames->next());
        self::assertSame(2, $frames->missingBytes());
        $frames->append("\0\x05ab");
        self::assertNull($frames->next());
        self::assertSame(3, $frames->missingBytes());
        self::assertFalse($frames->isEmpty());
        $frames->append('cde');
        self::assertSame('abcde', $frames->next());
        self::assertTrue($frames->isEmpty());
    }

    public function testRefusesALengthFromItsFourBytes(): void
    {
        foreach ([0, 11, 0xffffffff] as $length) {
            $frames = new FrameBuffer();
            $frames->limitFrames(10);
            $frames->append(pack('N', $length));
            try {
                $frames->next();
                self::fail("A length of $length was taken");
            } catch (ProtocolException $exception) {
                self::assertSame(
                    "Cannot read a frame of $length bytes: 1 to 10 bytes are allowed",
                    $exception->getMessage(),
                );
            }
        }
    }

    public function testKeepsNothingOfALargeFrameItHandedOut(): void
    {
        $frames = new FrameBuffer();
        $frames->append(self::frame(str_repeat('x', 5_000_000)));
        $before = memory_get_usage();
        self::assertSame(5_000_000, strlen($frames->next()));
        self::assertLessThan(-4_000_000, memory_get_usage() - $before);
    }

    /**
     * @param list<string> $chunks
     *
     * @return list<string>
     */
    private static function payloads(array $chunks): array
    {
        $frames = new FrameBuffer();
        $payloads = [];
        foreach ($chunks as $chunk) {
            $frames->append($chunk);
            while (($payload = $frames->next()) !== null) {
                $payloads[] = $payload;
            }
        }

        return $payloads;
    }

    private static function frame(string $payload): string
    {
        return pack('N', strlen($payload)) . $payload;
    }
}

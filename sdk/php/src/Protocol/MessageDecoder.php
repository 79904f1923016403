<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use Closure;
use Vilya\MessagePack\Codec;
use Vilya\MessagePack\MessagePackException;

use function is_array;
use function is_object;

/** Turns a frame's payload into the map it has to hold, the same one whichever codec reads it. */
final class MessageDecoder
{
    /** @var Closure(string): mixed */
    private readonly Closure $unpack;

    public function __construct(Codec $codec)
    {
        $this->unpack = $codec->unpack;
    }

    /**
     * @return array<string, mixed>
     *
     * @throws ProtocolException for a payload that is anything but one MessagePack map
     */
    public function decode(string $payload): array
    {
        try {
            $message = @($this->unpack)($payload);
        } catch (MessagePackException $exception) {
            throw new ProtocolException($exception->getMessage(), 0, $exception);
        }
        if (!is_array($message)) {
            throw new ProtocolException('Cannot read a frame: its payload is no MessagePack map, one map is required');
        }
        if (is_object($message['headers'] ?? null)) {
            // How ext-msgpack reads an empty map unless told otherwise for the whole process.
            $message['headers'] = [];
        }

        return $message;
    }
}

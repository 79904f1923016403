<?php

declare(strict_types=1);

namespace Vilya\Protocol;

use Vilya\MessagePack\Codec;

/**
 * Greets the engine: its raw `NARYA1` is answered with a raw `OK`, and on level 2 a hello frame follows at once.
 *
 * The hello is sent only where the engine asked for level 2 through the environment. A level-1 engine expects no frame
 * before its first request and would retire a worker that sent one.
 */
final class Handshake
{
    /** Highest protocol level the engine speaks; absent means 1. */
    public const LEVEL_ENVIRONMENT_VARIABLE = 'VILYA_WORKER_LEVEL';

    private const GREETING = 'NARYA1';
    private const ANSWER = 'OK';
    private const LEVEL = 2;

    /**
     * What a worker of this SDK understands beyond level 1: `stop` is the frame that ends the process in good order, `stream`
     * means that it answers in parts, `request_stream` and `body_file` that it takes bodies in parts and in files, `uploads`
     * that it takes forms parsed, `actions` that it sends to sockets and topics, `trailers` that fields follow its bodies.
     */
    public const WORKER_FEATURES = ['stop', 'stream', 'request_stream', 'body_file', 'uploads', 'trailers', 'actions'];

    /** What a worker understands beyond it that takes the events of WebSockets. */
    public const WEBSOCKET_FEATURE = 'websocket';

    /**
     * @param list<string> $features
     *
     * @throws ProtocolException when the peer is not an engine or leaves
     */
    public static function perform(Connection $connection, Codec $codec, string $sdkVersion, array $features): void
    {
        $connection->expect(self::GREETING);
        if ((int) getenv(self::LEVEL_ENVIRONMENT_VARIABLE) < self::LEVEL) {
            $connection->write(self::ANSWER);

            return;
        }
        $hello = ($codec->pack)([
            'type' => 'hello',
            'level' => self::LEVEL,
            'sdk' => 'php/' . $sdkVersion,
            'features' => $features,
        ]);
        // In one write: an engine that had the answer alone would send a request at once, before its welcome.
        $connection->write(self::ANSWER . pack('N', strlen($hello)) . $hello);
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use RuntimeException;
use Vilya\Protocol\Connection;
use Vilya\Protocol\Inbox;
use Vilya\Protocol\RequestStream;
use Vilya\RequestBody;

use function is_int;
use function is_string;

/** Makes of a request's body what handlers see of it. */
final class RequestBodies
{
    /** What the engine sends ahead of credit, as its welcome said, in bytes. */
    private int $windowBytes = 0;
    private ?RequestStream $open = null;

    /** @param bool $keepsFiles whether handlers take bodies in files; else they get the bytes */
    public function __construct(
        private readonly Inbox $inbox,
        private readonly Connection $connection,
        private readonly Responder $responder,
        private readonly bool $keepsFiles,
    ) {
    }

    public function limitWindow(int $bytes): void
    {
        $this->windowBytes = $bytes;
    }

    /**
     * @param array<string, mixed> $request as it came
     *
     * @return array<string, mixed>
     *
     * @throws RuntimeException when the body's file cannot be read
     */
    public function attach(array $request): array
    {
        if (($request['body_stream'] ?? false) === true && is_int($request['id'])) {
            $pack = $this->responder->pack(...);
            $this->open = new RequestStream($this->inbox, $this->connection, $pack, $request['id'], $this->windowBytes);
            $this->inbox->add($this->open);
            $request['body_stream'] = new RequestBody($this->open);
        } elseif (!$this->keepsFiles && is_string($request['body_file'] ?? null)) {
            $request['body'] = self::read($request['body_file']);
            unset($request['body_file']);
        }

        return $request;
    }

    /** The request is answered: what is left of its body is nobody's. */
    public function detach(): void
    {
        if ($this->open !== null) {
            $this->inbox->remove($this->open);
            $this->open = null;
        }
    }

    private static function read(string $path): string
    {
        $bytes = @file_get_contents($path);
        if ($bytes === false) {
            throw new RuntimeException("Cannot read the body of a request: its file $path cannot be read");
        }

        return $bytes;
    }
}

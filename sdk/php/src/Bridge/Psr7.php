<?php

declare(strict_types=1);

namespace Vilya\Bridge;

use Closure;
use Generator;
use InvalidArgumentException;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestFactoryInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Message\StreamFactoryInterface;
use Psr\Http\Message\StreamInterface;
use Psr\Http\Message\UploadedFileFactoryInterface;
use Psr\Http\Message\UploadedFileInterface;
use Vilya\Runtime\ApplicationWorker;
use Vilya\UploadedFile;

use function is_string;
use function parse_str;

/**
 * Runs an application that speaks PSR-7: Slim, Mezzio, Spiral, whatever has a PSR-15 handler.
 *
 *     $factory = new Nyholm\Psr7\Factory\Psr17Factory();
 *     (new Worker(new Psr7($app->handle(...), $factory, $factory, $factory)))->run();
 *
 * Parameters of the engine's route are attributes of the request. A target that the factory takes for no URI is answered 400.
 */
final class Psr7 implements ApplicationWorker
{
    /** A response of up to this many bytes goes to the engine in one piece, and in parts otherwise. */
    private const WHOLE_BYTES_MAX = 1 << 16;

    private readonly Closure $handler;

    /** @param callable(ServerRequestInterface): ResponseInterface $handler */
    public function __construct(
        callable $handler,
        private readonly ServerRequestFactoryInterface $requests,
        private readonly StreamFactoryInterface $streams,
        private readonly UploadedFileFactoryInterface $files,
    ) {
        $this->handler = Closure::fromCallable($handler);
    }

    public function boot(): void
    {
    }

    /**
     * @param array<string, mixed> $request
     *
     * @return array<string, mixed>
     */
    public function handle(array $request): array
    {
        try {
            $message = $this->request($request);
        } catch (InvalidArgumentException) {
            return ['status' => 400, 'headers' => ['Content-Type' => 'text/plain'], 'body' => "Bad Request\n"];
        }
        $response = ($this->handler)($message);

        return [
            'status' => $response->getStatusCode(),
            'headers' => $response->getHeaders(),
            'body' => self::body($response->getBody()),
        ];
    }

    public function reset(): void
    {
    }

    public function shutdown(): void
    {
    }

    /** @param array<string, mixed> $request */
    private function request(array $request): ServerRequestInterface
    {
        $query = $request['query'] === '' ? '' : "?{$request['query']}";
        $path = $request['path'] === '*' ? '' : $request['path'];
        $message = $this->requests
            ->createServerRequest(
                $request['method'],
                "{$request['scheme']}://{$request['host']}$path$query",
                ServerVariables::of($request),
            )
            ->withRequestTarget($request['uri']);
        foreach ($request['headers'] as $name => $values) {
            $message = $message->withHeader((string) $name, $values);
        }
        foreach ($request['params'] ?? [] as $name => $value) {
            $message = $message->withAttribute((string) $name, $value);
        }
        parse_str($request['query'], $fields);

        return $message
            ->withQueryParams($fields)
            ->withCookieParams(ServerVariables::cookies($request))
            ->withParsedBody(FormData::fields($request))
            ->withUploadedFiles(FormData::files($request, $this->file(...)))
            ->withBody($this->requestBody($request));
    }

    private function file(UploadedFile $file): UploadedFileInterface
    {
        $stream = $this->streams->createStreamFromFile($file->path, 'rb');

        return $this->files->createUploadedFile($stream, $file->byteCount, UPLOAD_ERR_OK, $file->filename, $file->type);
    }

    /** @param array<string, mixed> $request */
    private function requestBody(array $request): StreamInterface
    {
        $body = BodyInput::of($request);

        return is_string($body) ? $this->streams->createStream($body) : $this->streams->createStreamFromResource($body);
    }

    private static function body(StreamInterface $body): string|Generator
    {
        if ($body->isSeekable()) {
            $body->rewind();
        }
        $size = $body->getSize();

        return $size !== null && $size <= self::WHOLE_BYTES_MAX ? $body->getContents() : self::parts($body);
    }

    private static function parts(StreamInterface $body): Generator
    {
        while (!$body->eof()) {
            yield $body->read(self::WHOLE_BYTES_MAX);
        }
        $body->close();
    }
}

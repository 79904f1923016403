<?php

declare(strict_types=1);

namespace Vilya\Bridge;

use Closure;
use Symfony\Component\HttpFoundation\File\UploadedFile as SymfonyFile;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Vilya\Runtime\ApplicationWorker;
use Vilya\Runtime\Stream;
use Vilya\UploadedFile;

use function ob_end_clean;
use function ob_end_flush;
use function ob_get_level;
use function ob_start;
use function parse_str;

/**
 * Runs an application that speaks Symfony's HttpFoundation: Symfony itself, and Laravel.
 *
 *     $kernel = new App\Kernel('prod', false);
 *     (new Worker(new HttpFoundation($kernel->handle(...), $kernel->terminate(...))))->run();
 *
 * `terminate` runs when the response has left, so that no client waits for it.
 */
final class HttpFoundation implements ApplicationWorker
{
    /** What a streamed response prints is sent in parts of this many bytes, and whenever it flushes. */
    private const PART_BYTES = 1 << 14;

    private readonly Closure $handler;
    private readonly ?Closure $terminate;
    /** @var array{Request, Response}|null */
    private ?array $answered = null;

    /**
     * @param callable(Request): Response             $handler
     * @param (callable(Request, Response): void)|null $terminate
     */
    public function __construct(callable $handler, ?callable $terminate = null)
    {
        $this->handler = Closure::fromCallable($handler);
        $this->terminate = $terminate === null ? null : Closure::fromCallable($terminate);
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
        $message = self::request($request);
        $response = ($this->handler)($message);
        $this->answered = [$message, $response];
        $content = $response->getContent();

        return [
            'status' => $response->getStatusCode(),
            'headers' => $response->headers->all(),
            'body' => $content !== false ? $content : static fn (Stream $stream) => self::send($response, $stream),
        ];
    }

    public function reset(): void
    {
        $answered = $this->answered;
        $this->answered = null;
        if ($answered !== null && $this->terminate !== null) {
            ($this->terminate)(...$answered);
        }
    }

    public function shutdown(): void
    {
    }

    /** @param array<string, mixed> $request */
    private static function request(array $request): Request
    {
        parse_str($request['query'], $query);

        return new Request(
            $query,
            FormData::fields($request) ?? [],
            $request['params'] ?? [],
            ServerVariables::cookies($request),
            FormData::files($request, self::file(...)),
            ServerVariables::of($request),
            BodyInput::of($request),
        );
    }

    private static function file(UploadedFile $file): SymfonyFile
    {
        // Marked as a test's, because PHP itself has not received it: move() renames it then.
        return new SymfonyFile($file->path, $file->filename, $file->type, UPLOAD_ERR_OK, true);
    }

    private static function send(Response $response, Stream $stream): void
    {
        $level = ob_get_level();
        // What PHP passes on of a part that could not be sent ends here.
        ob_start(static fn (): string => '');
        ob_start(static function (string $part) use ($stream): string {
            $stream->write($part);
            $stream->flush();

            return '';
        }, self::PART_BYTES);
        try {
            $response->sendContent();
            ob_end_flush();
        } finally {
            while (ob_get_level() > $level) {
                ob_end_clean();
            }
        }
    }
}

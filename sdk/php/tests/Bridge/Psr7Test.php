<?php

declare(strict_types=1);

namespace Vilya\Tests\Bridge;

use Nyholm\Psr7\Factory\Psr17Factory;
use PHPUnit\Framework\TestCase;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Vilya\Bridge\Psr7;
use Vilya\Tests\Support\Requests;

final class Psr7Test extends TestCase
{
    private Psr17Factory $factory;

    protected function setUp(): void
    {
        if (!class_exists(Psr17Factory::class)) {
            self::markTestSkipped('nyholm/psr7 is not installed: apt-get install php-nyholm-psr7');
        }
        $this->factory = new Psr17Factory();
    }

    public function testHandsOverARequest(): void
    {
        $headers = ['Cookie' => ['a=1'], 'X-Twice' => ['1', '2'], 'Content-Type' => ['application/x-www-form-urlencoded']];
        $request = Requests::of('POST', '//x/y?q[]=1', $headers, 'f=2') + ['params' => ['id' => '7']];
        $seen = $this->seen($request);

        self::assertSame(['POST', '//x/y?q[]=1'], [$seen->getMethod(), $seen->getRequestTarget()]);
        self::assertSame('app.example', $seen->getUri()->getHost());
        self::assertSame(['1', '2'], $seen->getHeader('x-twice'));
        self::assertSame([['q' => ['1']], ['a' => '1'], ['f' => '2'], '7'], [
            $seen->getQueryParams(),
            $seen->getCookieParams(),
            $seen->getParsedBody(),
            $seen->getAttribute('id'),
        ]);
        self::assertSame('192.0.2.1', $seen->getServerParams()['REMOTE_ADDR']);
        self::assertSame('f=2', (string) $seen->getBody());
    }

    public function testHandsOverABodyThatCameAsAFile(): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'vilya-body-');
        file_put_contents($path, 'large');

        try {
            self::assertSame('large', (string) $this->seen(['body' => '', 'body_file' => $path] + Requests::of('PUT', '/'))->getBody());
        } finally {
            unlink($path);
        }
    }

    public function testHandsOverFiles(): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'vilya-file-');
        file_put_contents($path, 'abc');
        $file = ['name' => 'pages[]', 'filename' => 'a.txt', 'type' => 'text/plain', 'path' => $path, 'size' => 3];

        try {
            [$page] = $this->seen(['form' => [], 'files' => [$file]] + Requests::of('POST', '/'))->getUploadedFiles()['pages'];
            self::assertSame(['a.txt', 3, 'abc'], [$page->getClientFilename(), $page->getSize(), (string) $page->getStream()]);
        } finally {
            unlink($path);
        }
    }

    public function testTakesAResponse(): void
    {
        $response = $this->factory->createResponse(201)->withHeader('X-Twice', ['1', '2']);
        $response->getBody()->write('done');

        self::assertSame(
            ['status' => 201, 'headers' => ['X-Twice' => ['1', '2']], 'body' => 'done'],
            $this->answer(static fn (): ResponseInterface => $response),
        );
    }

    /** @dataProvider sizes */
    public function testSendsLargeBodiesInParts(int $byteCount, int $partCount): void
    {
        $text = str_repeat('x', $byteCount);
        $stream = $this->factory->createStream($text);
        $body = $this->answer(fn (): ResponseInterface => $this->factory->createResponse()->withBody($stream))['body'];
        $parts = is_string($body) ? [$body] : iterator_to_array($body, false);

        self::assertSame([$text, $partCount], [implode('', $parts), count(array_filter($parts))]);
        self::assertSame($byteCount <= 65536, is_string($body));
    }

    /** @return array<string, array{int, int}> */
    public static function sizes(): array
    {
        return ['one piece' => [65536, 1], 'one byte more' => [65537, 2], 'several' => [200_000, 4]];
    }

    public function testAnswers400ToATargetThatIsNoUri(): void
    {
        $request = ['host' => 'a:99999999'] + Requests::of('GET', '/');

        self::assertSame(400, (new Psr7(self::fail(...), $this->factory, $this->factory, $this->factory))->handle($request)['status']);
    }

    /** @param array<string, mixed> $request */
    private function seen(array $request): ServerRequestInterface
    {
        $seen = null;
        $this->answer(function (ServerRequestInterface $message) use (&$seen): ResponseInterface {
            $seen = $message;

            return $this->factory->createResponse();
        }, $request);

        return $seen;
    }

    /**
     * @param callable(ServerRequestInterface): ResponseInterface $handler
     * @param array<string, mixed>|null                            $request
     *
     * @return array<string, mixed>
     */
    private function answer(callable $handler, ?array $request = null): array
    {
        $bridge = new Psr7($handler, $this->factory, $this->factory, $this->factory);

        return $bridge->handle($request ?? Requests::of('GET', '/'));
    }
}

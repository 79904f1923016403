<?php

declare(strict_types=1);

namespace Vilya\Tests\Bridge;

use PHPUnit\Framework\TestCase;
use Symfony\Component\HttpFoundation\Cookie;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpFoundation\StreamedResponse;
use Vilya\Bridge\HttpFoundation;
use Vilya\Protocol\BodySink;
use Vilya\Runtime\ClientGoneException;
use Vilya\Runtime\Stream;
use Vilya\Tests\Support\Requests;

final class HttpFoundationTest extends TestCase
{
    protected function setUp(): void
    {
        if (!class_exists(Request::class)) {
            self::markTestSkipped('symfony/http-foundation is not installed: apt-get install php-symfony-http-foundation');
        }
    }

    public function testHandsOverARequest(): void
    {
        $headers = ['Cookie' => ['a=1'], 'Authorization' => ['Basic dTpw'], 'Content-Type' => ['application/x-www-form-urlencoded']];
        $seen = self::seen(['scheme' => 'https'] + Requests::of('POST', '/x/y?q[]=1', ['Host' => ['app.example']] + $headers, 'f=2'));

        self::assertSame(['POST', 'https://app.example/x/y?q%5B0%5D=1', '/x/y'], [$seen->getMethod(), $seen->getUri(), $seen->getPathInfo()]);
        self::assertSame([['q' => ['1']], ['a' => '1'], ['f' => '2'], 'f=2'], [
            $seen->query->all(),
            $seen->cookies->all(),
            $seen->request->all(),
            $seen->getContent(),
        ]);
        self::assertSame(['192.0.2.1', 'u'], [$seen->getClientIp(), $seen->getUser()]);
    }

    public function testHandsOverFilesThatCanBeMoved(): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'vilya-file-');
        $file = ['name' => 'photo', 'filename' => 'a.txt', 'type' => 'text/plain', 'path' => $path, 'size' => 0];
        $photo = self::seen(['form' => [], 'files' => [$file]] + Requests::of('POST', '/'))->files->get('photo');

        self::assertTrue($photo->isValid());
        $moved = $photo->move(dirname($path), basename($path) . '-moved');
        self::assertFileDoesNotExist($path);
        unlink((string) $moved);
    }

    public function testTakesAResponseWithItsCookies(): void
    {
        $response = new Response('done', 201, ['X-A' => '1']);
        $response->headers->setCookie(Cookie::create('a', '1'));
        $response->headers->setCookie(Cookie::create('b', '2'));
        $answer = (new HttpFoundation(static fn (): Response => $response))->handle(Requests::of('GET', '/'));

        self::assertSame([201, 'done', ['1']], [$answer['status'], $answer['body'], $answer['headers']['x-a']]);
        self::assertCount(2, $answer['headers']['set-cookie']);
    }

    public function testSendsAStreamedResponseAsItFlushes(): void
    {
        $sink = self::sink();
        self::stream(static function (): void {
            echo 'one';
            ob_flush();
            echo 'two';
        }, $sink);

        self::assertSame(['one', 'two'], $sink->parts);
    }

    public function testEndsAStreamedResponseWhoseClientHasLeftAndPrintsNothing(): void
    {
        $sink = self::sink(isGone: true);
        $level = ob_get_level();
        $this->expectOutputString('');
        try {
            self::stream(static function (): void {
                echo 'lost';
                ob_flush();
                self::fail('it went on');
            }, $sink);
            self::fail('nothing was thrown');
        } catch (ClientGoneException) {
            self::assertSame($level, ob_get_level());
        }
    }

    public function testTerminatesOnceBehindEachResponse(): void
    {
        $terminated = [];
        $bridge = new HttpFoundation(
            static fn (Request $request): Response => new Response($request->getPathInfo()),
            static function (Request $request, Response $response) use (&$terminated): void {
                $terminated[] = [$request->getPathInfo(), $response->getContent()];
            },
        );
        $bridge->handle(Requests::of('GET', '/a'));
        self::assertSame([], $terminated);
        $bridge->reset();
        $bridge->reset();

        self::assertSame([['/a', '/a']], $terminated);
    }

    private static function stream(callable $print, BodySink $sink): void
    {
        $answer = (new HttpFoundation(static fn (): Response => new StreamedResponse($print)))->handle(Requests::of('GET', '/'));
        $stream = new Stream($sink);
        $answer['body']($stream);
        $stream->flush();
    }

    private static function sink(bool $isGone = false): BodySink
    {
        return new class ($isGone) implements BodySink {
            /** @var list<string> */
            public array $parts = [];

            public function __construct(private readonly bool $isGone)
            {
            }

            public function send(string $bytes): bool
            {
                $this->parts[] = $bytes;

                return !$this->isGone;
            }

            public function isGone(): bool
            {
                return $this->isGone;
            }
        };
    }

    /** @param array<string, mixed> $request */
    private static function seen(array $request): Request
    {
        $seen = null;
        (new HttpFoundation(static function (Request $message) use (&$seen): Response {
            $seen = $message;

            return new Response();
        }))->handle($request);

        return $seen;
    }
}

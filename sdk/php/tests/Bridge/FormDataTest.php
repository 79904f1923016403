<?php

declare(strict_types=1);

namespace Vilya\Tests\Bridge;

use PHPUnit\Framework\TestCase;
use Vilya\Bridge\FormData;
use Vilya\Tests\Support\Requests;
use Vilya\UploadedFile;

final class FormDataTest extends TestCase
{
    private const URLENCODED = ['Content-Type' => ['application/x-www-form-urlencoded; charset=UTF-8']];

    public function testTakesWhatTheEngineHasRead(): void
    {
        self::assertSame(['tags' => ['a', 'b']], FormData::fields(['form' => ['tags[]' => ['a', 'b']]]));
        self::assertSame([], FormData::fields(['form' => []]));
    }

    public function testReadsAnUrlencodedBody(): void
    {
        $request = Requests::of('POST', '/', self::URLENCODED, 'a=1&b[]=2');

        self::assertSame(['a' => '1', 'b' => ['2']], FormData::fields($request));
    }

    public function testLeavesAloneWhatIsNoForm(): void
    {
        self::assertNull(FormData::fields(Requests::of('POST', '/', ['Content-Type' => ['application/json']], '{}')));
        self::assertNull(FormData::fields(Requests::of('POST', '/', self::URLENCODED)));
        self::assertNull(FormData::fields(Requests::of('GET', '/')));
    }

    public function testPutsFilesWhereTheirNamesSay(): void
    {
        $file = ['filename' => 'a.jpg', 'type' => 'image/jpeg', 'path' => '/nowhere', 'size' => 3];
        $names = ['photo', 'pages[]', 'pages[]', 'user[face]'];
        $request = ['files' => array_map(static fn (string $name): array => ['name' => $name] + $file, $names)];

        self::assertSame(
            ['photo' => 'photo', 'pages' => ['pages[]', 'pages[]'], 'user' => ['face' => 'user[face]']],
            FormData::files($request, static fn (UploadedFile $file): string => $file->name),
        );
        self::assertSame([], FormData::files(Requests::of('GET', '/'), static fn (): int => 0));
    }
}

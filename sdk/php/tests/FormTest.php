<?php

declare(strict_types=1);

namespace Vilya\Tests;

use PHPUnit\Framework\TestCase;
use RuntimeException;
use Vilya\Form;

final class FormTest extends TestCase
{
    private const FILE = ['name' => 'photo', 'filename' => 'a.jpg', 'type' => 'image/jpeg', 'path' => '/nowhere', 'size' => 3];

    public function testGivesValuesInTheirOrder(): void
    {
        $form = Form::of(['form' => ['a' => ['1', '2'], 7 => ['seven'], '' => ['']]]);

        self::assertSame(['2', ['1', '2'], null, []], [$form->value('a'), $form->values('a'), $form->value('b'), $form->values('b')]);
        self::assertSame(['seven', ''], [$form->value('7'), $form->value('')]);
        self::assertSame(['a' => ['1', '2'], 7 => ['seven'], '' => ['']], $form->all());
    }

    public function testGivesFilesByField(): void
    {
        $form = Form::of(['form' => [], 'files' => [self::FILE, ['name' => 'other'] + self::FILE, ['size' => 4] + self::FILE]]);

        self::assertCount(3, $form->files());
        self::assertSame([3, 4], array_map(static fn ($file): int => $file->byteCount, $form->files('photo')));
        self::assertSame('a.jpg', $form->file('photo')?->filename);
        self::assertNull($form->file('missing'));
    }

    public function testGivesArraysAsPhpReadsThem(): void
    {
        $values = ['tags[]' => ['a', 'b'], 'user[name]' => ['Ü&='], 'a b' => ['1', '2']];

        self::assertSame(
            ['tags' => ['a', 'b'], 'user' => ['name' => 'Ü&='], 'a_b' => '2'],
            Form::of(['form' => $values])->post(),
        );
    }

    public function testIsEmptyWhereTheRequestHasNone(): void
    {
        $form = Form::of(['body' => 'a=1']);

        self::assertSame([[], [], []], [$form->all(), $form->files(), $form->post()]);
    }

    public function testMovesAFileOrSaysWhyNot(): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'vilya-form-');
        $file = Form::of(['files' => [['path' => $path] + self::FILE]])->file('photo');
        $file?->moveTo("$path-moved");
        self::assertFileDoesNotExist($path);
        self::assertFileExists("$path-moved");
        unlink("$path-moved");

        $this->expectException(RuntimeException::class);
        $this->expectExceptionMessage('Cannot move an uploaded file to');
        $file?->moveTo("$path-again");
    }
}

<?php

declare(strict_types=1);

namespace Vilya\Bridge;

use Vilya\Form;
use Vilya\UploadedFile;

use function array_walk_recursive;
use function implode;
use function is_array;
use function parse_str;
use function rawurlencode;
use function str_starts_with;
use function strtolower;

/**
 * A form in the words of PHP's own `$_POST` and `$_FILES`, where the engine has read it or the body is an urlencoded one.
 *
 * @internal for the bridges
 */
final class FormData
{
    /**
     * The fields as in `$_POST`; null for what is no form, or one with files that the engine was not asked to read.
     *
     * @param array<string, mixed> $request as a handler got it
     *
     * @return array<array-key, mixed>|null
     */
    public static function fields(array $request): ?array
    {
        if (is_array($request['form'] ?? null)) {
            return Form::of($request)->post();
        }
        $type = strtolower($request['headers']['Content-Type'][0] ?? '');
        if (!str_starts_with($type, 'application/x-www-form-urlencoded') || ($request['body'] ?? '') === '') {
            return null;
        }
        parse_str($request['body'], $fields);

        return $fields;
    }

    /**
     * The files by the names of their fields, `photos[]` and `user[photo]` as arrays.
     *
     * @template File
     *
     * @param array<string, mixed>         $request as a handler got it
     * @param callable(UploadedFile): File $make
     *
     * @return array<array-key, mixed> a tree of what `$make` returned
     */
    public static function files(array $request, callable $make): array
    {
        $files = Form::of($request)->files();
        $pairs = [];
        foreach ($files as $index => $file) {
            $pairs[] = rawurlencode($file->name) . '=' . $index;
        }
        parse_str(implode('&', $pairs), $tree);
        array_walk_recursive($tree, static function (mixed &$leaf) use ($files, $make): void {
            $leaf = $make($files[(int) $leaf]);
        });

        return $tree;
    }
}

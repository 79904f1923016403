<?php

declare(strict_types=1);

/* Says what it got of a form, gated by files that a test makes. */

require __DIR__ . '/../../../sdk/php/autoload.php';

use Vilya\Form;
use Vilya\Runtime\Worker;
use Vilya\UploadedFile;

function shown(UploadedFile $file): array
{
    $hash = is_file($file->path) ? hash_file('sha1', $file->path) : 'gone';

    return [$file->name, $file->filename, $file->type, $file->byteCount, $hash];
}

(new Worker(null, function (array $request): array {
    parse_str($request['query'], $query);
    $form = Form::of($request);
    if (isset($query['hold'])) {
        $paths = array_map(static fn (UploadedFile $file): string => $file->path, $form->files());
        $modes = array_map(static fn (string $path): string => decoct(fileperms($path)) . ' ' . decoct(fileperms(dirname($path))), $paths);
        file_put_contents("{$query['hold']}.part", json_encode([$paths, $modes]));
        rename("{$query['hold']}.part", $query['hold']);
        while (!file_exists("{$query['hold']}-go")) {
            clearstatcache();
            usleep(1_000);
        }
    }
    if (isset($query['keep'])) {
        $form->file('file')?->moveTo($query['keep']);
    }

    return ['body' => json_encode([
        'raw' => $request['body'],
        'values' => $form->all(),
        'post' => $form->post(),
        'files' => array_map(shown(...), $form->files()),
    ], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE)];
}))->run();

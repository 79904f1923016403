<?php

declare(strict_types=1);

namespace Vilya;

use function array_map;
use function array_values;
use function is_array;
use function parse_str;
use function rawurlencode;

/**
 * The form that a request came with, where the app's configuration has `uploads: {enabled: true}`.
 *
 *     $form = Form::of($request);
 *     $form->value('title');
 *     $form->file('photo')?->moveTo("/srv/photos/$id.jpg");
 *
 * Names and values are bytes as the client sent them; whoever wants text checks that it is UTF-8.
 */
final class Form
{
    /** @param array<array-key, list<string>> $values
     *  @param list<UploadedFile> $files */
    private function __construct(private readonly array $values, private readonly array $files)
    {
    }

    /**
     * The form of `$request`; an empty one where it has none, or the engine was not asked to read it.
     *
     * @param array<string, mixed> $request as a handler got it
     */
    public static function of(array $request): self
    {
        $files = is_array($request['files'] ?? null) ? $request['files'] : [];

        return new self((array) ($request['form'] ?? []), array_map(UploadedFile::ofWire(...), array_values($files)));
    }

    /** The last value of a field, as PHP itself takes it; null where there is none. */
    public function value(string $name): ?string
    {
        $values = $this->values($name);

        return $values === [] ? null : $values[count($values) - 1];
    }

    /**
     * All values of a field, in the order in which they came.
     *
     * @return list<string>
     */
    public function values(string $name): array
    {
        return $this->values[$name] ?? [];
    }

    /**
     * All fields: name => list of values; a name of digits only is an int, as PHP has it.
     *
     * @return array<array-key, list<string>>
     */
    public function all(): array
    {
        return $this->values;
    }

    /** The first file of a field; null where there is none. */
    public function file(string $name): ?UploadedFile
    {
        return $this->files($name)[0] ?? null;
    }

    /**
     * The files of a field, or of all, in the order in which they came.
     *
     * @return list<UploadedFile>
     */
    public function files(?string $name = null): array
    {
        return array_values(array_filter($this->files, static fn (UploadedFile $file): bool => $file->name === ($name ?? $file->name)));
    }

    /**
     * What PHP would have in `$_POST`: `tags[]` and `user[name]` are arrays, and of equal names the last one counts.
     *
     * @return array<array-key, mixed>
     */
    public function post(): array
    {
        $pairs = [];
        foreach ($this->values as $name => $values) {
            foreach ($values as $value) {
                $pairs[] = rawurlencode((string) $name) . '=' . rawurlencode($value);
            }
        }
        parse_str(implode('&', $pairs), $post);

        return $post;
    }
}

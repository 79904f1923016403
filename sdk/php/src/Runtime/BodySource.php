<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/** Where the bytes of a request's body come from. */
interface BodySource
{
    /**
     * The next bytes, of any number; '' at the end, and from then on.
     *
     * @throws IncompleteBodyException when the rest never comes
     */
    public function next(): string;

    /** @return array<string, list<string>> what came behind the body, once its end was read */
    public function trailers(): array;
}

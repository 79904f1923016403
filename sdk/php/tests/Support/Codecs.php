<?php

declare(strict_types=1);

namespace Vilya\Tests\Support;

/** Runs a test once for each codec a worker may use. */
trait Codecs
{
    /** @return iterable<string, array{array<string, string>}> the environment that selects the codec */
    public function codecs(): iterable
    {
        yield 'pure codec' => [['VILYA_MSGPACK' => 'php']];
        if (extension_loaded('msgpack')) {
            yield 'ext-msgpack' => [['VILYA_MSGPACK' => 'ext']];
        }
    }
}

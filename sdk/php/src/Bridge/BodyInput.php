<?php

declare(strict_types=1);

namespace Vilya\Bridge;

use Vilya\RequestBody;

use function fopen;
use function rewind;

/**
 * The body of a request for those who want it whole, whichever way it has come.
 *
 * @internal for the bridges
 */
final class BodyInput
{
    /**
     * Text where the engine sent it as such; a stream that can be read from its start where it came as a file, or is still on its way: then
     * this waits for its end.
     *
     * @param array<string, mixed> $request as a handler got it
     *
     * @return string|resource
     */
    public static function of(array $request)
    {
        if (!isset($request['body_stream']) && !isset($request['body_file'])) {
            return $request['body'] ?? '';
        }
        $spool = fopen('php://temp', 'w+b');
        RequestBody::of($request)->copyTo($spool);
        rewind($spool);

        return $spool;
    }
}

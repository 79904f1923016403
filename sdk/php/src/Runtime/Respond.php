<?php

declare(strict_types=1);

namespace Vilya\Runtime;

/**
 * What a handler may send ahead of its response. A handler that declares it as its second parameter gets it:
 *
 *     function (array $request, Respond $respond): array { … }
 */
final class Respond
{
    public function __construct(
        private readonly Responder $responder,
        private readonly int|string $requestId,
        private readonly bool $isSupported,
    ) {
    }

    /**
     * Tells the client what it will need (103 Early Hints), while the response is still being made.
     *
     * @param string|list<string> $links values of `Link`, such as `</app.css>; rel=preload; as=style`
     *
     * @return bool false when the engine takes none; not every client does either
     */
    public function earlyHints(string|array $links): bool
    {
        if (!$this->isSupported || !is_int($this->requestId)) {
            return false;
        }
        $this->responder->sendPart([
            'type' => 'interim',
            'id' => $this->requestId,
            'status' => 103,
            'headers' => ['Link' => array_values((array) $links)],
        ]);

        return true;
    }
}

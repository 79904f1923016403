<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use LogicException;

/**
 * What the application has the engine do with sockets and topics (docs/reference/wire.md, W2.46). During an event it is gathered and leaves
 * with the answer; at any other time it leaves at once.
 */
final class Actions
{
    private bool $isSupported = false;
    /** @var list<array<string, mixed>>|null null outside of an event */
    private ?array $gathered = null;

    public function __construct(private readonly Responder $responder)
    {
    }

    /** The engine has said that it takes them. */
    public function enable(): void
    {
        $this->isSupported = true;
    }

    /** @param array<string, mixed> $action */
    public function add(array $action): void
    {
        if ($this->gathered !== null) {
            $this->gathered[] = $action;

            return;
        }
        if (!$this->isSupported) {
            throw new LogicException('Cannot reach WebSockets: this engine takes no actions of a worker');
        }
        $this->responder->sendPart(['type' => 'actions', 'actions' => [$action]]);
    }

    /** An event begins. */
    public function gather(): void
    {
        $this->gathered = [];
    }

    /**
     * The event has ended.
     *
     * @return list<array<string, mixed>> what it has asked for
     */
    public function take(): array
    {
        $gathered = $this->gathered ?? [];
        $this->gathered = null;

        return $gathered;
    }
}

<?php

declare(strict_types=1);

namespace Vilya\State;

/** State whose check costs too much to run after every request of an application that cannot change it. */
interface GatedState
{
    /** Pattern fragment of the functions that change this state; source code without a match cannot. */
    public function mutators(): string;

    /** Puts the boot state back and tells whether anything differed. */
    public function restore(): bool;
}

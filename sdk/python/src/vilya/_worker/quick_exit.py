"""The end of a forked worker: Python takes everything apart when it exits, and would copy each page of what was imported for that."""

from __future__ import annotations

import atexit
import os
import sys

_exit_code: int | None = None


def prepare() -> None:
    """To be called before anything else is imported: of what runs at the exit the first to be registered runs last."""
    atexit.register(_leave)


def leave_with(exit_code: int) -> None:
    """From now on the process ends with this code as soon as everything else that was registered for its exit has run."""
    global _exit_code
    _exit_code = exit_code


def _leave() -> None:
    if _exit_code is None:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_exit_code)

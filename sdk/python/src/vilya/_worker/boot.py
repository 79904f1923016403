"""What comes before the fork: the application is imported once for all workers, without an event loop and without threads."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from .app_loader import LoadError, load_app
from .hook_runs import run_before_fork
from .report import report
from typing import Any

_INSTEAD = 'without it use "start: exec"'


def boot_app(entry: str) -> Any:
    """Imports the application and runs its hooks ``before_fork``.

    Raises LoadError where this Python cannot fork, or the application cannot be imported before the fork; StartError when a hook fails.
    """
    _check_interpreter()
    # A loop that is made now would be shared by all workers: whoever asks for one is told that there is none.
    asyncio.set_event_loop(None)
    # https://docs.python.org/3/library/gc.html#gc.freeze: what is collected before the fork leaves holes that workers would fill.
    gc.disable()
    try:
        app = load_app(entry)
    except LoadError as error:
        if not isinstance(error.__cause__, RuntimeError) or "event loop" not in str(error.__cause__):
            raise
        raise LoadError(
            f"Cannot load {entry!r} before the fork: it asks for an event loop, which only workers have; "
            f'do it in a function that is marked with @vilya.on_start, or use "start: exec"'
        ) from error.__cause__
    run_before_fork()
    _warn_of_threads()
    gc.freeze()
    return app


def _check_interpreter() -> None:
    if not hasattr(os, "fork"):
        raise LoadError(f'Cannot fork workers: this Python has no os.fork(), which is needed for "start: fork"; {_INSTEAD}')
    is_gil_enabled = getattr(sys, "_is_gil_enabled", None)
    if is_gil_enabled is not None and not is_gil_enabled():
        raise LoadError(f'Cannot fork workers: this Python is free-threaded, one with the GIL is needed for "start: fork"; {_INSTEAD}')


def _warn_of_threads() -> None:
    names = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if names:
        report(
            f"Threads do not run in workers that are forked: the application has started {', '.join(names)} while it was imported; "
            "start them in a function that is marked with @vilya.on_start"
        )

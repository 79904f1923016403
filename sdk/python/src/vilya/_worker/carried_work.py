"""A coroutine that has begun before the task that goes on with it."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextvars import Context
from typing import Any

Work = Coroutine[Any, Any, None]


class CarriedWork(Coroutine[Any, Any, None]):
    """What a task runs: nothing at first, then a coroutine from the point at which it waits, in a context of its own.

    Invariant: the task sees what it would see of a coroutine that it has begun itself; a cancellation that comes before reaches what is
    waited for.
    """

    __slots__ = ("_context", "_is_pending", "_waits_for", "_work")

    def __init__(self) -> None:
        self._work: Work | None = None
        self._context: Context
        self._waits_for: Any = None
        #: What it waits for is not yet known to the task.
        self._is_pending = False

    def bind(self, work: Work, context: Context, waits_for: Any) -> None:
        """``waits_for`` is what the coroutine has yielded: a future, or None for a turn of the loop."""
        self._work, self._context, self._waits_for = work, context, waits_for
        self._is_pending = True

    def send(self, value: Any) -> Any:
        if self._is_pending:
            return self._take_waited()
        if self._work is None:
            raise StopIteration
        return self._context.run(self._work.send, value)

    def throw(self, kind: Any, value: Any = None, traceback: Any = None) -> Any:
        error = kind if value is None else value
        if self._work is None:
            raise error
        if self._is_pending:
            waits_for = self._take_waited()
            # As a task does whose coroutine waits: what is waited for is cancelled, and the coroutine hears it from there.
            if waits_for is not None and waits_for.cancel():
                return waits_for
        return self._context.run(self._work.throw, error)

    def close(self) -> None:
        if self._work is not None:
            self._work.close()

    def __await__(self) -> Generator[Any, None, None]:
        raise RuntimeError("Cannot await what a task runs: only the task may")

    def __getattr__(self, name: str) -> Any:
        # For who prints tasks and their stacks: names, code and frames are the coroutine's.
        return getattr(object.__getattribute__(self, "_work"), name)

    def _take_waited(self) -> Any:
        self._is_pending = False
        waits_for, self._waits_for = self._waits_for, None
        return waits_for

"""Hooks: functions that run once in a process, around what it serves. ASGI's lifespan is one for ASGI applications; these are for all."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, overload

#: A function that can be called without arguments.
Hook = TypeVar("Hook", bound=Callable[[], Any])


class Hooks:
    """A decorator, and the functions that were marked with it: ``@vilya.on_start``, or with a priority ``@vilya.on_start(priority=1)``.

    Higher priorities come first, equal ones in the order in which they were marked.
    """

    def __init__(self, name: str, about: str = "", *, may_wait: bool) -> None:
        self.name = name
        self.__doc__ = about
        self._may_wait = may_wait
        self._marked: list[tuple[int, Callable[[], Any]]] = []

    @overload
    def __call__(self, hook: Hook, *, priority: int = 0) -> Hook: ...

    @overload
    def __call__(self, *, priority: int = 0) -> Callable[[Hook], Hook]: ...

    def __call__(self, hook: Hook | None = None, *, priority: int = 0) -> Hook | Callable[[Hook], Hook]:
        """Marks a function, and returns it as it is. Raises TypeError for one that cannot be a hook of this kind."""
        if hook is None:
            return lambda marked: self(marked, priority=priority)
        self._check(hook)
        self._marked.append((priority, hook))
        return hook

    def in_order(self) -> list[Callable[[], Any]]:
        """The functions, the first to run first."""
        return [hook for _, hook in sorted(self._marked, key=lambda each: -each[0])]

    def _check(self, hook: Callable[[], Any]) -> None:
        if not self._may_wait and inspect.iscoroutinefunction(hook):
            raise TypeError(f"Cannot use {name_of(hook)} as {self.name}: it is a coroutine function, and there is no loop before the fork")
        try:
            inspect.signature(hook).bind()
        except TypeError as error:
            raise TypeError(f"Cannot use {name_of(hook)} as {self.name}: it is called without arguments, {error}") from None
        except ValueError:
            pass  # Some functions of C do not say what they take.


def name_of(hook: Callable[[], Any]) -> str:
    """What to call a hook in a message."""
    return getattr(hook, "__qualname__", None) or repr(hook)


before_fork = Hooks(
    "before_fork",
    """Marks a plain function to run once in the process that workers are forked from, behind the import of the application. Without
    ``workers.start: fork`` it runs nowhere.""",
    may_wait=False,
)

on_start = Hooks(
    "on_start",
    """Marks a function, ``async`` or not, to run once in every worker before it is ready: behind the fork, before lifespan's startup. One
    that raises stops the start.""",
    may_wait=True,
)

on_shutdown = Hooks(
    "on_shutdown",
    """Marks a function, ``async`` or not, to run once in every worker behind its last request and lifespan's shutdown; the engine waits.
    The last one to be marked comes first.""",
    may_wait=True,
)

"""Work after the response: it has left when this begins, and the worker counts as busy until it is done."""

from __future__ import annotations

import inspect
from .threads import run_in_thread
from collections.abc import Callable, Sequence
from typing import Any


class BackgroundTask:
    """One call: of a coroutine function on the loop, of another in a thread."""

    __slots__ = ("args", "function", "kwargs")

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs

    async def __call__(self) -> None:
        if inspect.iscoroutinefunction(self.function):
            await self.function(*self.args, **self.kwargs)
        else:
            await run_in_thread(self.function, *self.args, **self.kwargs)


class BackgroundTasks(BackgroundTask):
    """Several calls, one after the other. One that raises ends the row: the rest is not run."""

    __slots__ = ("tasks",)

    def __init__(self, tasks: Sequence[BackgroundTask] = ()) -> None:
        self.tasks = list(tasks)

    def add_task(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Puts one more call at the end of the row."""
        self.tasks.append(BackgroundTask(function, *args, **kwargs))

    async def __call__(self) -> None:
        for task in self.tasks:
            await task()

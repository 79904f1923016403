"""Begins coroutines at once: most requests are answered without a turn of the loop in between."""

from __future__ import annotations

import asyncio
import sys
from .carried_work import CarriedWork, Work
from asyncio.tasks import _enter_task, _leave_task, _register_task, _unregister_task
from collections.abc import Callable
from contextvars import Context, copy_context
from sys import getrefcount
from typing import Any
from weakref import getweakrefcount


class TaskStarter:
    """Starts coroutines from callbacks of the loop, each in a task.

    From 3.12 on that is Python's own eager task. Before, a task costs more than all else that a worker does for a small request: there one
    task serves any number of coroutines that return without waiting, and belongs to the first one that waits.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._spare: _SpareTask | None = None
        # Loops that are written in Python, or come with a class in Python around them, have one.
        self._takes_attributes = hasattr(loop, "__dict__")

    def start(self, work: Work) -> asyncio.Task[None] | None:
        """The task of a coroutine that waits for something; None of one that has returned. It must raise nothing."""
        if sys.version_info >= (3, 12):
            task = asyncio.Task(work, loop=self._loop, eager_start=True)
            return None if task.done() else task
        if not self._takes_attributes:
            return self._loop.create_task(work)
        spare = self._spare
        if spare is None:
            spare = self._spare = _SpareTask(self._loop)
        started = spare.run(work)
        if spare.is_taken:
            self._spare = None
        return started

    def close(self) -> None:
        """Lets go of the task that waits for work."""
        if self._spare is not None:
            self._spare.drop()
            self._spare = None


class _SpareTask:
    """A task that has not begun, and that ``asyncio.all_tasks()`` does not know before it has.

    Invariant: no coroutine can tell that another one had its task before: of a task that somebody has kept, named, cancelled or hung a
    callback on there is no second use.
    """

    __slots__ = ("_begin", "_carried", "_loop", "_name", "_task", "_trace_count", "is_taken")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._carried = CarriedWork()
        self._task, self._begin = _new_task(self._carried, loop)
        _unregister_task(self._task)
        self._name = self._task.get_name()
        self._trace_count = self._count_traces()
        #: It has begun: it is no longer spare.
        self.is_taken = False

    def run(self, work: Work) -> asyncio.Task[None] | None:
        """As ``TaskStarter.start``."""
        context = copy_context()
        _enter_task(self._loop, self._task)
        try:
            waits_for = context.run(work.send, None)
        except StopIteration:
            has_returned = True
        else:
            has_returned = False
            self._carried.bind(work, context, waits_for)
        finally:
            _leave_task(self._loop, self._task)
        if has_returned:
            if self._count_traces() != self._trace_count:
                self._take()
            return None
        _register_task(self._task)
        self._take()
        return self._task

    def _take(self) -> None:
        """Has the task begin; it ends at once where it has nothing to run."""
        self.is_taken = True
        self._begin()

    def drop(self) -> None:
        """It never begins, and Python need not warn of that."""
        task: Any = self._task
        task._log_destroy_pending = False

    def _count_traces(self) -> int:
        """Changes with whatever somebody may have done to the task."""
        task: Any = self._task
        if task._must_cancel or task._callbacks is not None or task.get_name() is not self._name:
            return -1
        return getrefcount(task) + getweakrefcount(task)


def _new_task(work: CarriedWork, loop: asyncio.AbstractEventLoop) -> tuple[asyncio.Task[None], Callable[[], None]]:
    """A task, and what the loop would call to have it begin: it asks the loop for that while it is made."""
    calls: list[Callable[[], None]] = []

    def keep(call: Callable[[], None], *, context: Context) -> None:
        calls.append(lambda: context.run(call))

    patched: Any = loop
    patched.call_soon = keep
    try:
        task: asyncio.Task[None] = asyncio.Task(work, loop=loop)
    finally:
        del patched.call_soon
    return task, calls[0]

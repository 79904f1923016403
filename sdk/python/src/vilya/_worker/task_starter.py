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

#: After so many coroutines in a row that have waited for something, so many begin as the loop has it: they will wait, too.
_WAITING_COUNT_MAX = 16
_UNTRIED_COUNT = 256


class TaskStarter:
    """Starts coroutines from callbacks of the loop, each in a task.

    From 3.12 on that is Python's own eager task. Before, a task costs more than all else that a worker does for a small request: there one
    task serves any number of coroutines that return without waiting, and belongs to the first one that waits.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._spare: _SpareTask | None = None
        self._waiting_count = 0
        self._untried_count = 0
        # Loops that are written in Python, or come with a class in Python around them, have one.
        self._takes_attributes = hasattr(loop, "__dict__")

    def start(self, work: Work) -> asyncio.Task[None] | None:
        """The task of a coroutine that waits for something; None of one that has returned. It must raise nothing."""
        if sys.version_info >= (3, 12):
            task = asyncio.Task(work, loop=self._loop, eager_start=True)
            return None if task.done() else task
        if self._untried_count > 0 or not self._takes_attributes:
            self._untried_count -= 1
            return self._loop.create_task(work)
        spare = self._spare
        if spare is None:
            spare = self._spare = _SpareTask(self._loop)
        started = spare.run(work)
        if started is None:
            self._waiting_count = 0
        else:
            self._note_waiting()
        if spare.is_taken:
            self._spare = None
        return started

    def _note_waiting(self) -> None:
        self._waiting_count += 1
        if self._waiting_count == _WAITING_COUNT_MAX:
            self._waiting_count = 0
            self._untried_count = _UNTRIED_COUNT

    def close(self) -> None:
        """Lets go of the task that waits for work."""
        if self._spare is not None:
            self._spare.drop()
            self._spare = None


class _SpareTask:
    """A task that has not begun. While it waits for work ``asyncio.all_tasks()`` does not know it.

    Invariant: no coroutine can tell that another one had its task before: of a task that somebody has kept, named, cancelled or hung a
    callback on there is no second use.
    """

    __slots__ = ("_carried", "_context", "_is_known", "_loop", "_name", "_step", "_task", "is_taken")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._carried = CarriedWork()
        patched: Any = loop
        # It asks the loop to have it begin while it is made.
        patched.call_soon = self._keep_step
        try:
            self._task: asyncio.Task[None] = asyncio.Task(self._carried, loop=loop)
        finally:
            del patched.call_soon
        self._name = self._task.get_name()
        #: To ``asyncio.all_tasks()``.
        self._is_known = True
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
            if self._is_known:
                _unregister_task(self._task)
                self._is_known = False
            if self._count_traces() != _NO_TRACES:
                self._take()
            return None
        if not self._is_known:
            _register_task(self._task)
        self._take()
        return self._task

    def drop(self) -> None:
        """It never begins, and Python need not warn of that."""
        task: Any = self._task
        task._log_destroy_pending = False

    def _keep_step(self, step: Callable[[], None], *, context: Context) -> None:
        self._step, self._context = step, context

    def _take(self) -> None:
        """Has the task begin; it ends at once where it has nothing to run."""
        self.is_taken = True
        self._context.run(self._step)

    def _count_traces(self) -> int:
        """Is more than `_NO_TRACES` once somebody has done anything to the task."""
        task: Any = self._task
        if task._must_cancel or task._callbacks is not None or task.get_name() is not self._name:
            return -1
        return getrefcount(task) + getweakrefcount(task)


#: Of a task that nobody has touched: this object, the step of the task, a local variable and an argument refer to it.
_NO_TRACES = 4

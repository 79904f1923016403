"""Coroutines that begin at once: whatever Python it is, each has a task as far as it can tell."""

from __future__ import annotations

import asyncio
import contextvars
import pytest
import sys
import weakref
from collections.abc import Callable, Coroutine
from engine import in_loop
from typing import Any
from vilya._worker.task_starter import TaskStarter

REUSES = pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python begins tasks at once by itself")

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def started(starter: TaskStarter, *works: Coroutine[Any, Any, None]) -> list[asyncio.Task[None] | None]:
    """Starts them where the worker does: in a callback of the loop, without a task around it."""
    loop = asyncio.get_running_loop()
    tasks: asyncio.Future[list[asyncio.Task[None] | None]] = loop.create_future()
    loop.call_soon(lambda: tasks.set_result([starter.start(work) for work in works]))
    return await tasks


@in_loop
async def test_what_waits_for_nothing_is_over_when_start_returns() -> None:
    order: list[str] = []

    async def work(name: str) -> None:
        order.append(name)

    starter = TaskStarter(asyncio.get_running_loop())
    assert await started(starter, work("a"), work("b")) == [None, None]
    assert order == ["a", "b"]
    starter.close()


@in_loop
async def test_a_coroutine_has_one_task_from_its_first_step_to_its_last() -> None:
    seen: list[asyncio.Task[Any] | None] = []

    async def work() -> None:
        seen.append(asyncio.current_task())
        await asyncio.sleep(0)
        seen.append(asyncio.current_task())
        await asyncio.sleep(0.001)
        seen.append(asyncio.current_task())

    starter = TaskStarter(asyncio.get_running_loop())
    first, second = await started(starter, work(), work())
    assert first is not None and second is not None and first is not second
    assert {first, second} <= asyncio.all_tasks()
    await asyncio.gather(first, second)
    assert seen.count(first) == seen.count(second) == 3
    starter.close()


@in_loop
async def test_timeouts_and_groups_of_tasks_work_from_the_first_step_on() -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        except asyncio.TimeoutError:
            done.append("timed out")
        await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))
        done.append("gathered")

    starter = TaskStarter(asyncio.get_running_loop())
    (task,) = await started(starter, work())
    assert task is not None
    await task
    assert done == ["timed out", "gathered"]
    starter.close()


@in_loop
async def test_what_one_sets_in_its_context_no_other_sees() -> None:
    seen: list[str] = []

    async def work(value: str, *, waits: bool) -> None:
        seen.append(variable.get())
        variable.set(value)
        if waits:
            await asyncio.sleep(0)
        seen.append(variable.get())

    starter = TaskStarter(asyncio.get_running_loop())
    tasks = await started(starter, work("a", waits=False), work("b", waits=True), work("c", waits=False))
    await asyncio.gather(*(task for task in tasks if task is not None))
    assert seen == ["unset", "a", "unset", "unset", "c", "b"]
    assert variable.get() == "unset"
    starter.close()


@pytest.mark.parametrize("waits_for", ["a future", "a turn of the loop"])
@in_loop
async def test_a_task_that_is_cancelled_before_it_waits_is_cancelled_where_it_waits(waits_for: str) -> None:
    seen: list[str] = []
    child: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            await (child if waits_for == "a future" else asyncio.sleep(0))
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    starter = TaskStarter(asyncio.get_running_loop())
    (task,) = await started(starter, work())
    assert task is not None
    await asyncio.wait([task])
    assert task.cancelled()
    assert seen == ["cancelled"]
    assert child.cancelled() == (waits_for == "a future")
    starter.close()


def keeps(task: asyncio.Task[Any], kept: list[Any]) -> None:
    kept.append(task)


def refers_weakly_to(task: asyncio.Task[Any], kept: list[Any]) -> None:
    kept.append(weakref.ref(task))


def names(task: asyncio.Task[Any], _kept: list[Any]) -> None:
    task.set_name("mine")


def hangs_a_callback_on(task: asyncio.Task[Any], kept: list[Any]) -> None:
    task.add_done_callback(kept.append)


def cancels(task: asyncio.Task[Any], _kept: list[Any]) -> None:
    task.cancel()


@REUSES
@pytest.mark.parametrize("touch", [keeps, refers_weakly_to, names, hangs_a_callback_on, cancels])
@in_loop
async def test_a_task_that_somebody_has_touched_is_nobody_elses(touch: Callable[[asyncio.Task[Any], list[Any]], None]) -> None:
    kept: list[Any] = []
    tasks: list[tuple[int, str]] = []

    def note() -> asyncio.Task[Any]:
        task = asyncio.current_task()
        assert task is not None
        tasks.append((id(task), task.get_name()))
        return task

    async def leave() -> None:
        note()

    async def work() -> None:
        touch(note(), kept)

    starter = TaskStarter(asyncio.get_running_loop())
    await started(starter, leave(), leave(), work(), leave())
    first, second, touched, last = (name for _, name in tasks)
    assert first == second == touched != last
    if touch is keeps:
        assert kept[0].done()
    if touch is hangs_a_callback_on:
        await asyncio.sleep(0)
        assert kept[0].done()
    starter.close()


@REUSES
@in_loop
async def test_a_task_that_waits_for_work_is_in_nobodys_way() -> None:
    async def work() -> None:
        pass

    starter = TaskStarter(asyncio.get_running_loop())
    before = asyncio.all_tasks()
    await started(starter, work())
    assert asyncio.all_tasks() == before
    starter.close()


@REUSES
@in_loop
async def test_where_all_wait_they_begin_as_the_loop_has_it_for_a_while() -> None:
    begun: list[int] = []

    async def work(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0)

    starter = TaskStarter(asyncio.get_running_loop())
    loop = asyncio.get_running_loop()
    counts: list[int] = []

    def start() -> None:
        for number in range(400):
            assert starter.start(work(number)) is not None
            counts.append(len(begun))

    loop.call_soon(start)
    for _ in range(3):
        await asyncio.sleep(0)
    assert counts[15:17] == [16, 16]
    assert counts[271:273] == [16, 17]
    assert sorted(begun) == list(range(400))
    starter.close()

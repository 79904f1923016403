"""Threads for handlers that block. One pool a process, of its own: name look-ups in the loop's pool do not wait for handlers."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

# Blocking handlers that run at a time in one process; more of them wait their turn.
THREADS_MAX = 40

T = TypeVar("T")

_pool: ThreadPoolExecutor | None = None


def set_threads_max(threads_max: int) -> None:
    """Bounds the pool from now on. Default: `THREADS_MAX`. Calls that run already stay where they are."""
    global _pool
    if threads_max < 1:
        raise ValueError(f"Cannot set threads_max: {threads_max} is too few, 1 or more is allowed")
    previous, _pool = _pool, ThreadPoolExecutor(threads_max, thread_name_prefix="vilya-handler")
    if previous is not None:
        previous.shutdown(wait=False)


async def run_in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Calls a blocking function in the pool, with the context variables of the caller. StopIteration becomes RuntimeError."""
    if _pool is None:
        set_threads_max(THREADS_MAX)
    assert _pool is not None
    context = contextvars.copy_context()

    def call() -> T:
        try:
            return context.run(function, *args, **kwargs)
        except StopIteration as stop:
            # Futures refuse it, and whoever waits for one would wait for ever. Coroutines do the same with it (PEP 479).
            raise RuntimeError("A function in a thread raised StopIteration") from stop

    return await asyncio.get_running_loop().run_in_executor(_pool, call)


_END: Any = object()


async def iterate_in_thread(iterable: Iterable[T]) -> AsyncIterator[T]:
    """Follows a blocking iterable, one step in the pool at a time."""
    iterator = iter(iterable)
    while (item := await run_in_thread(next, iterator, _END)) is not _END:
        yield item

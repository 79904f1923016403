"""An event loop in a thread of its own, so that tests that are no coroutines can wait for coroutines."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as WaitTimeoutError
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Ends when it is closed or nobody has it any more: what runs on it then is cancelled."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._loop.run_forever, name="vilya-test-client", daemon=True)
        thread.start()
        # Also when the process ends: behind that no thread runs any more, and waiting for it would take the whole time-out.
        self._end = weakref.finalize(self, _end, self._loop, thread, timeout_s)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine. Raises what it raises, and TimeoutError when it takes longer than it may."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(self._timeout_s)
        except WaitTimeoutError:
            if future.cancel():
                raise TimeoutError(f"Cannot finish: the application took longer than {self._timeout_s} s") from None
            raise

    def close(self) -> None:
        """Ends the loop and the thread. Doing it again has no effect."""
        self._end()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread, timeout_s: float) -> None:
    if threading.current_thread() is thread:
        # The collector has found it there; a thread cannot wait for itself.
        loop.call_soon(loop.stop)
        return
    asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(timeout_s)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout_s)
    loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()

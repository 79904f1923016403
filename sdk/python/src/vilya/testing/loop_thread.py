"""An event loop in a thread of its own, so that tests that are no coroutines can wait for coroutines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as WaitTimeoutError
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Ends when it is closed or nobody has it any more: what runs on it then is cancelled."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="vilya-test-client", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine. Raises what it raises, and TimeoutError when it takes longer than it may."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(self._timeout_s)
        except WaitTimeoutError:
            if future.cancel():
                raise TimeoutError(f"Cannot finish: the application took longer than {self._timeout_s} s") from None
            raise

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Ends the loop and the thread. Doing it again has no effect."""
        if self._loop.is_closed():
            return
        self.run(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(self._timeout_s)
        self._loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()

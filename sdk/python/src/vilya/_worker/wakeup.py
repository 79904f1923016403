"""Waiting for something to change."""

from __future__ import annotations

import asyncio


class WakeUp:
    """Lets any number of tasks wait until something may have changed; each looks again by itself.

    A waiter that is cancelled takes nothing with it, because what has changed lies elsewhere.
    """

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def notify(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

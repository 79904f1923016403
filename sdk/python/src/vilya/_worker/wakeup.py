"""Waiting for something to change."""

from __future__ import annotations

import asyncio


class WakeUp:
    """Lets any number of tasks wait until something may have changed; each looks again by itself.

    A waiter that is cancelled takes nothing with it, because what has changed lies elsewhere.
    """

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] | None = None

    async def wait(self) -> None:
        future = asyncio.get_running_loop().create_future()
        if self._waiting is None:
            self._waiting = []
        self._waiting.append(future)
        await future

    def notify(self) -> None:
        waiting, self._waiting = self._waiting, None
        for future in waiting or ():
            if not future.done():
                future.set_result(None)

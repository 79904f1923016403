"""A pool of connections to a database or another service: opened when needed, kept while they are good, never more than allowed."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

C = TypeVar("C")

# Defaults of the options of these names.
SIZE_MAX = 10
WAIT_S_MAX = 5.0
WAITING_MAX = 1000
IDLE_S_MAX = 300.0


class PoolError(Exception):
    """No connection can be had: all are in use for too long, too many wait already, or the pool is closed."""


class ConnectionPool(Generic[C]):
    """Leases connections to one handler at a time, in the order they ask.

    `connect` opens one; `disconnect` closes one (default: its own `close`). `size_max` is how many there may be, `wait_s_max` how long a
    handler waits for one, `waiting_max` how many may wait. One that was idle for `idle_s_max` seconds is closed rather than leased, and
    so is one that `is_alive` finds dead. Use it as a context manager in the lifespan: leaving closes what is idle, and what comes back.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[C]],
        disconnect: Callable[[C], Any] | None = None,
        *,
        is_alive: Callable[[C], Any] | None = None,
        size_max: int = SIZE_MAX,
        wait_s_max: float = WAIT_S_MAX,
        waiting_max: int = WAITING_MAX,
        idle_s_max: float = IDLE_S_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if size_max < 1:
            raise ValueError(f"Cannot make a pool: size_max is {size_max}, 1 or more is allowed")
        self.size_max = size_max
        self.wait_s_max = wait_s_max
        self.waiting_max = waiting_max
        self.idle_s_max = idle_s_max
        self.leased_count = 0
        self.waiting_count = 0
        self._connect = connect
        self._disconnect = disconnect
        self._is_alive = is_alive
        self._clock = clock
        self._is_closed = False
        self._turns = asyncio.Semaphore(size_max)
        # The one used last is leased next: the others grow old enough to be closed.
        self._idle: list[tuple[C, float]] = []

    @property
    def idle_count(self) -> int:
        """Connections that are open and not leased."""
        return len(self._idle)

    async def __aenter__(self) -> ConnectionPool[C]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[C]:
        """`async with pool.lease() as connection`. After an exception inside it is closed: nobody knows what it was about to say.

        Raises PoolError, and what `connect` raises.
        """
        await self._wait_for_turn()
        self.leased_count += 1
        try:
            connection = await self._take()
            try:
                yield connection
            except BaseException:
                await self._close(connection)
                raise
            if self._is_closed:
                await self._close(connection)
            else:
                self._idle.append((connection, self._clock()))
        finally:
            self.leased_count -= 1
            self._turns.release()

    async def close(self) -> None:
        """Closes what is idle now, and each leased one when it comes back. Nothing is leased from now on."""
        self._is_closed = True
        while self._idle:
            await self._close(self._idle.pop()[0])

    async def _wait_for_turn(self) -> None:
        self._expect_open()
        if self._turns.locked() and self.waiting_count >= self.waiting_max:
            raise PoolError(f"Cannot lease a connection: {self.waiting_count} wait already, waiting_max is {self.waiting_max}")
        self.waiting_count += 1
        try:
            await asyncio.wait_for(self._turns.acquire(), self.wait_s_max)
        except asyncio.TimeoutError:
            raise PoolError(f"Cannot lease a connection: all {self.size_max} were in use for {self.wait_s_max} s") from None
        finally:
            self.waiting_count -= 1
        if self._is_closed:
            self._turns.release()
            self._expect_open()

    async def _take(self) -> C:
        while self._idle:
            connection, since_s = self._idle.pop()
            if self._clock() - since_s < self.idle_s_max and (self._is_alive is None or await _awaited(self._is_alive(connection))):
                return connection
            await self._close(connection)
        return await self._connect()

    async def _close(self, connection: C) -> None:
        await _awaited(connection.close() if self._disconnect is None else self._disconnect(connection))  # type: ignore[attr-defined]

    def _expect_open(self) -> None:
        if self._is_closed:
            raise PoolError("Cannot lease a connection: the pool is closed")


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value

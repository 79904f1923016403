import asyncio
import pytest
from collections.abc import Awaitable, Callable
from typing import Any
from vilya.connection_pool import ConnectionPool, PoolError


class Peer:
    """Hands out numbered connections, and knows which are open."""

    def __init__(self) -> None:
        self.opened = 0
        self.open: set[int] = set()
        self.now_s = 0.0

    async def connect(self) -> int:
        self.opened += 1
        self.open.add(self.opened)
        return self.opened

    async def disconnect(self, connection: int) -> None:
        self.open.remove(connection)

    def pool(self, **options: Any) -> ConnectionPool[int]:
        return ConnectionPool(self.connect, self.disconnect, clock=lambda: self.now_s, **options)


def run(scene: Callable[[Peer], Awaitable[None]]) -> None:
    async def inside() -> None:
        await scene(Peer())

    asyncio.run(inside())


def test_a_connection_is_used_again() -> None:
    async def scene(peer: Peer) -> None:
        async with peer.pool() as pool:
            for _ in range(3):
                async with pool.lease() as connection:
                    assert (connection, pool.leased_count, pool.idle_count) == (1, 1, 0)
            assert (peer.opened, pool.idle_count) == (1, 1)
        assert peer.open == set()

    run(scene)


def test_no_more_are_open_than_allowed_and_those_who_wait_are_served_in_order() -> None:
    async def scene(peer: Peer) -> None:
        pool = peer.pool(size_max=2)
        order: list[int] = []

        async def work(name: int) -> None:
            async with pool.lease():
                assert len(peer.open) <= 2
                order.append(name)
                await asyncio.sleep(0)

        await asyncio.gather(*(work(name) for name in range(6)))
        assert order == [0, 1, 2, 3, 4, 5]
        assert peer.opened == 2

    run(scene)


def test_waiting_has_an_end_and_so_has_the_row() -> None:
    async def scene(peer: Peer) -> None:
        pool = peer.pool(size_max=1, wait_s_max=0.01, waiting_max=1)
        async with pool.lease():
            first = asyncio.ensure_future(pool.lease().__aenter__())
            await asyncio.sleep(0)
            with pytest.raises(PoolError, match="1 wait already"):
                await pool.lease().__aenter__()
            with pytest.raises(PoolError, match="in use for"):
                await first
        async with pool.lease() as connection:
            assert connection == 1

    run(scene)


def test_after_an_exception_or_a_cancellation_it_is_closed() -> None:
    async def scene(peer: Peer) -> None:
        pool = peer.pool(size_max=1)
        with pytest.raises(KeyError):
            async with pool.lease():
                raise KeyError("x")

        is_leased = asyncio.Event()

        async def hang() -> None:
            async with pool.lease():
                is_leased.set()
                await asyncio.Event().wait()

        hanging = asyncio.ensure_future(hang())
        await is_leased.wait()
        hanging.cancel()
        await asyncio.wait({hanging})
        assert (peer.open, pool.leased_count) == (set(), 0)
        async with pool.lease() as connection:
            assert connection == 3

    run(scene)


def test_old_and_dead_ones_are_replaced() -> None:
    async def scene(peer: Peer) -> None:
        dead: set[int] = set()
        pool = peer.pool(idle_s_max=10, is_alive=lambda connection: connection not in dead)
        async with pool.lease():
            pass
        peer.now_s = 10
        async with pool.lease() as connection:
            assert connection == 2
        dead.add(2)
        async with pool.lease() as connection:
            assert connection == 3
        assert peer.open == {3}

    run(scene)


def test_one_that_cannot_be_opened_takes_no_place() -> None:
    async def refuse() -> int:
        raise ConnectionRefusedError("no")

    async def scene(peer: Peer) -> None:
        pool = ConnectionPool(refuse, size_max=1)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                async with pool.lease():
                    pass
        assert pool.leased_count == 0

    run(scene)


def test_a_closed_pool_leases_nothing_and_takes_back_what_is_out() -> None:
    async def scene(peer: Peer) -> None:
        pool = peer.pool(size_max=1)
        async with pool.lease():
            waiting = asyncio.ensure_future(pool.lease().__aenter__())
            await asyncio.sleep(0)
            await pool.close()
            assert peer.open == {1}
        assert peer.open == set()
        with pytest.raises(PoolError, match="closed"):
            await waiting
        with pytest.raises(PoolError, match="closed"):
            await pool.lease().__aenter__()

    run(scene)


def test_a_pool_has_a_place_at_least() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Peer().pool(size_max=0)

"""Hooks of the application."""

from __future__ import annotations

import asyncio
import pytest
from engine import Engine, in_loop
from messages import START, app_of, body
from typing import Any
from vilya import hooks
from vilya._worker.lifespan import StartError
from vilya.hooks import Hooks

pytestmark = pytest.mark.usefixtures("fresh_hooks")


def test_higher_priorities_come_first_and_equal_ones_in_their_order() -> None:
    marked = Hooks("on_start", may_wait=True)

    @marked
    def second() -> None: ...

    @marked(priority=1)
    def first() -> None: ...

    @marked(priority=-1)
    def last() -> None: ...

    @marked
    async def third() -> None: ...

    assert marked.in_order() == [first, second, third, last]


def test_a_hook_is_called_without_arguments_and_before_the_fork_without_a_loop() -> None:
    async def waits() -> None: ...

    def takes(app: Any) -> None: ...

    with pytest.raises(TypeError, match=r"Cannot use .*waits as before_fork: it is a coroutine function"):
        hooks.before_fork(waits)
    with pytest.raises(TypeError, match=r"Cannot use .*takes as on_start: .* missing a required argument: 'app'"):
        hooks.on_start(takes)  # type: ignore[type-var]
    assert [hooks.before_fork.in_order(), hooks.on_start.in_order()] == [[], []]


@pytest.mark.parametrize("interface", ["asgi", "wsgi"])
@in_loop
async def test_they_run_around_the_lifespan_and_the_last_ones_first_at_the_end(interface: str) -> None:
    events: list[str] = []

    @hooks.on_start
    async def start() -> None:
        await asyncio.sleep(0)
        events.append("start")

    @hooks.on_shutdown
    def stop() -> None:
        events.append("stop")

    @hooks.on_shutdown
    async def stop_first() -> None:
        await asyncio.sleep(0)
        events.append("stop first")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                events.append((await receive())["type"])
                await send({"type": f"lifespan.{phase}.complete"})
            return
        await send(START)
        await send(body())

    def wsgi(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return []

    async with Engine(app if interface == "asgi" else wsgi, interface=interface, lifespan="auto") as engine:
        await engine.answer()
    lifespan = ["lifespan.startup", "lifespan.shutdown"] if interface == "asgi" else []
    assert events == ["start", *lifespan, "stop first", "stop"]


@in_loop
async def test_a_start_hook_that_fails_stops_the_start() -> None:
    events: list[str] = []

    @hooks.on_start
    async def connect() -> None:
        raise OSError("no database")

    @hooks.on_start
    def never() -> None:
        events.append("never")

    with pytest.raises(StartError, match=r"the hook .*connect has failed") as failure:
        async with Engine(app_of(START, body())):
            pass
    assert [events, str(failure.value.__cause__)] == [[], "no database"]


@in_loop
async def test_a_shutdown_hook_that_fails_is_reported_and_the_others_run(capsys: pytest.CaptureFixture[str]) -> None:
    events: list[str] = []

    @hooks.on_shutdown
    def other() -> None:
        events.append("other")

    @hooks.on_shutdown
    def fails() -> None:
        raise ValueError("the last words")

    async with Engine(app_of(START, body())):
        pass
    reported = capsys.readouterr().err
    assert (events, "fails has failed" in reported, "ValueError: the last words" in reported) == (["other"], True, True)

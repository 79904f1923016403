"""Start and end of applications."""

from __future__ import annotations

import asyncio
import pytest
from engine import Engine, in_loop
from typing import Any
from vilya._worker.lifespan import StartError


class Recorder:
    """An application that writes down what it is told, and does at its start what it was made for."""

    def __init__(self, at_start: str = "complete", at_end: str = "complete") -> None:
        self.events: list[str] = []
        self._at_start = at_start
        self._at_end = at_end

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        self.events.append(f"request {scope.get('state')}")
        scope.get("state", {})["changed"] = True
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def _live(self, scope: Any, receive: Any, send: Any) -> None:
        if self._at_start == "raise":
            raise ValueError("no lifespan here")
        self.events.append((await receive())["type"])
        scope["state"]["made"] = "at start"
        if self._at_start == "return":
            return
        await send({"type": f"lifespan.startup.{self._at_start}", "message": "no database"})
        self.events.append((await receive())["type"])
        if self._at_end == "raise":
            raise ValueError("the end has failed")
        await send({"type": f"lifespan.shutdown.{self._at_end}", "message": "a lock is held"})


@in_loop
async def test_an_application_is_started_before_its_worker_and_ended_behind_its_requests() -> None:
    app = Recorder()
    async with Engine(app, lifespan="auto") as engine:
        await engine.answer()
        await engine.answer()
    assert app.events == ["lifespan.startup", "request {'made': 'at start'}", "request {'made': 'at start'}", "lifespan.shutdown"]


@pytest.mark.parametrize("at_start", ["raise", "return"])
@in_loop
async def test_one_without_a_lifespan_serves_and_is_told_nothing_more(at_start: str, capsys: pytest.CaptureFixture[str]) -> None:
    app = Recorder(at_start)
    async with Engine(app, lifespan="auto") as engine:
        assert (await engine.answer())["status"] == 200
    assert [each for each in app.events if each.startswith("request")] == ["request None"]
    assert "lifespan.shutdown" not in app.events
    assert capsys.readouterr().err == ""


@in_loop
async def test_one_whose_lifespan_is_off_is_never_asked() -> None:
    app = Recorder("failed")
    async with Engine(app, lifespan="off") as engine:
        assert (await engine.answer())["status"] == 200
    assert app.events == ["request None"]


@pytest.mark.parametrize(
    ("at_start", "mode", "reason"), [("failed", "auto", "no database"), ("raise", "on", "switched on"), ("return", "on", "switched on")]
)
@in_loop
async def test_a_start_that_has_failed_says_why(at_start: str, mode: str, reason: str) -> None:
    with pytest.raises(StartError, match=reason):
        async with Engine(Recorder(at_start), lifespan=mode):
            pass


@pytest.mark.parametrize(("at_end", "reason"), [("failed", "a lock is held"), ("raise", "the end has failed")])
@in_loop
async def test_an_end_that_has_failed_is_reported(at_end: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with Engine(Recorder(at_end=at_end), lifespan="on"):
        pass
    assert reason in capsys.readouterr().err


@in_loop
async def test_requests_that_still_run_are_cancelled_when_the_time_to_stop_is_over() -> None:
    ends: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})
        try:
            await asyncio.sleep(60)
        finally:
            ends.append("cancelled")

    async with Engine(app, grace_ms=200) as engine:
        await engine.answer()
    assert ends == ["cancelled"]


@in_loop
async def test_a_worker_ends_with_its_engine() -> None:
    app = Recorder()
    engine = Engine(app, lifespan="on")
    async with engine:
        await engine.answer()
        engine.close()
        await engine.worker
    assert app.events[-1] == "lifespan.shutdown"

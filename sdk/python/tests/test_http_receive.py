"""``receive`` of one HTTP request, and clients that leave, against the edges of the ASGI specification."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pytest
from engine import Engine, in_loop
from messages import START, body
from pathlib import Path
from typing import Any


@in_loop
async def test_receive_gives_the_body_then_waits_for_the_end_of_the_response() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(await receive())
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(receive(), 0.01)
            seen.append("came back")
        listening = asyncio.create_task(receive())
        await send(START)
        await send(body())
        seen.append(await listening)
        seen.append(await receive())

    async with Engine(app) as engine:
        await engine.answer(body=b"hello")
    gone = {"type": "http.disconnect"}
    assert seen == [{"type": "http.request", "body": b"hello", "more_body": False}, gone, gone]


@in_loop
async def test_a_ready_message_comes_without_suspending_and_survives_a_cancelled_receive() -> None:
    results: list[Any] = []
    is_read = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        waiting = asyncio.create_task(receive())
        await asyncio.sleep(0)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        engine.send(type="body", id=1, body=b"part")
        engine.send(type="body_end", id=1)
        assert await engine.is_silent()
        for _ in range(2):
            coroutine = receive()
            try:
                coroutine.send(None)
            except StopIteration as result:
                results.append(result.value["body"])
            else:
                coroutine.close()
        is_read.set()
        await send(START)
        await send(body())

    async with Engine(app) as engine:
        engine.request(method="POST", body_stream=True)
        await is_read.wait()
        assert (await engine.frame())["status"] == 200
    assert b"".join(results) == b"part"


@in_loop
async def test_a_streamed_body_is_granted_as_it_is_taken() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        total = 0
        while True:
            message = await receive()
            total += len(message["body"])
            if not message["more_body"]:
                break
        await send(START)
        await send(body(str(total).encode()))

    async with Engine(app) as engine:
        engine.request(method="POST", body_stream=True)
        engine.send(type="body", id=1, body=b"x" * 500)
        assert await engine.frame() == {"type": "credit", "id": 1, "bytes": 500}
        engine.send(type="body", id=1, body=b"x" * 100)
        assert await engine.is_silent()
        engine.send(type="body_end", id=1)
        assert (await engine.frame())["body"] == b"600"


@in_loop
async def test_a_broken_off_body_is_a_disconnect_and_no_end() -> None:
    seen: list[str] = []

    class ClientDisconnect(Exception):
        """What Starlette raises."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            assert message["more_body"]
            seen.append("part")
        seen.append(message["type"])
        raise ClientDisconnect

    async with Engine(app) as engine:
        engine.request(method="POST", body_stream=True)
        engine.send(type="body", id=1, body=b"x")
        assert await engine.is_silent()
        engine.send(type="body_abort", id=1)
        assert (await engine.frame())["status"] == 400
    assert seen == ["part", "http.disconnect"]


@in_loop
async def test_a_body_in_a_file_comes_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(os.urandom(600_000))
    parts: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["more_body"]:
            parts.append(message["body"])
        parts.append(message["body"])
        await send(START)
        await send(body())

    async with Engine(app) as engine:
        await engine.answer(method="POST", body_file=str(path))
    assert b"".join(parts) == path.read_bytes()
    assert len(parts) > 1


@in_loop
async def test_a_file_that_cannot_be_opened_is_the_error_of_its_request(tmp_path: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        await send(body(b"ok"))

    async with Engine(app) as engine:
        assert b"FileNotFoundError" in (await engine.answer(body_file=str(tmp_path / "none")))["error"]
        assert (await engine.answer())["body"] == b"ok"


@in_loop
async def test_who_sends_to_a_client_that_has_left_gets_an_oserror_and_nobody_reports_it(capsys: pytest.CaptureFixture[str]) -> None:
    errors: list[BaseException] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        try:
            await send(START)
        except OSError as error:
            errors.append(error)
            raise

    async with Engine(app) as engine:
        engine.request()
        assert await engine.is_silent()
        engine.send(type="cancel", id=1)
        assert await engine.frame() == {"type": "end", "id": 1}
    assert "the client has left" in str(errors[0])
    assert capsys.readouterr().err == ""


@in_loop
async def test_what_waits_for_room_learns_that_the_client_has_left() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(body(b"x" * 5_000, more=True))

    async with Engine(app) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="cancel", id=1)
        assert await engine.frame() == {"type": "end", "id": 1}


@in_loop
async def test_older_specifications_swallow_what_is_sent_to_nobody() -> None:
    done = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["asgi"]["spec_version"] == "2.3"
        await receive()
        await receive()
        await send(START)
        await send(body(b"x" * 5_000, more=True))
        await send(body())
        done.set()

    async with Engine(app, spec_version="2.3") as engine:
        engine.request()
        assert await engine.is_silent()
        engine.send(type="cancel", id=1)
        assert await engine.frame() == {"type": "end", "id": 1}
        assert done.is_set()


@pytest.mark.parametrize(("grace", "is_cancelled"), [(60.0, False), (0.02, True)])
@in_loop
async def test_an_app_that_goes_on_for_nobody_is_cancelled_after_its_grace(*, grace: float, is_cancelled: bool) -> None:
    ends: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    async with Engine(app, disconnect_grace=grace, grace_ms=200) as engine:
        engine.request()
        assert await engine.is_silent()
        engine.send(type="cancel", id=1)
        if is_cancelled:
            assert await engine.frame() == {"type": "end", "id": 1}
            assert ends == ["cancelled"]
        else:
            assert await engine.is_silent()
            assert ends == []

"""Responses of WSGI applications, as the engine sees them."""

from __future__ import annotations

import asyncio
import io
import pytest
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from engine import App, Engine, in_loop
from typing import Any
from vilya._worker.wsgi_file import PART_BYTES_MIN
from vilya._worker.wsgi_parts import AHEAD_BYTES_MAX


def wsgi(body: Any, *headers: tuple[str, str], status: str = "200 OK") -> App:
    """An application that answers with this, or with what it returns."""

    def app(environ: Any, start_response: Any) -> Any:
        start_response(status, list(headers))
        return body() if callable(body) else body

    return app


def wsgi_engine(app: App) -> Engine:
    return Engine(app, interface="wsgi", stream_credit=10_000_000)


def announce(byte_count: int) -> tuple[str, str]:
    return "Content-Length", str(byte_count)


WRONG = [
    ("a list that is too long", [b"ab"], [announce(1)], "longer than its Content-Length"),
    ("a list that is too short", [b"ab"], [announce(3)], "shorter than its Content-Length"),
    ("an iterator that is too long", iter([b"ab"]), [announce(1)], "longer than its Content-Length"),
    ("nothing, where something is announced", iter([]), [announce(1)], "shorter than its Content-Length"),
    ("parts of str", iter(["ab"]), [], "bytes are needed"),
    ("parts of str that have the length", iter(["ab"]), [announce(2)], "bytes are needed"),
    ("bytes in place of parts", b"ab", [], "bytes-like object"),
]


@pytest.mark.parametrize(("body", "headers", "reason"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
@in_loop
async def test_a_body_that_cannot_be_sent_is_an_error(body: Any, headers: list[tuple[str, str]], reason: str) -> None:
    async with wsgi_engine(wsgi(body, *headers)) as engine:
        frame = await engine.answer()
        assert "status" not in frame
        assert re.search(reason, frame["error"].decode())


@pytest.mark.parametrize(
    ("parts", "reason"), [([b"a", b"bc"], "longer than its"), ([b"a"], "shorter than its")], ids=["too long", "too short"]
)
@in_loop
async def test_a_length_that_turns_out_wrong_behind_the_head_cuts_the_body(parts: list[bytes], reason: str) -> None:
    async with wsgi_engine(wsgi(iter(parts), announce(2))) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="credit", id=1, bytes=1_000)
        assert (await engine.frame())["body"] == b"a"
        end = await engine.frame()
        assert (end["type"], reason in end["error"].decode()) == ("end", True)


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified")])
@in_loop
async def test_a_response_to_head_or_without_a_body_may_announce_any_length(method: str, status: str) -> None:
    async with wsgi_engine(wsgi([], announce(9), status=status)) as engine:
        assert (await engine.answer(method=method))["headers"] == {b"Content-Length": (b"9",)}


@in_loop
async def test_makes_parts_ahead_up_to_a_limit() -> None:
    """What waits is the thread: the parts that nobody has read are bounded."""
    made = 0

    def parts() -> Iterator[bytes]:
        nonlocal made
        for _ in range(100):
            made += 1
            yield b"x" * (AHEAD_BYTES_MAX // 4)

    async with wsgi_engine(wsgi(parts)) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="credit", id=1, bytes=10)
        while (await engine.frame())["type"] != "chunk":
            pass
        assert made <= 5
        engine.send(type="cancel", id=1)
    assert made <= 6


@in_loop
async def test_parts_keep_their_order_and_the_end_comes_behind_them() -> None:
    numbers = [str(number).encode() for number in range(500)]
    async with wsgi_engine(wsgi(iter(numbers))) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="credit", id=1, bytes=100_000)
        received = []
        while (frame := await engine.frame())["type"] == "chunk":
            received.append(frame["body"])
        assert (frame["type"], received) == ("end", numbers)


@in_loop
async def test_a_failure_does_not_overtake_what_was_sent_before_it() -> None:
    def parts() -> Iterator[bytes]:
        yield b"before"
        raise ValueError("in the middle")

    async with wsgi_engine(wsgi(parts)) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="credit", id=1, bytes=1_000)
        assert (await engine.frame())["body"] == b"before"
        assert b"in the middle" in (await engine.frame())["error"]


@in_loop
async def test_nor_does_one_of_an_application_that_writes() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])(b"before")
        raise ValueError("in the middle")

    async with wsgi_engine(app) as engine:
        assert (await engine.answer())["type"] == "head"
        for byte_count, sent in ((2, b"be"), (100, b"fore")):
            engine.send(type="credit", id=1, bytes=byte_count)
            assert (await engine.frame())["body"] == sent
        assert b"in the middle" in (await engine.frame())["error"]


@in_loop
async def test_a_second_head_is_too_late_as_soon_as_a_part_was_made() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        yield b"before"
        try:
            raise ValueError("in the middle")
        except ValueError:
            start_response("500 Sorry", [], sys.exc_info())
        yield b"never sent"

    async with wsgi_engine(app) as engine:
        assert (await engine.answer())["status"] == 200
        engine.send(type="credit", id=1, bytes=1_000)
        assert (await engine.frame())["body"] == b"before"
        assert b"in the middle" in (await engine.frame())["error"]


@pytest.mark.parametrize("error", [StopIteration, GeneratorExit, asyncio.CancelledError, SystemExit], ids=lambda error: error.__name__)
@in_loop
async def test_whatever_is_raised_is_an_answer(error: type[BaseException]) -> None:
    """A future would never be done for some of them."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        raise error

    async with wsgi_engine(app) as engine:
        assert error.__name__.encode() in (await engine.answer())["error"]


@in_loop
async def test_a_client_that_leaves_in_its_upload_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    raised: list[BaseException] = []
    is_reading = threading.Event()

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        is_reading.set()
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            raised.append(error)
            raise
        return []

    async with wsgi_engine(app) as engine:
        engine.request(method="POST", body_stream=True)
        await asyncio.to_thread(is_reading.wait)
        engine.send(type="cancel", id=1)
        assert (await engine.frame())["type"] == "end"
    assert len(raised) == 1
    assert capsys.readouterr().err == ""


@in_loop
async def test_files_are_read_in_large_parts_and_closed() -> None:
    file = io.BytesIO(b"x" * (PART_BYTES_MIN + 1))
    closed = threading.Event()

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        file.close = closed.set  # type: ignore[method-assign]
        return environ["wsgi.file_wrapper"](file, 8_192)

    async with wsgi_engine(app) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="credit", id=1, bytes=1_000_000)
        assert [len((await engine.frame())["body"]) for _ in range(2)] == [PART_BYTES_MIN, 1]
        assert (await engine.frame())["type"] == "end"
    assert closed.is_set()

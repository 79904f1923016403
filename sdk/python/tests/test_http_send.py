"""``send`` of one HTTP request, against the edges of the ASGI specification."""

from __future__ import annotations

import asyncio
import os
import pytest
import re
from engine import Engine, Frame, in_loop
from messages import START, app_of, body
from pathlib import Path
from typing import Any


@in_loop
async def test_a_small_response_is_one_frame() -> None:
    headers = [(b"Content-Type", b"text/plain"), [b"set-cookie", b"a=1"], (b"Set-Cookie", b"b=2")]
    async with Engine(app_of({**START, "status": 201, "headers": (each for each in headers)}, body(memoryview(b"hello")))) as engine:
        frame = await engine.answer()
        assert frame == {
            "id": 1,
            "status": 201,
            "headers": {b"content-type": b"text/plain", b"set-cookie": (b"a=1", b"b=2")},
            "body": b"hello",
        }
        assert await engine.is_silent()


@in_loop
async def test_everything_but_type_and_status_may_be_left_out() -> None:
    async with Engine(app_of(START, {"type": "http.response.body"})) as engine:
        assert await engine.answer() == {"id": 1, "status": 200, "headers": {}, "body": b""}


@in_loop
async def test_a_field_that_should_be_there_once_is_sent_as_often_as_it_was_given() -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-type", b"text/html"), (b"content-length", b"1"), (b"content-length", b"2")]
    async with Engine(app_of({**START, "headers": headers}, body(b"hello"))) as engine:
        frame = await engine.answer()
        assert (frame["status"], frame["headers"][b"content-type"]) == (200, (b"text/plain", b"text/html"))


@in_loop
async def test_a_head_waits_for_the_first_part_except_for_events() -> None:
    go_on = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        kind = b"text/event-stream" if scope["path"] == "/events" else b"text/plain"
        await send({**START, "headers": [(b"content-type", kind)]})
        await go_on.wait()
        await send(body(b"x"))

    async with Engine(app) as engine:
        engine.request("/plain")
        assert await engine.is_silent()
        assert (await engine.answer("/events"))["type"] == "head"
        engine.send(type="credit", id=2, bytes=100)
        go_on.set()
        kinds = sorted([(await engine.frame()).get("type", "whole") for _ in range(3)])
        assert kinds == ["chunk", "end", "whole"]


@in_loop
async def test_send_returns_when_the_engine_has_room_and_others_do_not_wait_for_it() -> None:
    sent: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        for size in (600, 600, 600) if scope["path"] == "/slow" else (1,):
            await send(body(b"x" * size, more=True))
            sent.append(size)
        await send(body())

    async with Engine(app) as engine:
        assert (await engine.answer("/slow"))["type"] == "head"
        assert await engine.is_silent()
        engine.send(type="credit", id=1, bytes=1_000)
        assert [len((await engine.frame())["body"]) for _ in range(2)] == [600, 400]
        assert sent == [600]
        assert (await engine.answer("/fast"))["type"] == "head"
        engine.send(type="credit", id=2, bytes=1_000)
        assert [(await engine.frame())["type"] for _ in range(2)] == ["chunk", "end"]
        engine.send(type="credit", id=1, bytes=1_000)
        assert [len((await engine.frame())["body"]) for _ in range(2)] == [200, 600]
        assert (await engine.frame())["type"] == "end"


@in_loop
async def test_parts_of_two_tasks_keep_their_order() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await asyncio.gather(*(send(body(letter * 700, more=True)) for letter in (b"a", b"b")))
        await send(body())

    async with Engine(app) as engine:
        await engine.answer()
        received = b""
        while (frame := await granted(engine, 300)).get("type") == "chunk":
            received += frame["body"]
        assert received == b"a" * 700 + b"b" * 700


async def granted(engine: Engine, byte_count: int) -> Frame:
    engine.send(type="credit", id=1, bytes=byte_count)
    return await engine.frame()


@in_loop
async def test_work_behind_the_response_goes_on_and_its_failure_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    go_on = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(body())
        await go_on.wait()
        raise ValueError("too late")

    async with Engine(app) as engine:
        assert (await engine.answer())["status"] == 200
        assert (await engine.answer())["status"] == 200
        go_on.set()
        assert await engine.is_silent()
    assert capsys.readouterr().err.count("ValueError: too late") == 2


WRONG: list[tuple[str, list[Any], str]] = [
    ("nothing", [], "returned without a response"),
    ("only a start", [START], "before its response was complete"),
    ("a body first", [body(b"x")], "http.response.start is expected"),
    ("two starts", [START, START], "http.response.body is expected"),
    ("an interim status", [{**START, "status": 100}], "200 to 999 is allowed"),
    ("a status of text", [{**START, "status": "200"}], "200 to 999 is allowed"),
    ("a header of str", [{**START, "headers": [("a", "b")]}], "bytes are needed"),
    ("a body of str", [START, body("text")], "bytes are needed"),
    ("a body that is too long", [{**START, "headers": [(b"content-length", b"1")]}, body(b"xx")], "longer than its Content-Length"),
    ("a body that is too short", [{**START, "headers": [(b"content-length", b"3")]}, body(b"xx")], "shorter than its Content-Length"),
    ("a file that is not there", [START, {"type": "http.response.pathsend", "path": "/nowhere/file"}], "FileNotFoundError"),
    ("another kind", [{"type": "http.response.wrong"}], "http.response.start is expected"),
]


@pytest.mark.parametrize(("messages", "reason"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
@in_loop
async def test_what_cannot_be_a_response_is_an_error(messages: list[Any], reason: str) -> None:
    async with Engine(app_of(*messages)) as engine:
        frame = await engine.answer()
        assert "status" not in frame
        assert re.search(reason, frame["error"].decode())


TOO_LARGE = b"x" * (10 << 20)


@pytest.mark.parametrize(
    "messages",
    [
        [{**START, "headers": [(b"a", TOO_LARGE)]}, body(b"x")],
        [{**START, "headers": [(b"a", TOO_LARGE)]}, body(b"x", more=True)],
        [{"type": "http.response.early_hint", "links": [TOO_LARGE]}],
    ],
    ids=["head and body", "head", "hint"],
)
@in_loop
async def test_what_no_frame_holds_is_the_error_of_its_request(messages: list[Any]) -> None:
    async with Engine(app_of(*messages)) as engine:
        assert b"FrameTooLargeError" in (await engine.answer())["error"]
        assert await engine.is_silent()


@in_loop
async def test_trailers_that_no_frame_holds_cut_the_body() -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"x-sum", TOO_LARGE)]}
    async with Engine(app_of({**START, "trailers": True}, body(b"x"), trailers)) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="credit", id=1, bytes=1_000)
        assert (await engine.frame())["type"] == "chunk"
        assert b"FrameTooLargeError" in (await engine.frame())["error"]


class NoException(BaseException):
    """Timeouts of some libraries are of this kind."""


@pytest.mark.parametrize("error", [ValueError("half \ud800 of a character"), NoException(), KeyboardInterrupt(), GeneratorExit()], ids=repr)
@in_loop
async def test_no_error_of_a_request_ends_the_worker(error: BaseException) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise error

    async with Engine(app) as engine:
        for _ in range(2):
            assert type(error).__name__ in (await engine.answer())["error"].decode()


@in_loop
async def test_an_error_behind_the_head_ends_the_body_with_it() -> None:
    async with Engine(app_of(START, body(b"x", more=True), body("text"))) as engine:
        assert (await engine.answer())["type"] == "head"
        engine.send(type="credit", id=1, bytes=1_000)
        assert (await engine.frame())["type"] == "chunk"
        end = await engine.frame()
        assert (end["type"], b"bytes are needed" in end["error"]) == ("end", True)


@in_loop
async def test_a_response_to_head_or_without_a_body_may_announce_any_length() -> None:
    async with Engine(app_of({**START, "headers": [(b"content-length", b"9")]}, body())) as engine:
        assert (await engine.answer(method="HEAD"))["headers"] == {b"content-length": b"9"}


@in_loop
async def test_sends_files_by_their_paths(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1_500)
    async with Engine(app_of(START, {"type": "http.response.pathsend", "path": str(path)})) as engine:
        assert (await engine.answer())["type"] == "head"
        received = 0
        while (frame := await granted(engine, 1_000))["type"] == "chunk":
            received += len(frame["body"])
        assert received == 1_500


@in_loop
async def test_a_pipe_is_no_file_and_does_not_hold_the_loop(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    async with Engine(app_of(START, {"type": "http.response.pathsend", "path": str(path)})) as engine:
        assert b"no plain file" in (await engine.answer())["error"]


@in_loop
async def test_a_file_is_not_read_for_who_wants_its_head_only(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1_500)
    async with Engine(app_of(START, {"type": "http.response.pathsend", "path": str(path)})) as engine:
        assert (await engine.answer(method="HEAD"))["type"] == "head"
        engine.send(type="credit", id=1, bytes=10_000)
        assert (await engine.frame())["type"] == "end"


@in_loop
async def test_sends_early_hints_before_and_behind_the_start() -> None:
    def hint(link: bytes) -> dict[str, Any]:
        return {"type": "http.response.early_hint", "links": [link]}

    async with Engine(app_of(hint(b"<a>"), START, hint(b"<b>"), body())) as engine:
        assert await engine.answer() == {"type": "interim", "id": 1, "status": 103, "headers": {b"link": (b"<a>",)}}
        assert (await engine.frame())["headers"] == {b"link": (b"<b>",)}
        assert (await engine.frame())["status"] == 200


@in_loop
async def test_sends_trailers_to_clients_that_take_them() -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"X-Sum", b"1")]}
    announced: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        announced.append("http.response.trailers" in scope["extensions"])
        await app_of({**START, "trailers": True}, body(b"x"), {**trailers, "more_trailers": True}, trailers)(scope, receive, send)

    async with Engine(app) as engine:
        assert (await engine.answer(headers={"Te": ["gzip, Trailers"]}))["type"] == "head"
        engine.send(type="credit", id=1, bytes=10)
        assert (await engine.frame())["body"] == b"x"
        assert await engine.frame() == {"type": "end", "id": 1, "trailers": {b"x-sum": (b"1", b"1")}}
        engine.request(headers={"Te": ["trailersx"]})
        engine.send(type="cancel", id=2)
        while (await engine.frame()).get("type") != "end":
            pass
    assert announced == [True, False]


@in_loop
async def test_frames_for_requests_that_have_ended_are_skipped() -> None:
    async with Engine(app_of(START, body())) as engine:
        await engine.answer()
        engine.send(type="credit", id=1, bytes=10)
        engine.send(type="cancel", id=1)
        engine.send(type="of a later level", id=1)
        engine.send(type="of a later level")
        assert await engine.is_silent()

"""The connection to the engine."""

from __future__ import annotations

import asyncio
import pytest
import struct
from engine import Engine, in_loop
from messages import START, app_of, body
from typing import Any
from vilya._worker import engine_link, messagepack
from vilya._worker.engine_link import ProtocolError
from vilya._worker.messagepack import MessagePackError

FLOOD_BYTES = 20_000_000


@in_loop
async def test_a_small_answer_does_not_wait_for_the_downloads_of_others() -> None:
    is_flooding = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/small":
            await app_of(START, body(b"small"))(scope, receive, send)
            return
        await send(START)
        await send(body(b"x" * FLOOD_BYTES, more=True))
        is_flooding.set()
        await send(body())

    async with Engine(app) as engine:
        assert (await engine.answer("/flood"))["type"] == "head"
        engine.send(type="credit", id=1, bytes=FLOOD_BYTES + 1)
        await is_flooding.wait()
        engine.request("/small")
        before = after = 0
        while (frame := await engine.frame()).get("type") == "chunk":
            before += len(frame["body"])
        assert frame["body"] == b"small"
        while (frame := await engine.frame()).get("type") == "chunk":
            after += len(frame["body"])
        assert frame == {"type": "end", "id": 1}
    assert before + after == FLOOD_BYTES
    assert before < FLOOD_BYTES / 4


@in_loop
async def test_answers_leave_while_what_came_with_their_requests_is_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    writes: list[bytes] = []

    class Transport(asyncio.Transport):
        def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
            pass

        def write(self, data: Any) -> None:
            writes.append(data)

    def work(frame: Any) -> None:
        nonlocal now
        now += engine_link.WAIT_MAX_SECONDS * 0.6
        link.send({"n": frame[b"n"]})

    monkeypatch.setattr(engine_link, "perf_counter", lambda: now)
    monkeypatch.setenv("VILYA_WORKER_LEVEL", "2")
    link = engine_link.EngineLink({}, work, lambda error: None)
    link.connection_made(Transport())
    link.data_received(engine_link.HANDSHAKE)
    writes.clear()
    link.data_received(b"".join(struct.pack(">I", 4) + messagepack.pack({"n": n}) for n in range(5)))
    assert [data.count(b"\xa1n") for data in writes] == [2, 2, 1]


@in_loop
async def test_frames_arrive_however_they_are_cut() -> None:
    async with Engine(app_of(START, body(b"x"))) as engine:
        frames = b"".join(struct.pack(">I", len(each)) + each for each in (messagepack.pack({"type": "ping", "n": n}) for n in range(3)))
        for at in range(len(frames)):
            engine.write_raw(frames[at : at + 1])
            await asyncio.sleep(0)
        assert [(await engine.frame())["n"] for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"\0\0\0\0", ProtocolError),
        (b"\xff\xff\xff\xff", ProtocolError),
        (b"\0\0\0\x01\xc0", MessagePackError),
        (b"\0\0\0\x01\xc1", MessagePackError),
        (b"\0\0\0\x02\x80\x80", MessagePackError),
    ],
)
@in_loop
async def test_what_is_no_frame_ends_the_worker(sent: bytes, error: type[Exception]) -> None:
    engine = Engine(app_of())
    with pytest.raises(error, match="Cannot read a frame"):
        async with engine:
            engine.write_raw(sent)
            await engine.worker

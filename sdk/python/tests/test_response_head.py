"""Heads that are made once and sent often."""

from __future__ import annotations

import pytest
from engine import Engine, in_loop
from typing import Any
from vilya._worker import messagepack, response_head
from vilya._worker.response_head import KEPT_BYTES_MAX, KEPT_COUNT_MAX, head_of

TEXT = [(b"Content-Type", b"text/plain")]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    response_head._kept.clear()


def test_the_same_head_is_made_once() -> None:
    assert head_of(200, iter(TEXT)) is head_of(200, tuple(TEXT))
    assert head_of(200, TEXT) is not head_of(201, TEXT)
    assert head_of(200, TEXT).fields == {b"content-type": b"text/plain"}


def test_it_is_what_stands_in_the_frame_before_the_body() -> None:
    head = head_of(404, TEXT)
    assert messagepack.unpack(b"\x83" + head.encoded + b"\xc4\x00") == {
        b"status": 404,
        b"headers": {b"content-type": b"text/plain"},
        b"body": b"",
    }


@pytest.mark.parametrize(
    "headers",
    [
        [(b"set-cookie", b"secret")],
        [(b"x-long", b"x" * KEPT_BYTES_MAX)],
        [[b"content-type", b"text/plain"]],
    ],
    ids=["cookies", "long ones", "lists"],
)
def test_what_is_not_kept(headers: Any) -> None:
    assert head_of(200, headers).fields == {headers[0][0]: headers[0][1]}
    assert not response_head._kept


def test_no_more_are_kept_than_allowed() -> None:
    for number in range(KEPT_COUNT_MAX + 1):
        head_of(200, [(b"x-number", b"%d" % number)])
        assert len(response_head._kept) <= KEPT_COUNT_MAX
    assert len(response_head._kept) == 1


@pytest.mark.parametrize("status", [199, 1000, "200", None, 200.0])
def test_a_status_that_is_none_is_refused(status: Any) -> None:
    head_of(200, TEXT)
    with pytest.raises(RuntimeError, match="200 to 999"):
        head_of(status, TEXT)


def test_text_is_refused_as_often_as_it_comes() -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="bytes are needed"):
            head_of(200, [("content-type", "text/plain")])


@pytest.mark.parametrize("length", [0, 1, 255, 256, 65_535, 65_536])
@in_loop
async def test_bodies_of_any_length_follow_it(length: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": TEXT})
        await send({"type": "http.response.body", "body": bytearray(b"x" * length)})

    async with Engine(app) as engine:
        frame = await engine.answer()
        assert frame == {"id": 1, "status": 200, "headers": {b"content-type": b"text/plain"}, "body": b"x" * length}

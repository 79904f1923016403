import asyncio
import pytest
from collections.abc import AsyncIterator, Iterator
from typing import Any
from vilya import App, EventSourceResponse, Request, Response, Route, ServerSentEvent
from vilya.event_source import render_event
from vilya.testing import TestClient


@pytest.mark.parametrize(
    ("event", "rendered"),
    [
        ("a", b"data: a\n\n"),
        (b"a", b"data: a\n\n"),
        ("a\nb\r\nc\rd", b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        # Line ends of Unicode are none of the format's.
        ("a\u2028b\x0bc", "data: a\u2028b\x0bc\n\n".encode()),
        ("", b"data: \n\n"),
        (" a", b"data:  a\n\n"),
        ({"data": {"a": 1}, "event": "e", "id": "7", "retry_ms": 100}, b'event: e\nid: 7\nretry: 100\ndata: {"a":1}\n\n'),
        (ServerSentEvent(comment="c\nd"), b": c\n: d\n\n"),
        (ServerSentEvent(0), b"data: 0\n\n"),
    ],
)
def test_renders(event: Any, rendered: bytes) -> None:
    assert render_event(event) == rendered


@pytest.mark.parametrize("fields", [{"event": "a\nb"}, {"id": "a\rb"}, {"id": "a\0b"}])
def test_refuses_line_breaks_where_they_would_make_fields(fields: Any) -> None:
    with pytest.raises(ValueError, match="line break"):
        ServerSentEvent("x", **fields)


def test_streams_events() -> None:
    def events() -> Iterator[Any]:
        yield "one"
        yield {"data": 2}

    got = TestClient(EventSourceResponse(events())).get("/")
    assert got.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert got.headers["cache-control"] == "no-store"
    assert got.content == b": open\n\ndata: one\n\ndata: 2\n\n"


def test_a_client_that_comes_back_says_what_it_has_seen() -> None:
    async def handler(request: Request) -> Response:
        first = int(request.headers.get("last-event-id", "0")) + 1
        return EventSourceResponse([ServerSentEvent(str(first), id=str(first))])

    client = TestClient(App([Route("/", handler)]))
    assert b"id: 8" in client.get("/", headers={"last-event-id": "7"}).content


def test_pings_while_nothing_happens() -> None:
    async def silent() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield "never"

    async def handler(request: Request) -> Response:
        return EventSourceResponse(silent(), ping_interval_s=0.001)

    with TestClient(App([Route("/", handler)])).stream("GET", "/") as response:
        parts = response.iter_bytes()
        assert [next(parts) for _ in range(3)] == [b": open\n\n", b": ping\n\n", b": ping\n\n"]


def test_a_ping_that_finds_the_client_gone_ends_the_stream() -> None:
    closed = asyncio.Event()

    async def silent() -> AsyncIterator[str]:
        try:
            await asyncio.Event().wait()
            yield "never"
        finally:
            closed.set()

    async def handler(request: Request) -> Response:
        return EventSourceResponse(silent(), ping_interval_s=0.001)

    async def run() -> None:
        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if message.get("body") == b": ping\n\n":
                raise ConnectionResetError()

        scope = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "GET", "path": "/", "headers": []}
        await App([Route("/", handler)])(scope, receive, send)
        assert closed.is_set()

    asyncio.run(run())


def test_a_client_that_leaves_while_nothing_is_sent_is_noticed() -> None:
    closed: list[bool] = []

    async def silent() -> AsyncIterator[str]:
        try:
            await asyncio.Event().wait()
            yield "never"
        finally:
            closed.append(True)

    async def handler(request: Request) -> Response:
        return EventSourceResponse(silent(), ping_interval_s=0)

    with TestClient(App([Route("/", handler)])).stream("GET", "/") as response:
        assert next(response.iter_bytes()) == b": open\n\n"
    assert closed == [True]

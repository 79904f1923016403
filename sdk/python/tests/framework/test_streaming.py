import asyncio
import pytest
from collections.abc import AsyncIterator, Iterator
from typing import Any
from vilya import App, BackgroundTask, PlainTextResponse, Request, Response, Route, StreamingResponse
from vilya.testing import TestClient


def scope_of(spec_version: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
    }


def test_sends_parts_as_they_are_made() -> None:
    async def parts() -> AsyncIterator[str | bytes]:
        yield "é"
        yield b"x"

    async def handler(request: Request) -> Response:
        return StreamingResponse(parts(), media_type="text/plain", headers={"x-a": "1"})

    with TestClient(App([Route("/", handler)])).stream("GET", "/") as response:
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert "content-length" not in response.headers
        assert list(response.iter_bytes()) == ["é".encode(), b"x"]
        assert response.is_complete


def test_a_blocking_iterable_runs_in_a_thread() -> None:
    import threading

    names: set[str] = set()

    def parts() -> Iterator[bytes]:
        names.add(threading.current_thread().name)
        yield b"a"
        yield b"b"

    assert TestClient(StreamingResponse(parts())).get("/").content == b"ab"
    assert all(name.startswith("vilya-handler") for name in names)


def test_the_iterable_is_closed_when_the_client_leaves() -> None:
    closed: list[str] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            closed.append("closed")

    async def handler(request: Request) -> Response:
        return StreamingResponse(endless(), background=BackgroundTask(closed.append, "background"))

    with TestClient(App([Route("/", handler)])).stream("GET", "/") as response:
        assert next(response.iter_bytes()) == b"x" * 1000
    assert closed == ["closed"]


def test_under_an_older_server_leaving_is_heard_on_the_receiving_side() -> None:
    closed: list[str] = []

    async def silent() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    async def run() -> list[Any]:
        sent: list[Any] = []
        begun = asyncio.Event()

        async def receive() -> Any:
            await begun.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)
            if message.get("body"):
                begun.set()

        app = App()
        app.add_route("/", StreamingResponse(silent()))
        await app(scope_of("2.3"), receive, send)
        return sent

    assert [message["type"] for message in asyncio.run(run())] == ["http.response.start", "http.response.body"]
    assert closed == ["closed"]


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
def test_a_body_may_be_streamed_through(spec_version: str) -> None:
    async def handler(request: Request) -> Response:
        return StreamingResponse(request.stream())

    async def run() -> bytes:
        received = iter([(b"a", True), (b"b", True), (b"c", False)])
        sent: list[bytes] = []

        async def receive() -> Any:
            body, more = next(received)
            return {"type": "http.request", "body": body, "more_body": more}

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        await App([Route("/", handler)])(scope_of(spec_version), receive, send)
        return b"".join(sent)

    assert asyncio.run(run()) == b"abc"


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
def test_an_iterable_that_raises_leaves_the_response_unfinished(spec_version: str) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        raise OSError("the disk, not the client")

    async def run() -> list[Any]:
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        app = App()
        app.add_route("/", StreamingResponse(parts()))
        with pytest.raises(OSError, match="the disk"):
            await app(scope_of(spec_version), receive, send)
        return sent

    assert asyncio.run(run())[-1] == {"type": "http.response.body", "body": b"a", "more_body": True}


def test_a_slow_client_slows_the_iterable_down() -> None:
    async def run() -> int:
        made = 0

        async def parts() -> AsyncIterator[bytes]:
            nonlocal made
            while True:
                made += 1
                yield b"x"

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

        work = asyncio.ensure_future(StreamingResponse(parts())(scope_of("2.4"), receive, send))
        for _ in range(20):
            await asyncio.sleep(0)
        work.cancel()
        await asyncio.wait({work})
        return made

    assert asyncio.run(run()) == 1


def test_a_head_of_an_endless_stream_has_an_end() -> None:
    begun: list[bool] = []

    async def endless() -> AsyncIterator[bytes]:
        begun.append(True)
        while True:
            yield b"x"

    async def handler(request: Request) -> Response:
        return StreamingResponse(endless(), media_type="text/csv")

    got = TestClient(App([Route("/", handler)])).head("/")
    assert (got.status_code, got.headers["content-type"], begun) == (200, "text/csv; charset=utf-8", [])


def test_a_plain_response_has_no_stream() -> None:
    assert TestClient(PlainTextResponse("x")).get("/").is_complete

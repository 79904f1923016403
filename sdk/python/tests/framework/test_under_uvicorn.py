"""The framework under another server, over real sockets."""

import asyncio
import json
import pytest
import socket
import threading
import uvicorn
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from vilya import (
    App,
    EventSourceResponse,
    FileResponse,
    JSONResponse,
    Request,
    Response,
    StreamingResponse,
    SyncRequest,
    WebSocket,
)
from websockets.sync.client import connect

#: How long a machine may stall.
PATIENCE_S = 60

CLOSED = threading.Event()
STOPPED = threading.Event()


def make_app() -> App:
    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[dict[str, str]]:
        yield {"greeting": "hello"}
        STOPPED.set()

    app = App(lifespan=lifespan)

    @app.get("/json/{id:int}")
    async def as_json(request: Request) -> Response:
        return JSONResponse([request.state.greeting, request.path_params, request.query_params.getlist("q")])

    @app.post("/echo")
    async def echo(request: Request) -> Response:
        return StreamingResponse(request.stream())

    @app.post("/sync")
    def from_thread(request: SyncRequest) -> Any:
        return [upload.size for upload in request.form().uploads()]

    @app.get("/endless")
    async def endless(request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 100
                    await asyncio.sleep(0.001)
            finally:
                CLOSED.set()

        return StreamingResponse(parts())

    @app.get("/events")
    async def events(request: Request) -> Response:
        return EventSourceResponse(["one", "two"])

    @app.get("/file")
    async def file(request: Request) -> Response:
        return FileResponse(Path(__file__))

    @app.get("/fails")
    async def fails(request: Request) -> Response:
        raise KeyError("expected by the test")

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        await websocket.accept(websocket.subprotocols[0])
        async for text in websocket.iter_text():
            await websocket.send_text(text[::-1])

    return app


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(), log_level="critical", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(PATIENCE_S)
    assert STOPPED.is_set()


def ask(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read(), {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()


def test_answers(port: int) -> None:
    status, body, headers = ask(port, "GET", "/json/7?q=1&q=%C3%A9")
    assert (status, json.loads(body)) == (200, ["hello", {"id": 7}, ["1", "é"]])
    assert headers["content-type"] == "application/json"
    assert ask(port, "HEAD", "/json/7")[:2] == (200, b"")
    assert ask(port, "GET", "/json/x")[0] == 404
    assert ask(port, "DELETE", "/json/7")[2]["allow"] == "GET, HEAD, OPTIONS"
    assert ask(port, "GET", "/fails")[:2] == (500, b"Internal Server Error")


def test_streams_both_ways(port: int) -> None:
    content = b"0123456789" * 5_000
    assert ask(port, "POST", "/echo", iter([content[:20_000], content[20_000:]]))[1] == content
    assert ask(port, "GET", "/events")[1] == b": open\n\ndata: one\n\ndata: two\n\n"


def test_reads_uploads_in_a_thread(port: int) -> None:
    part = b'--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--B--\r\n"
    assert ask(port, "POST", "/sync", part, {"content-type": "multipart/form-data; boundary=B"})[1] == b"[3000000]"


def test_sends_files_and_ranges(port: int) -> None:
    content = Path(__file__).read_bytes()
    assert ask(port, "GET", "/file")[1] == content
    assert ask(port, "GET", "/file", headers={"range": "bytes=3-9"})[:2] == (206, content[3:10])


def test_hears_that_a_client_left(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(10)
    assert CLOSED.wait(PATIENCE_S)


def test_speaks_websocket(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/ws", subprotocols=["a", "b"], open_timeout=PATIENCE_S) as client:  # type: ignore[list-item]
        assert client.subprotocol == "a"
        client.send("abc")
        assert client.recv(timeout=PATIENCE_S) == "cba"

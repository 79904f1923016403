"""The engine's side of a worker's connection, for tests: a real socket, and frames as dicts with names for keys."""

from __future__ import annotations

import asyncio
import functools
import pytest
import struct
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any
from vilya._worker import messagepack
from vilya._worker.engine_link import HANDSHAKE
from vilya._worker.worker import Worker, WorkerOptions

Frame = dict[str, Any]
App = Callable[..., Any]

#: Nothing that is tested takes longer, in seconds, on machines that stall.
_PATIENCE = 20.0
_FEATURES = ("stream", "ping", "request_stream", "body_file", "uploads", "websocket_session", "connection", "trailers")


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs a test that is a coroutine function in a loop of its own."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **named), _PATIENCE * 2))

    return run


class Engine:
    """Serves one worker: ``async with Engine(app) as engine``. Leaving asks the worker to stop and waits for its end."""

    def __init__(
        self, app: App, *, features: tuple[str, ...] = _FEATURES, stream_credit: int = 1_000, grace_ms: int = 20_000, **options: Any
    ) -> None:
        self.hello: Frame = {}
        self._options = {"interface": "asgi", "sdk": "test", "lifespan": "off", **options}
        self._app = app
        self._welcome = {"type": "welcome", "level": 2, "frame_bytes_max": 10 << 20, "stream_credit": stream_credit, "concurrency": 100}
        self._features = features
        self._grace_ms = grace_ms
        self._next_id = 0
        self._folder = tempfile.TemporaryDirectory(prefix="vilya-engine-")

    async def __aenter__(self) -> Engine:
        path = Path(self._folder.name) / "worker.sock"
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.get_running_loop().create_future()

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connected.set_result((reader, writer))

        self._server = await asyncio.start_unix_server(connect, path)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("VILYA_WORKER_LEVEL", "2")
            self.worker = asyncio.create_task(Worker(WorkerOptions(app=self._app, socket_path=str(path), **self._options)).run())
            either: list[asyncio.Future[Any]] = [self.worker, connected]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not connected.done():
                await self._close()
                await self.worker
            self._reader, self._writer = await connected
            self._writer.write(HANDSHAKE)
            assert await self._reader.readexactly(2) == b"OK"
        self.hello = await self.frame()
        self.send(**self._welcome, features=list(self._features))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.send(type="stop", grace_ms=self._grace_ms)
        try:
            await asyncio.wait_for(self.worker, _PATIENCE)
        finally:
            await self._close()

    def send(self, **frame: Any) -> None:
        self.write(messagepack.pack(frame))

    def write(self, payload: bytes) -> None:
        self.write_raw(struct.pack(">I", len(payload)) + payload)

    def write_raw(self, content: bytes) -> None:
        """Writes bytes without a frame around them."""
        self._writer.write(content)

    def close(self) -> None:
        """The engine is gone."""
        self._writer.close()

    def request(self, path: str = "/", *, headers: dict[str, list[str]] | None = None, body: bytes = b"", **more: Any) -> int:
        """Sends a request; returns its id."""
        self._next_id += 1
        standard = {
            "id": self._next_id,
            "worker_id": 1,
            "timeout_ms": 1_000,
            "runtime_version": "0",
            "method": "GET",
            "uri": path,
            "path": path.partition("?")[0],
            "query": path.partition("?")[2],
            "headers": {"Host": ["a"]} if headers is None else headers,
            "remote_addr": "192.0.2.1:50000",
            "host": "a",
            "scheme": "http",
            "body": body,
        }
        self.send(**{**standard, **more})
        return self._next_id

    async def frame(self) -> Frame:
        """The next frame of the worker; names are text, everything else is as it came."""
        (length,) = struct.unpack(">I", await asyncio.wait_for(self._reader.readexactly(4), _PATIENCE))
        value = messagepack.unpack(await self._reader.readexactly(length))
        return {key.decode(): item.decode() if key == b"type" else item for key, item in value.items()}

    async def answer(self, path: str = "/", **more: Any) -> Frame:
        """Sends a request and returns the first frame that answers it."""
        request_id = self.request(path, **more)
        frame = await self.frame()
        assert frame["id"] == request_id
        return frame

    async def is_silent(self) -> bool:
        """Whether the worker has said nothing by the time that it answers a ping."""
        self.send(type="ping", n=7)
        return (await self.frame()).get("type") == "pong"

    async def _close(self) -> None:
        if hasattr(self, "_writer"):
            self._writer.close()
        self._server.close()
        self._folder.cleanup()

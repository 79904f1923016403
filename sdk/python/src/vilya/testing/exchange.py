"""One request and its response, seen from the side of a server that takes ASGI by the letter."""

from __future__ import annotations

import asyncio
from ..types import ASGIApp, Message, Scope
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Parts of a response that may wait for the test to read them; the application's next `send` waits then.
PARTS_MAX = 64


class ClientGone(OSError):
    """What `send` raises once the test has closed a response (ASGI 2.4)."""


class Exchange:
    """Runs an application for one request. The response is read part by part; None ends it."""

    def __init__(self, app: ASGIApp, scope: Scope, body: Iterable[bytes]) -> None:
        self.status_code = 0
        self.raw_headers: list[tuple[bytes, bytes]] = []
        # Whether the application sent the end of its response.
        self.is_complete = False
        self._scope = scope
        self._body = iter([*body])
        self._next_part: bytes | None = next(self._body, b"")
        self._is_body_sent = False
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue(PARTS_MAX)
        self._head = asyncio.Event()
        self._is_gone = asyncio.Event()
        self._task = asyncio.ensure_future(self._run(app))

    async def start(self) -> BaseException | None:
        """Waits for the head of the response, or for the end of the application. Returns what it raised, if it has."""
        started = asyncio.ensure_future(self._head.wait())
        await asyncio.wait({self._task, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        return self._task.exception() if self._task.done() else None

    async def read(self) -> bytes | None:
        """The next part."""
        return await self._parts.get()

    async def finish(self) -> BaseException | None:
        """Waits for the application, background tasks included. Returns what it raised."""
        await asyncio.wait({self._task})
        return self._task.exception()

    async def leave(self) -> BaseException | None:
        """Goes away as a client does, and waits for the application."""
        self._is_gone.set()
        while not self._parts.empty():
            self._parts.get_nowait()
        error = await self.finish()
        return None if isinstance(error, ClientGone) else error

    async def _run(self, app: ASGIApp) -> None:
        try:
            await app(self._scope, self._receive, self._send)
        finally:
            if not self.is_complete and not self._is_gone.is_set():
                await self._parts.put(None)

    async def _receive(self) -> Message:
        if self._is_gone.is_set():
            return {"type": "http.disconnect"}
        if not self._is_body_sent:
            part, self._next_part = self._next_part, next(self._body, None)
            self._is_body_sent = self._next_part is None
            return {"type": "http.request", "body": part, "more_body": not self._is_body_sent}
        await self._is_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._is_gone.is_set() and not self.is_complete:
            raise ClientGone("the client has left")
        kind = message["type"]
        if kind == "http.response.start":
            self._begin(message)
        elif kind in ("http.response.body", "http.response.pathsend"):
            await self._take_body(message)
        elif kind not in ("http.response.early_hint", "http.response.trailers", "http.response.debug"):
            raise RuntimeError(f"Cannot send {kind!r}: an HTTP response is expected")

    def _begin(self, message: Message) -> None:
        if self.status_code:
            raise RuntimeError("Cannot start a response: it was started already")
        self.status_code = message["status"]
        self.raw_headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]

    async def _take_body(self, message: Message) -> None:
        if not self.status_code:
            raise RuntimeError("Cannot send a body: the response was not started")
        if self.is_complete:
            raise RuntimeError("Cannot send a body: the response is complete")
        self._head.set()
        part = await asyncio.to_thread(Path(message["path"]).read_bytes) if "path" in message else message.get("body", b"")
        if part and self._scope["method"] != "HEAD":
            await self._parts.put(bytes(part))
        if not message.get("more_body", False):
            self.is_complete = True
            await self._parts.put(None)
            self._is_gone.set()


def new_scope(kind: str, **values: Any) -> Scope:
    """A scope with what every kind has."""
    return {"type": kind, "asgi": {"version": "3.0", "spec_version": "2.4"}, **values}

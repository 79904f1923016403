"""A WebSocket of a test."""

from __future__ import annotations

import asyncio
import json
from ..exceptions import WebSocketDisconnect
from ..headers import Headers
from ..types import ASGIApp, Message, Scope
from .loop_thread import LoopThread
from typing import Any


class WebSocketDenied(Exception):
    """The application refused the WebSocket, with a response of its own or a plain 403."""

    def __init__(self, status_code: int, headers: Headers, body: bytes, close_code: int) -> None:
        super().__init__(status_code, body)
        self.status_code = status_code
        self.headers = headers
        self.body = body
        self.close_code = close_code


class WebSocketSession:
    """A WebSocket, open inside `with`. Entering raises WebSocketDenied; receiving its end raises WebSocketDisconnect."""

    def __init__(self, app: ASGIApp, scope: Scope, loop: LoopThread) -> None:
        self.accepted_subprotocol: str | None = None
        self.headers = Headers()
        self._app = app
        self._scope = scope
        self._loop = loop
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def __enter__(self) -> WebSocketSession:
        self._loop.run(self._start())
        try:
            message = self._next()
            if message["type"] != "websocket.accept":
                raise self._denial(message)
        except BaseException:
            self._loop.run(self._end())
            raise
        self.accepted_subprotocol = message.get("subprotocol")
        self.headers = Headers(raw=message.get("headers", ()))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close()
        error = self._loop.run(self._end())
        if error is not None and kind is None:
            raise error

    def send_text(self, text: str) -> None:
        """Sends a message to the application."""
        self.send({"type": "websocket.receive", "text": text})

    def send_bytes(self, content: bytes) -> None:
        """Sends a message to the application."""
        self.send({"type": "websocket.receive", "bytes": content})

    def send_json(self, value: Any) -> None:
        """Sends a value to the application, as JSON in a text."""
        self.send_text(json.dumps(value))

    def send(self, message: Message) -> None:
        """Gives the application an ASGI message."""
        self._loop.run(self._to_app.put(message))

    def receive(self) -> Message:
        """The next ASGI message of the application. Raises WebSocketDisconnect where it closed, and what it raised."""
        message = self._next()
        if message["type"] == "websocket.close":
            self._is_closed = True
            raise WebSocketDisconnect(message.get("code", 1000), message.get("reason") or "")
        return message

    def receive_text(self) -> str:
        """The next message. Raises WebSocketDisconnect at the end."""
        return str(self.receive()["text"])

    def receive_bytes(self) -> bytes:
        """The next message. Raises WebSocketDisconnect at the end."""
        return bytes(self.receive()["bytes"])

    def receive_json(self) -> Any:
        """The next message, text or bytes, as JSON. Raises WebSocketDisconnect at the end."""
        message = self.receive()
        return json.loads(message["bytes"] if message.get("text") is None else message["text"])

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Leaves. Doing it again has no effect."""
        if not self._is_closed:
            self._is_closed = True
            self.send({"type": "websocket.disconnect", "code": code, "reason": reason})

    async def _start(self) -> None:
        await self._to_app.put({"type": "websocket.connect"})
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._from_app.put)
        finally:
            await self._from_app.put(None)

    async def _receive(self) -> Message:
        message = await self._to_app.get()
        if message["type"] == "websocket.disconnect":
            # It is the last one, however often the application asks.
            await self._to_app.put(message)
        return message

    async def _end(self) -> BaseException | None:
        assert self._task is not None, "the session was entered"
        await self._to_app.put({"type": "websocket.disconnect", "code": 1006, "reason": ""})
        await asyncio.wait({self._task})
        return self._task.exception()

    def _next(self) -> Message:
        message = self._loop.run(self._from_app.get())
        if message is None:
            self._is_closed = True
            error = self._loop.run(self._end())
            raise error or WebSocketDisconnect(1006)
        return message

    def _denial(self, message: Message) -> WebSocketDenied:
        self._is_closed = True
        if message["type"] == "websocket.close":
            return WebSocketDenied(403, Headers(), b"", message.get("code", 1000))
        body = b""
        while (part := self._next())["type"] == "websocket.http.response.body":
            body += part.get("body", b"")
            if not part.get("more_body", False):
                break
        return WebSocketDenied(message["status"], Headers(raw=message.get("headers", ())), body, 1006)

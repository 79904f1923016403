"""A request that an ASGI application answers. https://asgi.readthedocs.io/en/latest/specs/www.html"""

from __future__ import annotations

import os
from .call import Call, CallContext, Message
from .codec import Wire
from .disconnect import ClientDisconnected
from .file_parts import file_parts
from .request_body import BodyAborted
from .response_fields import content_length_of, fields_of
from .response_stream import WHOLE_BYTES_MAX, Fields
from .scope import http_scope
from collections.abc import Callable
from typing import Any

_BODILESS_STATUSES = frozenset({204, 304})


class HttpCall(Call):
    """``receive`` and ``send`` of one request.

    Invariant: a head waits for the first part of its body: a small response is one frame, and an app that fails in between is a 500.
    """

    __slots__ = ("_fields", "_has_trailers", "_is_body_read", "_left", "_status", "_take_message", "_trailers")

    def __init__(self, request: Wire, context: CallContext) -> None:
        super().__init__(request, context)
        self._is_body_read = False
        self._status = 0
        self._fields: Fields = {}
        #: Bytes of the announced length that are still to come; None where it does not count.
        self._left: int | None = None
        self._has_trailers = False
        self._trailers: list[Any] = []
        #: Takes the next message of the app. Not bound: calls are too many to be left to the collector of cycles.
        self._take_message: Callable[[HttpCall, str, Message], Any] = HttpCall._take_start

    async def serve(self) -> None:
        scope = http_scope(self.request, self.context.settings)
        result = await self.context.app(scope, self.receive, self.send)
        if self.stream.is_answered or self.is_gone:
            return
        if result is not None:
            raise RuntimeError(f"Cannot answer: the application returned {result!r}, None is allowed")
        state = "without a response" if self._status == 0 else "before its response was complete"
        raise RuntimeError(f"Cannot answer: the application returned {state}")

    async def receive(self) -> Message:
        """The next part of the body, at once when it is there; behind the last, that the client has left or the response is complete."""
        while True:
            if self.is_gone or self.stream.is_answered:
                return {"type": "http.disconnect"}
            if self._is_body_read:
                await self.changed.wait()
                continue
            try:
                part = self.body.take()
            except BodyAborted:
                return {"type": "http.disconnect"}
            if part is None:
                await self.body.wait()
                continue
            body, has_more = part
            self._is_body_read = not has_more
            return {"type": "http.request", "body": body, "more_body": has_more}

    async def send(self, message: Message) -> None:
        """Returns when the engine has room for it. Raises ClientDisconnected, and RuntimeError for messages out of turn."""
        try:
            if self.is_gone and not self.stream.is_answered:
                raise ClientDisconnected
            waiting = self._take_message(self, message["type"], message)
            if waiting is not None:
                await waiting
        except ClientDisconnected:
            if self.context.settings.raises_on_disconnect:
                raise

    def _take_start(self, kind: str, message: Message) -> None:
        if kind == "http.response.early_hint":
            self.stream.send_interim({b"link": [bytes(link) for link in message.get("links", ())]})
            return
        _expect(kind, "http.response.start")
        status = message["status"]
        if not isinstance(status, int) or not 200 <= status <= 999:
            raise RuntimeError(f"Cannot begin a response: its status is {status!r}, 200 to 999 is allowed")
        fields = fields_of(message.get("headers", ()))
        self._has_trailers = bool(message.get("trailers", False))
        self._status, self._fields = int(status), fields
        is_bodiless = self._status in _BODILESS_STATUSES or self.request[b"method"] == b"HEAD"
        self._left = None if is_bodiless else content_length_of(fields)
        self._take_message = HttpCall._take_body
        content_type = fields.get(b"content-type")
        if isinstance(content_type, bytes) and content_type.startswith(b"text/event-stream"):
            # A client that subscribes waits for the head, and the first event may be long in coming.
            self.stream.send_head(self._status, self._fields)

    def _take_body(self, kind: str, message: Message) -> Any:
        if kind == "http.response.early_hint" and not self.stream.is_begun:
            self.stream.send_interim({b"link": [bytes(link) for link in message.get("links", ())]})
            return None
        if kind == "http.response.pathsend":
            return self._send_file(message["path"])
        _expect(kind, "http.response.body")
        body = message.get("body", b"")
        if isinstance(body, str):
            raise TypeError("Cannot send a body: it is str, bytes are needed")
        has_more = bool(message.get("more_body", False))
        self._count(len(body) if not isinstance(body, memoryview) else body.nbytes, is_last=not has_more)
        if has_more or self._has_trailers or self.stream.is_begun or len(body) > WHOLE_BYTES_MAX:
            return self._send_part(body, has_more)
        self._take_message = HttpCall._take_nothing
        self.stream.send_whole(self._status, self._fields, body)
        self.answered()
        return None

    def _take_trailers(self, kind: str, message: Message) -> Any:
        _expect(kind, "http.response.trailers")
        self._trailers.extend(message.get("headers", ()))
        return None if message.get("more_trailers", False) else self._finish()

    def _take_nothing(self, kind: str, message: Message) -> None:
        raise RuntimeError(f"Cannot send {kind}: the response is complete")

    async def _send_part(self, body: Any, has_more: bool) -> None:
        self._begin()
        if len(body) > 0:
            await self.stream.send_chunks(body)
        if has_more:
            return
        if self._has_trailers:
            self._take_message = HttpCall._take_trailers
        else:
            await self._finish()

    async def _send_file(self, path: str) -> None:
        """The whole body is a file. One that cannot be opened fails before anything of the response has left."""
        if self.stream.is_begun:
            raise RuntimeError("Cannot send a file: the response has a body already")
        with open(path, "rb") as file:  # noqa: ASYNC230 - opening what is on a disk waits for nobody
            self._count(os.fstat(file.fileno()).st_size, is_last=True)
            self._begin()
            async for part in file_parts(file):
                await self.stream.send_chunks(part)
        await self._finish()

    def _begin(self) -> None:
        if not self.stream.is_begun:
            self.stream.send_head(self._status, self._fields)

    async def _finish(self) -> None:
        self._take_message = HttpCall._take_nothing
        trailers = fields_of(self._trailers) if "trailers" in self.context.settings.features else None
        await self.stream.send_end(trailers=trailers)
        self.answered()

    def _count(self, byte_count: int, *, is_last: bool) -> None:
        if self._left is None:
            return
        self._left -= byte_count
        if self._left < 0:
            raise RuntimeError("Cannot send a body: it is longer than its Content-Length")
        if is_last and self._left > 0:
            raise RuntimeError("Cannot end a body: it is shorter than its Content-Length")


def _expect(kind: str, expected: str) -> None:
    if kind != expected:
        raise RuntimeError(f"Cannot send {kind}: {expected} is expected")

"""The body of a request as it arrives: in order, once, and never more of it in memory than allowed."""

from __future__ import annotations

from .exceptions import ClientDisconnect, HTTPException
from .types import Receive, Scope
from collections.abc import AsyncIterator

# Defaults of the application's options of these names. What a body may have that is kept in memory whole; more is answered 413.
BODY_BYTES_MAX = 16 * 1024 * 1024
# What a form with files may have: its files go to disk, so this bounds the disk that one client takes.
FORM_BYTES_MAX = 1024 * 1024 * 1024

_STREAMED = "Cannot read the body: it was streamed already, and streaming keeps nothing"


class BodyReader:
    """Reads a body from its ASGI channel. If the client leaves before the end it raises ClientDisconnect."""

    __slots__ = ("_is_started", "_receive", "_scope", "_whole", "is_complete", "is_disconnected")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._whole: bytes | None = None
        self._is_started = False
        # Whether the end of the body was read.
        self.is_complete = False
        self.is_disconnected = False

    async def chunks(self, bytes_max: int | None = None) -> AsyncIterator[bytes]:
        """The parts as they arrive, none of them empty. A second time only after `read` kept the whole.

        Past `bytes_max` it raises HTTPException(413), at once where a longer body is announced. Default: no limit but the server's.
        """
        if self._whole is not None:
            if self._whole:
                yield self._whole
            return
        if self._is_started:
            raise RuntimeError(_STREAMED)
        if bytes_max is not None and self._announced_bytes() > bytes_max:
            raise HTTPException(413)
        self._is_started = True
        received_bytes = 0
        while not self.is_complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.is_disconnected = True
                raise ClientDisconnect()
            chunk = message.get("body", b"")
            received_bytes += len(chunk)
            if bytes_max is not None and received_bytes > bytes_max:
                raise HTTPException(413)
            self.is_complete = not message.get("more_body", False)
            if chunk:
                yield chunk

    async def read(self, bytes_max: int = BODY_BYTES_MAX) -> bytes:
        """The whole body. It is read once and kept, so that it may be asked for again."""
        if self._whole is None:
            self._whole = b"".join([chunk async for chunk in self.chunks(bytes_max)])
        return self._whole

    def _announced_bytes(self) -> int:
        for name, value in self._scope["headers"]:
            if name == b"content-length" and value.isdigit():
                # 19 digits are past every limit, and cheap to read.
                return int(value[:19])
        return 0


def body_of(scope: Scope, receive: Receive) -> BodyReader:
    """The reader of this request's body. It is kept in the scope: what a middleware has read is there for the handler, too."""
    reader: BodyReader | None = scope.get("vilya.body")
    if reader is None:
        reader = scope["vilya.body"] = BodyReader(scope, receive)
    return reader

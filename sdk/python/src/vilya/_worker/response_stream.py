"""The way of a response to the engine: whole in one frame, or in parts as credit allows. docs/reference/wire.md W2.10 to W2.17."""

from __future__ import annotations

import asyncio
from .credit import Credit
from .disconnect import ClientDisconnected
from .engine_link import EngineLink
from .messagepack import Bytes
from .report import describe
from .response_fields import Fields
from .response_head import ResponseHead
from typing import Any

#: Larger bodies go in parts, so that a slow client is felt by the app that makes them.
WHOLE_BYTES_MAX = 262_144
#: No chunk is larger: credit comes back in time.
CHUNK_BYTES_MAX = 65_536


class ResponseStream:
    """What was said to the engine about one request, and what may follow. Says the last word exactly once.

    All that says something raises FrameTooLargeError, and then nothing was said.
    """

    # What most responses never change is the class's: there is one of these for each request.
    is_begun = False
    is_answered = False
    _credit: Credit | None = None
    _lock: asyncio.Lock | None = None

    def __init__(self, request_id: int, link: EngineLink) -> None:
        self.id = request_id
        self._link = link

    @property
    def credit(self) -> Credit:
        """Made on first use: most responses are sent whole."""
        if self._credit is None:
            self._credit = Credit()
        return self._credit

    def send_whole(self, status: int, fields: Fields, body: Bytes) -> None:
        self._link.send({"id": self.id, "status": status, "headers": fields, "body": body})
        self.is_answered = True

    def send_prepared(self, head: ResponseHead, body: bytes) -> None:
        """The same for a head that is encoded already."""
        self._link.send_answer(self.id, head.encoded, body)
        self.is_answered = True

    def send_interim(self, fields: Fields) -> None:
        self._link.send({"type": "interim", "id": self.id, "status": 103, "headers": fields})

    def send_head(self, status: int, fields: Fields) -> None:
        self._link.send({"type": "head", "id": self.id, "status": status, "headers": fields})
        self.is_begun = True

    async def send_chunks(self, body: Bytes) -> None:
        """Returns when all of it was written. Concurrent calls keep their order. Raises ClientDisconnected."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        credit = self.credit
        async with self._lock:
            with memoryview(body).cast("B") as view:
                at = 0
                while at < len(view):
                    await credit.available()
                    if credit.is_closed:
                        raise ClientDisconnected
                    end = min(len(view), at + min(credit.left, CHUNK_BYTES_MAX))
                    credit.left -= end - at
                    self._link.send_bulk(self._link.encode({"type": "chunk", "id": self.id, "body": view[at:end]}))
                    at = end

    async def send_end(self, error: BaseException | None = None, trailers: Fields | None = None) -> None:
        """The last word behind a head."""
        if self.is_answered:
            return
        frame: dict[str, Any] = {"type": "end", "id": self.id}
        if error is not None:
            frame["error"] = describe(error)
        if trailers:
            frame["trailers"] = trailers
        payload = self._link.encode(frame)
        self.is_answered = True
        if self.is_begun:
            await self.credit.opened()
        self._link.send_bulk(payload)

    async def send_error(self, error: BaseException) -> None:
        """The app has failed: the client gets 500, or sees that what it got is not whole."""
        if self.is_answered:
            return
        if self.is_begun:
            await self.send_end(error)
        else:
            self.is_answered = True
            self._link.send({"id": self.id, "error": describe(error)})

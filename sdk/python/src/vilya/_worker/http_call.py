"""A request that an ASGI application answers. https://asgi.readthedocs.io/en/latest/specs/www.html"""

from __future__ import annotations

import os
from .body_bytes import bytes_of
from .call import Call, CallContext, Message
from .codec import Wire
from .disconnect import ClientDisconnected
from .file_parts import file_parts, open_file
from .request import request_of
from .request_body import BodyAborted
from .response_fields import count_down, fields_of
from .response_head import ResponseHead, head_of
from .response_stream import WHOLE_BYTES_MAX
from .scope import http_scope
from .trailer_rules import assert_trailers
from collections.abc import Awaitable, Callable
from typing import Any, Final

# Of what `request_of` returns.
_METHOD: Final = 0
_EXTRAS: Final = 5
_BODY: Final = 6


class HttpCall(Call):
    """``receive`` and ``send`` of one request.

    Invariant: a head waits for the first part of its body: a small response is one frame, and an app that fails in between is a 500.
    """

    _is_body_read = False
    _head: ResponseHead | None = None
    #: Bytes of the announced length that are still to come; None where it does not count.
    _left: int | None = None
    _has_trailers = False

    def __init__(self, frame: Wire, context: CallContext) -> None:
        super().__init__(frame, context)
        self._request = request = request_of(frame)
        self.open_body(request[_EXTRAS], request[_BODY])
        #: Takes the next message of the app. Not bound: calls are too many to be left to the collector of cycles.
        self._take_message: Callable[[HttpCall, str, Message], Any] = HttpCall._take_start

    def begin(self) -> Awaitable[object]:
        context = self.context
        answer: Awaitable[object] = context.app(http_scope(self._request, context.settings), self.receive, self.send)
        return answer

    def check(self, result: object) -> None:
        if self.stream.is_answered or self.is_gone:
            return
        if result is not None:
            raise RuntimeError(f"Cannot answer: the application returned {result!r}, None is allowed")
        state = "without a response" if self._head is None else "before its response was complete"
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
        if kind != "http.response.start":
            if kind != "http.response.early_hint":
                raise _out_of_turn(kind, "http.response.start")
            self._send_hint(message)
            return
        head = self._head = head_of(message["status"], message.get("headers", ()))
        if message.get("trailers", False):
            self._has_trailers = True
            self._trailers: list[Any] = []
        self._take_message = HttpCall._take_body
        if head.is_event_stream:
            # A client that subscribes waits for the head, and the first event may be long in coming.
            self.stream.send_head(head.status, head.fields)
        if head.content_length is not None and not head.is_bodiless and self._request[_METHOD] != b"HEAD":
            self._left = head.content_length

    def _take_body(self, kind: str, message: Message) -> Any:
        if kind != "http.response.body":
            return self._take_other(kind, message)
        body = message.get("body", b"")
        if type(body) is not bytes:
            body = bytes_of(body)
        has_more = message.get("more_body", False)
        if self._left is not None and (has_more or self._left != len(body)):
            self._count(len(body), is_last=not has_more)
        if has_more or self._has_trailers or self.stream.is_begun or len(body) > WHOLE_BYTES_MAX:
            return self._send_part(body, bool(has_more))
        self.stream.send_prepared(self._begun_head(), body)
        self._take_message = HttpCall._take_nothing
        self.answered()
        return None

    def _take_other(self, kind: str, message: Message) -> Any:
        if kind == "http.response.pathsend":
            return self._send_file(message["path"])
        if kind != "http.response.early_hint" or self.stream.is_begun:
            raise _out_of_turn(kind, "http.response.body")
        return self._send_hint(message)

    def _take_trailers(self, kind: str, message: Message) -> Any:
        if kind != "http.response.trailers":
            raise _out_of_turn(kind, "http.response.trailers")
        self._trailers.extend(message.get("headers", ()))
        return None if message.get("more_trailers", False) else self._finish()

    def _take_nothing(self, kind: str, message: Message) -> None:
        raise RuntimeError(f"Cannot send {kind}: the response is complete")

    def _send_hint(self, message: Message) -> None:
        self.stream.send_interim({b"link": [bytes(link) for link in message.get("links", ())]})

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
        with open_file(path) as file:
            self._count(os.fstat(file.fileno()).st_size, is_last=True)
            self._begin()
            if self._request[_METHOD] != b"HEAD":
                async for part in file_parts(file):
                    await self.stream.send_chunks(part)
        await self._finish()

    def _begin(self) -> None:
        if not self.stream.is_begun:
            head = self._begun_head()
            fields = head.fields
            if self._has_trailers and head.content_length is not None:
                # HTTP/1.1 has no place for trailers behind a body of a known length.
                fields = {name: value for name, value in fields.items() if name != b"content-length"}
            self.stream.send_head(head.status, fields)

    async def _finish(self) -> None:
        trailers = fields_of(self._trailers) if self._has_trailers else None
        assert_trailers(trailers or ())
        self._take_message = HttpCall._take_nothing
        await self.stream.send_end(trailers=trailers)
        self.answered()

    def _begun_head(self) -> ResponseHead:
        assert self._head is not None, "a body follows its head"
        return self._head

    def _count(self, byte_count: int, *, is_last: bool) -> None:
        if self._left is not None:
            self._left = count_down(self._left, byte_count, is_last=is_last)


def _out_of_turn(kind: str, expected: str) -> RuntimeError:
    return RuntimeError(f"Cannot send {kind}: {expected} is expected")

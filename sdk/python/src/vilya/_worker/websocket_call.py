"""A WebSocket that an ASGI application holds. docs/reference/wire.md W2.50 to W2.58."""

from __future__ import annotations

from .call import Call, CallContext, Message
from .codec import Wire
from .disconnect import ClientDisconnected
from .response_fields import fields_of
from .response_stream import WHOLE_BYTES_MAX
from .scope import websocket_scope
from collections import deque
from collections.abc import Awaitable
from typing import Any

#: A message costs this much credit besides its bytes. docs/reference/wire.md W2.53.
MESSAGE_OVERHEAD_BYTES = 16
_REASON_BYTES_MAX = 123
_CONNECTION_LOST = 1006
_TIMEOUT_SHARE = 0.8
_NO_CODE = 1005


class WebSocketCall(Call):
    """``receive`` and ``send`` of one WebSocket.

    Invariant: what the app sees is ``websocket.connect``, then messages, then ``websocket.disconnect`` for ever.
    """

    def __init__(self, request: Wire, context: CallContext) -> None:
        super().__init__(request, context)
        self._is_connect_told = False
        self._is_accepted = False
        #: The app has closed, or has begun to refuse.
        self._is_closed_by_app = False
        #: Code and reason, once the socket has closed.
        self._end: tuple[int, str] | None = None
        #: With the bytes of credit that each takes.
        self._messages: deque[tuple[Message, int]] = deque()
        self._owed = 0
        self._refusal: Message | None = None

    def begin(self) -> Awaitable[object]:
        answer: Awaitable[object] = self.context.app(websocket_scope(self.request, self.context.settings), self.receive, self.send)
        return answer

    def check(self, result: object) -> None:
        if not (self._is_accepted or self.stream.is_answered or self.is_gone):
            raise RuntimeError("Cannot answer: the application returned without accepting or refusing the WebSocket")

    def take(self, kind: bytes, frame: Wire) -> None:
        if kind == b"ws_message":
            self._messages.append((_message_of(frame), len(frame[b"data"]) + MESSAGE_OVERHEAD_BYTES))
            self.changed.notify()
        elif kind == b"ws_close":
            self._close(frame.get(b"code", _NO_CODE), frame.get(b"reason", b"").decode("utf-8", "replace"))
        else:
            super().take(kind, frame)

    def leave(self) -> None:
        self._end = self._end or (_CONNECTION_LOST, "")
        super().leave()

    def has_left(self) -> bool:
        return self._end is not None

    async def receive(self) -> Message:
        if not self._is_connect_told:
            self._is_connect_told = True
            return {"type": "websocket.connect"}
        while not self._messages:
            if self._end is not None:
                code, reason = self._end
                return {"type": "websocket.disconnect", "code": code, "reason": reason}
            await self.changed.wait()
        message, byte_count = self._messages.popleft()
        self._owe(byte_count)
        return message

    async def send(self, message: Message) -> None:
        """Returns when the engine has room for it. Raises ClientDisconnected, and RuntimeError for messages out of turn."""
        try:
            await self._take(message)
        except ClientDisconnected:
            if self.context.settings.raises_on_disconnect:
                raise

    async def _take(self, message: Message) -> None:
        kind = message["type"]
        if self._end is not None:
            raise ClientDisconnected
        if self._is_closed_by_app and self._refusal is None:
            raise RuntimeError(f"Cannot send {kind}: the application has closed the WebSocket")
        if self._refusal is not None:
            await self._refuse_on(kind, message)
        elif self._is_accepted:
            await self._send_on(kind, message)
        elif kind == "websocket.accept":
            self._accept(message)
        elif kind == "websocket.close":
            self._is_closed_by_app = True
            self._end = (_CONNECTION_LOST, "")
            self.stream.send_whole(403, {b"content-type": b"text/plain"}, b"Forbidden\n")
            self.answered()
        elif kind == "websocket.http.response.start":
            self._is_closed_by_app = True
            self._refusal = message
        else:
            raise RuntimeError(f"Cannot send {kind}: websocket.accept, websocket.close or a response is expected")

    def _accept(self, message: Message) -> None:
        protocol: str | None = message.get("subprotocol")
        offered = [name.decode("latin-1") for name in self.request.get(b"protocols") or ()]
        if protocol is not None and protocol not in offered:
            raise RuntimeError(f"Cannot accept a WebSocket: the client does not offer the subprotocol {protocol!r}")
        fields = fields_of(message.get("headers") or ())
        if b"sec-websocket-protocol" in fields:
            raise RuntimeError("Cannot accept a WebSocket: the subprotocol belongs in subprotocol, not into headers")
        head: dict[str, Any] = {"type": "head", "id": self.id, "status": 101, "headers": fields}
        if protocol is not None:
            head["protocol"] = protocol
        self.context.link.send(head)
        self._is_accepted = True
        self.stream.is_begun = True

    async def _send_on(self, kind: str, message: Message) -> None:
        if kind == "websocket.close":
            self._say_close(message.get("code") or 1000, message.get("reason") or "")
            return
        if kind != "websocket.send":
            raise RuntimeError(f"Cannot send {kind}: websocket.send or websocket.close is expected")
        text, binary = message.get("text"), message.get("bytes")
        if (text is None) == (binary is None):
            raise RuntimeError("Cannot send a message: exactly one of text and bytes is needed")
        encoded = text.encode() if text is not None else bytes(binary or b"")
        credit = self.stream.credit
        await credit.available()
        if credit.is_closed or self._is_closed_by_app:
            raise ClientDisconnected
        self.context.link.send({"type": "ws_message", "id": self.id, "data": encoded, "binary": text is None})
        credit.left -= len(encoded) + MESSAGE_OVERHEAD_BYTES

    def _say_close(self, code: int, reason: str) -> None:
        if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
            raise RuntimeError(f"Cannot close a WebSocket: its code is {code}, 1000 to 1003, 1007 to 1014 and 3000 to 4999 are allowed")
        if len(reason.encode()) > _REASON_BYTES_MAX:
            raise RuntimeError(f"Cannot close a WebSocket: its reason is longer than {_REASON_BYTES_MAX} bytes")
        self._is_closed_by_app = True
        self.context.link.send({"type": "ws_close", "id": self.id, "code": code, "reason": reason})

    async def _refuse_on(self, kind: str, message: Message) -> None:
        """The response that the client gets instead of a WebSocket."""
        if kind != "websocket.http.response.body" or self._refusal is None:
            raise RuntimeError(f"Cannot send {kind}: websocket.http.response.body is expected")
        status, fields = self._refusal["status"], fields_of(self._refusal.get("headers", ()))
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if not has_more and not self.stream.is_begun and len(body) <= WHOLE_BYTES_MAX:
            self.stream.send_whole(status, fields, body)
        else:
            if not self.stream.is_begun:
                self.stream.send_head(status, fields)
            await self.stream.send_chunks(body)
            if has_more:
                return
            await self.stream.send_end()
        self._end = (_CONNECTION_LOST, "")
        self.answered()

    def _close(self, code: int, reason: str) -> None:
        """The app has until shortly before the engine would give up on this worker to return. docs/reference/wire.md W2.56."""
        if self._end is not None:
            return
        self._end = (code, reason)
        self.cancel_later(self.request[b"timeout_ms"] / 1_000 * _TIMEOUT_SHARE)
        self.stream.credit.close()
        self.changed.notify()

    def _owe(self, byte_count: int) -> None:
        """Grants what the app has taken: a client that sends faster than it takes is slowed down."""
        self._owed += byte_count
        if self._owed * 2 >= self.context.stream_credit and self._end is None:
            self.context.link.send({"type": "credit", "id": self.id, "bytes": self._owed})
            self._owed = 0


def _message_of(frame: Wire) -> Message:
    data = frame.get(b"data", b"")
    if frame.get(b"binary") is True:
        return {"type": "websocket.receive", "bytes": data, "text": None}
    return {"type": "websocket.receive", "bytes": None, "text": data.decode("utf-8", "replace")}

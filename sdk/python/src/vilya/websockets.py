"""WebSockets as handlers get them: text, bytes and JSON both ways, and an end that both sides agree on."""

from __future__ import annotations

from . import sockets
from .connection import Connection
from .exceptions import HTTPException, InvalidMessage, WebSocketDisconnect
from .headers import HeaderSource, encode_headers
from .responses import Response
from .serialization import dumps, loads
from .types import Message, Receive, Scope, Send
from collections.abc import AsyncIterator
from enum import Enum
from typing import Any, Literal

# RFC 6455 §5.5: a control frame has 125 bytes, two of them are the code.
REASON_BYTES_MAX = 123

# RFC 6455 §7.4.1: what clients send that nobody here can take.
_WRONG_KIND = 1003
_NOT_AS_IT_SHOULD_BE = 1007

# RFC 6455 §7.4.1 and §11.7: what may be sent. 1005, 1006 and 1015 are names of what was never sent.
_SENDABLE_CODES = (range(1000, 1004), range(1007, 1015), range(3000, 5000))


class WebSocketState(Enum):
    """Where one side of a WebSocket is."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


class WebSocket(Connection):
    """A WebSocket. `accept` it first, then send and receive; receiving raises WebSocketDisconnect when the client has left.

    Frames, fragments, pings and compression are the server's. A handler that returns has it closed with 1000, one that raises with 1011.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        # What the client did, and what the application did.
        self.client_state = WebSocketState.CONNECTING
        self.application_state = WebSocketState.CONNECTING

    @property
    def subprotocols(self) -> list[str]:
        """What the client offers, best first."""
        return list(self.scope.get("subprotocols", ()))

    @property
    def id(self) -> str:
        """Its name for `vilya.sockets`, in every process. Raises LookupError under another server than Vilya."""
        return sockets.id_of(self.scope)

    async def accept(self, subprotocol: str | None = None, headers: HeaderSource | None = None) -> None:
        """Opens it. A subprotocol must be one that the client offers."""
        self._expect_application(WebSocketState.CONNECTING, "accept")
        if subprotocol is not None and subprotocol not in self.subprotocols:
            raise ValueError(f"Cannot accept subprotocol {subprotocol!r}: the client offers {self.subprotocols}")
        await self._await_connect()
        self.application_state = WebSocketState.CONNECTED
        await self._deliver({"type": "websocket.accept", "subprotocol": subprotocol, "headers": encode_headers(headers or {})})

    async def receive(self) -> Message:
        """The next ASGI message. `receive_text` and its like are made of it."""
        if self.client_state is WebSocketState.DISCONNECTED:
            raise RuntimeError("Cannot receive: the WebSocket is closed, and its end was received already")
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self.client_state = WebSocketState.DISCONNECTED
        elif message["type"] == "websocket.connect":
            self.client_state = WebSocketState.CONNECTED
        return message

    async def receive_text(self) -> str:
        """The next message. Raises WebSocketDisconnect at the end, InvalidMessage (1003), a TypeError, for one that is bytes."""
        text = (await self._receive_content()).get("text")
        if text is None:
            raise InvalidMessage(_WRONG_KIND, "The client sent bytes, text is expected")
        return str(text)

    async def receive_bytes(self) -> bytes:
        """The next message. Raises WebSocketDisconnect at the end, InvalidMessage (1003), a TypeError, for one that is text."""
        content = (await self._receive_content()).get("bytes")
        if content is None:
            raise InvalidMessage(_WRONG_KIND, "The client sent text, bytes are expected")
        return bytes(content)

    async def receive_json(self) -> Any:
        """The next message as JSON. Raises WebSocketDisconnect at the end, InvalidMessage (1007), a ValueError, for what is none."""
        message = await self._receive_content()
        text = message.get("text")
        try:
            return loads(message["bytes"] if text is None else text)
        except (ValueError, RecursionError):
            raise InvalidMessage(_NOT_AS_IT_SHOULD_BE, "The client sent no JSON") from None

    async def iter_text(self) -> AsyncIterator[str]:
        """The messages until the client leaves."""
        try:
            while True:
                yield await self.receive_text()
        except WebSocketDisconnect:
            pass

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The messages until the client leaves."""
        try:
            while True:
                yield await self.receive_bytes()
        except WebSocketDisconnect:
            pass

    async def iter_json(self) -> AsyncIterator[Any]:
        """The messages until the client leaves."""
        try:
            while True:
                yield await self.receive_json()
        except WebSocketDisconnect:
            pass

    async def send_text(self, text: str) -> None:
        """Sends a message, and returns when the server has taken it. Raises WebSocketDisconnect where the client is known to have left."""
        await self.send({"type": "websocket.send", "text": text})

    async def send_bytes(self, content: bytes) -> None:
        """Sends a message, and returns when the server has taken it. Raises WebSocketDisconnect where the client is known to have left."""
        await self.send({"type": "websocket.send", "bytes": content})

    async def send_json(self, value: Any, mode: Literal["text", "binary"] = "text") -> None:
        """Sends a value as JSON."""
        content = dumps(value)
        await (self.send_bytes(content) if mode == "binary" else self.send_text(content.decode("utf-8")))

    async def send(self, message: Message) -> None:
        """Sends an ASGI message of an open WebSocket."""
        self._expect_application(WebSocketState.CONNECTED, "send")
        await self._deliver(message)

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Closes it; before `accept` that refuses the client with 403. Doing it again, or after the client has, has no effect."""
        if not any(code in allowed for allowed in _SENDABLE_CODES):
            raise ValueError(f"Cannot close with {code}: 1000 to 1003, 1007 to 1014 and 3000 to 4999 are allowed")
        if len((reason or "").encode("utf-8")) > REASON_BYTES_MAX:
            raise ValueError(f"Cannot close: the reason is too long, {REASON_BYTES_MAX} bytes are allowed")
        if WebSocketState.DISCONNECTED in (self.application_state, self.client_state):
            self.application_state = WebSocketState.DISCONNECTED
            return
        self.application_state = WebSocketState.DISCONNECTED
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason or ""})
        except OSError:
            # The client was faster: closed it is.
            self.client_state = WebSocketState.DISCONNECTED

    def subscribe(self, topic: str) -> None:
        """What is published to the topic goes to it from now on; behind `accept`."""
        sockets.subscribe(self.id, topic)

    def unsubscribe(self, topic: str) -> None:
        """What is published to the topic goes to it no more."""
        sockets.unsubscribe(self.id, topic)

    def publish(self, topic: str, message: str | bytes) -> None:
        """Sends to everybody who has subscribed to the topic, but for itself. `sockets.publish` includes it."""
        sockets.publish(topic, message, exclude=self.id)

    async def send_denial_response(self, response: Response) -> None:
        """Refuses the client with a response instead of a WebSocket. Where the server knows none, that is a 403."""
        self._expect_application(WebSocketState.CONNECTING, "deny")
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            await self.close()
            return
        self.application_state = WebSocketState.DISCONNECTED

        async def deny(message: Message) -> None:
            await self._send({**message, "type": f"websocket.{message['type']}"})

        await response(self.scope, self._receive, deny)

    async def refuse(self, error: HTTPException) -> None:
        """Answers an HTTPException: with its response before `accept`, by closing with 1008 after it."""
        if self.application_state is WebSocketState.CONNECTING:
            await self.send_denial_response(Response(error.detail, error.status_code, error.headers, "text/plain"))
        else:
            await self.close(1008)

    async def _await_connect(self) -> None:
        if self.client_state is WebSocketState.CONNECTING:
            await self.receive()
        if self.client_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnect(1006)

    async def _receive_content(self) -> Message:
        if self.application_state is WebSocketState.CONNECTING:
            raise RuntimeError("Cannot receive: the WebSocket is not open, accept() comes first")
        message = await self.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005), message.get("reason") or "")
        return message

    async def _deliver(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:
            self.application_state = WebSocketState.DISCONNECTED
            raise WebSocketDisconnect(1006) from None

    def _expect_application(self, state: WebSocketState, action: str) -> None:
        if self.application_state is not state:
            raise RuntimeError(f"Cannot {action}: the WebSocket is {self.application_state.value}, it must be {state.value}")

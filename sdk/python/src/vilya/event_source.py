"""Server-sent events (HTML §9.2): a stream of messages that browsers follow, and take up again where it broke."""

from __future__ import annotations

import asyncio
from .background import BackgroundTask
from .headers import HeaderSource
from .serialization import dumps
from .streaming import StreamingResponse, closed_after, run_beside
from .types import Message, Send
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# Default of `ping_interval_s`: below the idle timeouts of common proxies, 30 to 60 seconds.
PING_INTERVAL_S = 15.0


@dataclass(frozen=True)
class ServerSentEvent:
    """One event. `data` is text, or anything JSON takes; `retry_ms` tells the browser how long to wait before it connects again."""

    data: Any = None
    event: str | None = None
    id: str | None = None
    retry_ms: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        for name in ("event", "id"):
            text = getattr(self, name)
            if text is not None and any(mark in text for mark in "\r\n\0"):
                raise ValueError(f"Cannot send an event: its {name} holds a line break, one line is allowed")

    def render(self) -> bytes:
        """The lines of the event with the empty one that ends it."""
        lines = [f": {line}" for line in _lines(self.comment or "") if self.comment is not None]
        if self.event is not None:
            lines.append(f"event: {self.event}")
        if self.id is not None:
            lines.append(f"id: {self.id}")
        if self.retry_ms is not None:
            lines.append(f"retry: {self.retry_ms:d}")
        if self.data is not None:
            text = self.data if isinstance(self.data, str) else dumps(self.data).decode("utf-8")
            lines += [f"data: {line}" for line in _lines(text)]
        return ("\n".join(lines) + "\n\n").encode("utf-8")


Event = ServerSentEvent | str | bytes | Mapping[str, Any]


class EventSourceResponse(StreamingResponse):
    """Sends events as an iterable gives them. Text is the data of an event, a mapping has the fields of ServerSentEvent.

    While nothing happens a comment is sent every `ping_interval_s` seconds, so that neither side takes the other for gone;
    0 leaves that off. `Last-Event-ID` of the request says what a client that comes back has seen.
    """

    media_type = "text/event-stream"
    listens = True

    def __init__(
        self,
        content: AsyncIterable[Event] | Iterable[Event],
        status_code: int = 200,
        headers: HeaderSource | None = None,
        ping_interval_s: float = PING_INTERVAL_S,
        background: BackgroundTask | None = None,
    ) -> None:
        # They are turned into bytes in `_stream`: the iterable of the base class is one of text and bytes.
        super().__init__(content, status_code, headers, None, background)  # type: ignore[arg-type]
        self.ping_interval_s = ping_interval_s
        self.headers.setdefault("cache-control", "no-store")
        # nginx holds answers back until a buffer is full.
        self.headers.setdefault("x-accel-buffering", "no")

    async def _stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        # Two tasks send: a message begun is sent whole before the next.
        turn = asyncio.Lock()
        # Browsers report the stream as open at the first bytes of its body.
        await _send_part(send, turn, b": open\n\n")
        if self.ping_interval_s > 0:
            # A ping that fails ends the stream: the client is gone, and the next event may be hours away.
            await run_beside(self._send_events(send, turn), self._ping(send, turn))
        else:
            await self._send_events(send, turn)

    async def _send_events(self, send: Send, turn: asyncio.Lock) -> None:
        async with closed_after(self.body_iterator) as events:
            async for event in events:
                await _send_part(send, turn, render_event(event))

    async def _ping(self, send: Send, turn: asyncio.Lock) -> None:
        while True:
            await asyncio.sleep(self.ping_interval_s)
            await _send_part(send, turn, b": ping\n\n")


def render_event(event: Event) -> bytes:
    """The bytes of what an iterable gave."""
    if isinstance(event, Mapping):
        event = ServerSentEvent(**event)
    elif isinstance(event, bytes):
        event = ServerSentEvent(event.decode("utf-8"))
    elif isinstance(event, str):
        event = ServerSentEvent(event)
    return event.render()


async def _send_part(send: Send, turn: asyncio.Lock, chunk: bytes) -> None:
    message: Message = {"type": "http.response.body", "body": chunk, "more_body": True}
    async with turn:
        await send(message)


def _lines(text: str) -> list[str]:
    # The three line ends that the format knows; `splitlines` knows more.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

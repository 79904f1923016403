"""Responses whose body is made while it is sent."""

from __future__ import annotations

import asyncio
from .background import BackgroundTask
from .exceptions import ClientDisconnect
from .headers import HeaderSource, encode_headers
from .responses import Response, content_type
from .threads import iterate_in_thread
from .types import Message, Receive, Scope, Send, spec_version
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable
from contextlib import aclosing
from typing import Any

Content = AsyncIterable[str | bytes] | Iterable[str | bytes]

Stream = Callable[[Send], Coroutine[Any, Any, None]]

# From this version of ASGI on, `send` itself says that the client has left.
_SEND_TELLS = (2, 4)


class StreamingResponse(Response):
    """Sends what an iterable gives, part by part, each awaited until it was taken: a slow client slows the iterable down.

    A blocking iterable runs in a thread. When the client leaves, the iterable is closed and ClientDisconnect raised.
    """

    # Whether the client's leaving is listened for while nothing is sent.
    listens = False

    def __init__(
        self,
        content: Content,
        status_code: int = 200,
        headers: HeaderSource | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        self.background = background
        self.body = b""
        if media_type is not None:
            self.media_type = media_type
        self.body_iterator: AsyncIterable[str | bytes] = content if isinstance(content, AsyncIterable) else iterate_in_thread(content)
        self.raw_headers = [] if headers is None else encode_headers(headers)
        if self.media_type is not None and "content-type" not in self.headers:
            self.raw_headers.append((b"content-type", content_type(self.media_type, self.charset)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "HEAD":
            # The iterable may have no end, and nobody would see what it gives.
            await super().__call__(scope, receive, send)
            return
        await send_while_connected(scope, receive, send, self._stream, listens=self.listens)
        if self.background is not None:
            await self.background()

    async def _stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with closed_after(self.body_iterator) as parts:
            async for part in parts:
                chunk = part.encode(self.charset) if isinstance(part, str) else part
                await send({"type": "http.response.body", "body": chunk, "more_body": True})


def closed_after(iterable: AsyncIterable[Any]) -> Any:
    """A context that gives the iterator, and closes it at the end where it can be: its `finally` runs before the request is over."""
    iterator = aiter(iterable)
    return aclosing(iterator) if hasattr(iterator, "aclose") else _Unclosed(iterator)


class _Unclosed:
    def __init__(self, iterator: AsyncIterator[Any]) -> None:
        self._iterator = iterator

    async def __aenter__(self) -> AsyncIterator[Any]:
        return self._iterator

    async def __aexit__(self, *_: object) -> None:
        pass


async def send_while_connected(scope: Scope, receive: Receive, send: Send, stream: Stream, *, listens: bool = False) -> None:
    """Runs `stream(send)` and ends the body, or raises ClientDisconnect when the client is known to have left.

    Newer servers tell when something is sent, older ones on the receiving side only. With `listens` that side is heard in any case: for
    streams that may have nothing to send for hours.
    """

    async def checked(message: Message) -> None:
        try:
            await send(message)
        except OSError:
            raise ClientDisconnect() from None

    body = scope.get("vilya.body")
    if (listens or spec_version(scope) < _SEND_TELLS) and (body is None or body.is_complete):
        await run_beside(stream(checked), _until_disconnect(receive))
    else:
        # A stream that still reads the request learns of it there, and two may not receive at a time.
        await stream(checked)
    # Nobody listens any more: once a response is complete, servers tell that the client has left.
    await checked({"type": "http.response.body", "body": b"", "more_body": False})


async def run_beside(work: Coroutine[Any, Any, None], watch: Coroutine[Any, Any, None]) -> None:
    """Runs `work` to its end. `watch` runs beside it and ends by raising only: that ends both."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(watch)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise ClientDisconnect()

"""A cache of responses in front of an application, by the rules of HTTP for shared caches (RFC 9111)."""

from __future__ import annotations

import asyncio
import re
from .cache_store import CacheStore, Key, StoredResponse
from .conditions import evaluate
from .headers import Headers, MutableHeaders, lowered
from .types import ASGIApp, Message, Receive, Scope, Send

# Fields of requests that say who asks.
_WHO_ASKS = ("authorization", "cookie")
_DIRECTIVE = re.compile(r'([a-z-]+)(?:\s*=\s*"?([^",]*)"?)?')


class ResponseCache:
    """Middleware that answers GET and HEAD from memory.

    Kept are responses of status 200 that say so, by `Cache-Control: max-age` or `s-maxage`, or all that say nothing for `ttl_s` seconds.
    Never kept: `private`, `no-store`, `no-cache`, `Vary: *`, a cookie being set, and answers to `Authorization` that are not `public`.
    What says nothing may be about whom a `Cookie` or `Authorization` names: requests with one neither fill the cache with such responses
    nor get them.
    Requests that arrive while a response is made wait for it. Successful changes (POST, PUT, PATCH, DELETE) forget the path.
    """

    def __init__(self, app: ASGIApp, store: CacheStore | None = None, ttl_s: float | None = None) -> None:
        self.app = app
        self.store = CacheStore() if store is None else store
        self.ttl_s = ttl_s
        # Names of headers that responses of a path vary by, as the last response said. Entries of `store` bound it.
        self._varies: dict[Key, tuple[str, ...]] = {}
        self._making: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await self._answer(scope, receive, send)
        else:
            await self._change(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Headers(raw=scope["headers"])
        origin = f"{scope.get('scheme', 'http')}://{request.get('host', '')}"
        key = (origin, scope["path"], scope.get("query_string", b"").decode("latin-1"))
        entry = self._find(key, request)
        if entry is None and key in self._making:
            await self._making[key].wait()
            entry = self._find(key, request)
        if entry is not None:
            await _send_stored(entry, self.store.clock(), request, scope, send)
        elif scope["method"] == "HEAD" or "range" in request:
            await self.app(scope, receive, send)
        elif key in self._making:
            # The response that others wait for is none to keep, or another variant.
            await self.app(scope, receive, self._keeping(key, request, send, asyncio.Event()))
        else:
            is_known = self._making[key] = asyncio.Event()
            try:
                await self.app(scope, receive, self._keeping(key, request, send, is_known))
            finally:
                del self._making[key]
                is_known.set()

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]

        async def forgetting(message: Message) -> None:
            # RFC 9111 §4.4
            if message["type"] == "http.response.start" and message["status"] < 400 and scope["method"] not in ("OPTIONS", "TRACE"):
                self.store.delete(path)
            await send(message)

        await self.app(scope, receive, forgetting)

    def _find(self, key: Key, request: Headers) -> StoredResponse | None:
        entry = self.store.get((*key, *_variant(request, self._varies.get(key, ()))))
        return entry if entry is None or not entry.is_guess or request.keys().isdisjoint(_WHO_ASKS) else None

    def _keeping(self, key: Key, request: Headers, send: Send, is_known: asyncio.Event) -> Send:
        """A `send` that puts the response into the store once it is whole. `is_known` is set then, or when there is nothing to keep."""
        start: Message | None = None
        parts: list[bytes] = []
        size = 0

        async def keep(message: Message) -> None:
            nonlocal start, size
            if message["type"] == "http.response.start":
                message = {**message, "headers": lowered(message.get("headers", ()))}
                ttl_s, _ = self._ttl(message, request)
                start = message if ttl_s > 0 else None
            elif message["type"] == "http.response.body" and start is not None:
                parts.append(bytes(message.get("body", b"")))
                size += len(parts[-1])
                if size > self.store.entry_bytes_max:
                    start = None
                    parts.clear()
                elif not message.get("more_body", False):
                    self._store(key, request, start, b"".join(parts))
                    is_known.set()
            else:
                # A file that the server reads itself, trailers: nothing to keep.
                start = None
            if start is None:
                is_known.set()
            await send(message)

        return keep

    def _ttl(self, start: Message, request: Headers) -> tuple[float, bool]:
        """Seconds that a response may be kept, 0 for one that may not, and whether that is a guess."""
        headers = Headers(raw=start["headers"])
        said = dict(_DIRECTIVE.findall(", ".join(headers.getlist("cache-control")).lower()))
        if start["status"] != 200 or "set-cookie" in headers or "*" in "".join(headers.getlist("vary")):
            return 0, False
        if said.keys() & {"private", "no-store", "no-cache"} or ("authorization" in request and not said.keys() & {"public", "s-maxage"}):
            return 0, False
        text = said.get("s-maxage", said.get("max-age"))
        if text is None:
            # `Expires` and `Pragma` say something, too, and mostly that it is not to be kept.
            says_nothing = headers.keys().isdisjoint(("expires", "pragma")) and "cookie" not in request
            return (self.ttl_s or 0) if says_nothing else 0, True
        return int(text[:9]) if text.isascii() and text.isdigit() else 0, False

    def _store(self, key: Key, request: Headers, start: Message, body: bytes) -> None:
        headers = Headers(raw=start["headers"])
        names = tuple(sorted(name.strip().lower() for value in headers.getlist("vary") for name in value.split(",") if name.strip()))
        if len(self._varies) > self.store.entries_max:
            self._varies.clear()
        self._varies[key] = names
        now = self.store.clock()
        ttl_s, is_guess = self._ttl(start, request)
        entry = StoredResponse(start["status"], list(headers.raw), body, now, now + ttl_s, is_guess)
        self.store.set((*key, *_variant(request, names)), entry)


def _variant(request: Headers, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(", ".join(request.getlist(name)) for name in names)


async def _send_stored(entry: StoredResponse, now: float, request: Headers, scope: Scope, send: Send) -> None:
    headers = MutableHeaders(raw=list(entry.headers))
    headers["age"] = str(int(now - entry.stored_s))
    status_code, body = entry.status_code, entry.body
    if "etag" in headers and evaluate(request, "GET", headers["etag"], None) == "not_modified":
        status_code, body = 304, b""
        del headers["content-length"]
    await send({"type": "http.response.start", "status": status_code, "headers": headers.raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

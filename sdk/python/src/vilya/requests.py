"""HTTP requests as handlers get them. Nothing is parsed before it is asked for.

A coroutine gets a `Request` and awaits its body, as everywhere in the ASGI ecosystem; a plain function gets a `SyncRequest`
and has it as a return value (docs/decisions/0019-two-requests.md).
"""

from __future__ import annotations

import asyncio
from .body import BODY_BYTES_MAX, FORM_BYTES_MAX, BodyReader, body_of
from .connection import Connection
from .engine_forms import form_facts_of, form_of_facts
from .exceptions import InvalidBody
from .forms import read_form
from .headers import encode_value
from .multipart import MultipartLimits
from .params import FormData
from .serialization import loads
from .types import Receive, Scope
from .uploads import SyncUploadFile, Upload, UploadFile
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

_UNREAD: Any = object()

U = TypeVar("U", bound=Upload)
T = TypeVar("T")


class Request(Connection):
    """A request whose body is awaited. Headers, query, cookies and parameters need no waiting."""

    _json: Any = _UNREAD

    @property
    def method(self) -> str:
        """In upper case."""
        method: str = self.scope["method"]
        return method

    async def body(self) -> bytes:
        """The whole body. Raises HTTPException(413) past the application's `body_bytes_max`, ClientDisconnect if the client leaves."""
        return await self._reader.read(_limit(self.scope, "body_bytes_max", BODY_BYTES_MAX))

    async def json(self) -> Any:
        """The body as JSON. Raises InvalidBody, which answers 400, where it is none."""
        if self._json is _UNREAD:
            self._json = _parse_json(await self.body())
        return self._json

    async def form(self, limits: MultipartLimits = MultipartLimits()) -> FormData[UploadFile]:  # noqa: B008 - it is frozen
        """The fields and files of a form. Files are closed after the response. Raises as `forms.read_form` does."""
        return await _form(self, self._reader, UploadFile, limits)

    def stream(self) -> AsyncIterator[bytes]:
        """The body in parts as they arrive, not kept: for bodies of any length. No limit but the server's."""
        return self._reader.chunks()

    async def is_disconnected(self) -> bool:
        """Whether the client has left, as far as the server knows now. True only once the body was read: before, it is in the way."""
        return await _is_disconnected(self._reader, self._receive)

    async def early_hints(self, *links: str) -> None:
        """Tells the client what it will need (103, RFC 8297) while the response is being made. Nothing happens where that cannot be said.

        Each one as the value of a field ``Link``: ``</style.css>; rel=preload; as=style``. Raises ValueError for a line break in one.
        """
        if "http.response.early_hint" in (self.scope.get("extensions") or {}):
            await self._send({"type": "http.response.early_hint", "links": [encode_value(link) for link in links]})

    @property
    def _reader(self) -> BodyReader:
        return body_of(self.scope, self._receive)


class SyncRequest(Connection):
    """A request whose body is returned, not awaited: `request.json()`.

    In a plain function, which runs in a thread, that waits for the body. In a coroutine the body was read before.
    """

    def __init__(self, scope: Scope, receive: Receive, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        super().__init__(scope, receive)
        self._run = run
        self._request = Request(scope, receive)

    @property
    def method(self) -> str:
        """In upper case."""
        return self._request.method

    def body(self) -> bytes:
        """The whole body. Raises HTTPException(413) past the application's `body_bytes_max`, ClientDisconnect if the client leaves."""
        content: bytes = self._run(self._request.body())
        return content

    def json(self) -> Any:
        """The body as JSON. Raises InvalidBody, which answers 400, where it is none."""
        return self._run(self._request.json())

    def form(self, limits: MultipartLimits = MultipartLimits()) -> FormData[SyncUploadFile]:  # noqa: B008 - it is frozen
        """The fields and files of a form. Files are closed after the response. Raises as `forms.read_form` does."""
        form: FormData[SyncUploadFile] = self._run(_form(self, body_of(self.scope, self._receive), SyncUploadFile, limits))
        return form


def close_form(request: Connection) -> None:
    """Removes what the form of a request has spooled to disk, where it was read."""
    if request._form is not None:
        request._form.close()


def wait_on_loop() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """For threads: what runs a coroutine on the loop that runs now, and waits for it."""
    loop = asyncio.get_running_loop()
    return lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result()


def run_at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """For coroutines: runs another one that has nothing to wait for. Raises RuntimeError if it waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        value: T = stop.value
        return value
    coroutine.close()
    raise RuntimeError("Cannot read the body: it has not arrived, and this function may not wait; make the handler a plain function")


async def _form(request: Connection, reader: BodyReader, upload_type: Callable[..., U], limits: MultipartLimits) -> FormData[U]:
    known: FormData[U] | None = request._form
    if known is None:
        scope = request.scope
        facts = form_facts_of(scope)
        if facts is not None:
            known = request._form = form_of_facts(facts, upload_type, limits)
            return known
        known = request._form = await read_form(
            reader,
            request.headers.get("content-type", ""),
            upload_type,
            limits=limits,
            body_bytes_max=_limit(scope, "body_bytes_max", BODY_BYTES_MAX),
            form_bytes_max=_limit(scope, "form_bytes_max", FORM_BYTES_MAX),
        )
    return known


async def _is_disconnected(reader: BodyReader, receive: Receive) -> bool:
    if not reader.is_complete or reader.is_disconnected:
        return reader.is_disconnected
    # One turn of the loop: a server that knows answers without waiting.
    step = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    step.cancel()
    await asyncio.wait({step})
    if not step.cancelled():
        reader.is_disconnected = step.result()["type"] == "http.disconnect"
    return reader.is_disconnected


def _parse_json(content: bytes) -> Any:
    try:
        return loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidBody(f"Cannot read JSON: {error}") from None


def _limit(scope: Scope, name: str, default: int) -> int:
    """An option of the application, where it is one of ours."""
    value: int = getattr(scope.get("app"), name, default)
    return value

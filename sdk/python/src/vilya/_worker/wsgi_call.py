"""A request that a WSGI application answers, in a thread of a bounded pool. PEP 3333."""

from __future__ import annotations

import asyncio
from .body_bytes import bytes_of
from .call import Call, CallContext
from .codec import Wire
from .disconnect import ClientDisconnected
from .request_body import BodyAborted, Part
from .response_fields import Fields, content_length_of, count_down
from .response_head import BODILESS_STATUSES
from .response_stream import WHOLE_BYTES_MAX
from .wsgi_environ import environ_of
from .wsgi_input import open_input
from .wsgi_parts import PartSender
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class WsgiCall(Call):
    """One call of the application and all that comes of it.

    Invariant: the app runs in one thread from its call to the ``close`` of what it returned; only the loop talks to the engine.
    """

    def __init__(self, request: Wire, context: CallContext, threads: ThreadPoolExecutor) -> None:
        super().__init__(request, context)
        if request.get(b"body_stream") is True:
            # Bodies of other kinds are read where the app runs.
            self.open_body(request, b"")
        self._threads = threads
        self._parts = PartSender(context.loop, self._write_there)
        self._status = 0
        self._fields: Fields = {}
        #: Of what the app announces.
        self._content_length: int | None = None
        #: Bytes of the announced length that are still to come; None where it does not count.
        self._left: int | None = None

    def begin(self) -> Awaitable[object]:
        return asyncio.shield(self.context.loop.run_in_executor(self._threads, self._outcome))

    def check(self, result: object) -> None:
        if isinstance(result, BaseException):
            raise result

    def cancel(self) -> None:
        """A thread cannot be stopped: it learns that nobody reads when it sends next, and keeps its place until it returns."""
        self.is_gone = True

    def _outcome(self) -> BaseException | None:
        """What the app has raised. Returned, since a future would refuse StopIteration and never be done: a bare ``next`` raises it."""
        try:
            self._serve()
        except BaseException as error:
            return error
        return None

    def _serve(self) -> None:
        body = open_input(self.request, lambda: self._on_loop(self._read_part()))
        try:
            parts = self.context.app(environ_of(self.request, body, self.context.settings), self._start_response)
            try:
                self._answer(parts)
            finally:
                close: Callable[[], None] | None = getattr(parts, "close", None)
                if close is not None:
                    close()
        finally:
            # Nothing may overtake what is still on its way, written by an application that has then failed, too.
            self._parts.drain()
            body.close()

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info is not None:
            try:
                if self._parts.is_begun:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._status != 0:
            raise RuntimeError("Cannot begin a response: start_response was called before, a second call needs exc_info")
        self._status = int(status[:3])
        self._fields = {}
        for name, value in headers:
            self._fields.setdefault(name.encode("latin-1"), []).append(value.encode("latin-1"))
        self._content_length = content_length_of({name.lower(): values[0] for name, values in self._fields.items()})
        has_body = self._status not in BODILESS_STATUSES and self.request[b"method"] != b"HEAD"
        self._left = self._content_length if has_body else None
        return self._write

    def _answer(self, parts: Iterable[bytes]) -> None:
        if isinstance(parts, (list, tuple)) and not self._parts.is_begun:
            whole = b"".join(parts)
            if len(whole) <= WHOLE_BYTES_MAX:
                self._send_whole(whole)
                return
            parts = [whole]
        for part in map(bytes_of, parts):
            if self._is_whole(part):
                self._send_whole(part)
                return
            self._write(part)
        if self._parts.is_begun:
            self._count(0, is_last=True)
            self._parts.finish()
            self._on_loop(self.stream.send_end())
        else:
            self._send_whole(b"")

    def _is_whole(self, part: bytes) -> bool:
        """Many frameworks return an iterator of one part, and announce its length."""
        return not self._parts.is_begun and len(part) <= WHOLE_BYTES_MAX and self._content_length == len(part)

    def _send_whole(self, body: bytes) -> None:
        self._check_started()
        self._count(len(body), is_last=True)
        self._on_loop(self._send_whole_there(body))

    async def _send_whole_there(self, body: bytes) -> None:
        if self.is_gone:
            raise ClientDisconnected
        self.stream.send_whole(self._status, self._fields, body)

    def _write(self, part: bytes) -> None:
        """A part leaves at once, and the first one takes the head with it. The app calls it, too: `write` of PEP 3333."""
        part = bytes_of(part)
        if part:
            self._check_started()
            self._count(len(part), is_last=False)
            self._parts.send(part)

    async def _write_there(self, part: bytes) -> None:
        if self.is_gone:
            raise ClientDisconnected
        if not self.stream.is_begun:
            self.stream.send_head(self._status, self._fields)
        await self.stream.send_chunks(part)

    def _count(self, byte_count: int, *, is_last: bool) -> None:
        if self._left is not None:
            self._left = count_down(self._left, byte_count, is_last=is_last)

    def _check_started(self) -> None:
        if self._status == 0:
            raise RuntimeError("Cannot answer: the application has not called start_response")

    async def _read_part(self) -> Part:
        while True:
            if self.is_gone:
                raise BodyAborted
            part = self.body.take()
            if part is not None:
                return part
            await self.body.wait()

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Has the loop do what only it may, and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self.context.loop).result()

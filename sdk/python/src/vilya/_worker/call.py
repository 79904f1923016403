"""One request from its frame to its last word, whatever kind of application answers it."""

from __future__ import annotations

import asyncio
from .codec import Wire
from .disconnect import is_disconnect
from .engine_link import EngineLink
from .report import report
from .request_body import NO_BODY, FileBody, RequestBody, StreamedBody, WholeBody
from .response_stream import ResponseStream
from .scope import ScopeSettings
from .wakeup import WakeUp
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

STREAM_CREDIT_DEFAULT = 262_144


@dataclass(slots=True)
class CallContext:
    """What all calls of a worker share."""

    app: Any
    link: EngineLink
    settings: ScopeSettings
    #: How long a call may go on after its client has left, in seconds; then it is cancelled.
    disconnect_grace: float
    #: Is called when a request is answered: nothing more of the engine is for it.
    on_answered: Callable[[int], None]
    #: Of the welcome: what the engine sends of a body before it is granted more, in bytes.
    stream_credit: int = STREAM_CREDIT_DEFAULT
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


class Call:
    """What calls of all kinds have in common: frames of the engine reach them, and their clients may leave."""

    __slots__ = ("_grace", "_is_over", "_is_told", "body", "changed", "context", "id", "is_gone", "request", "stream", "task")

    def __init__(self, request: Wire, context: CallContext) -> None:
        self.request = request
        self.context = context
        self.id: int = request[b"id"]
        self.stream = ResponseStream(self.id, context.link)
        self.changed = WakeUp()
        #: The client has left, or the time for the request is over.
        self.is_gone = False
        self.task: asyncio.Task[None] | None = None
        self.body = self._open_body()
        self._grace: asyncio.TimerHandle | None = None
        self._is_over = False
        self._is_told = False

    async def run(self) -> None:
        """Returns behind the last word. Never raises, but for what ends the loop itself."""
        error: BaseException | None = None
        try:
            await self.serve()
        except asyncio.CancelledError as cancelled:
            error = None if self.is_gone else cancelled
        except (Exception, SystemExit, KeyboardInterrupt) as failure:
            error = failure
        finally:
            self._is_over = True
            if self._grace is not None:
                self._grace.cancel()
            self.body.close()
        await self._conclude(error)
        # Its traceback holds this frame: without this, generators that the app has left open would wait for the collector.
        error = None

    async def serve(self) -> None:
        """Has the app answer."""
        raise NotImplementedError

    def take(self, kind: bytes, frame: Wire) -> None:
        """Takes a frame of the engine that is about this request. docs/reference/wire.md W2.4: those of a later engine are skipped."""
        body = self.body
        if kind == b"credit":
            self.stream.credit.add(frame[b"bytes"])
        elif kind == b"cancel":
            self.leave()
        elif not isinstance(body, StreamedBody):
            return
        elif kind == b"body":
            body.push(frame[b"body"])
        elif kind == b"body_end":
            body.end()
        elif kind == b"body_abort":
            body.abort()

    def leave(self) -> None:
        """The client is gone: the app learns it, and is cancelled when it goes on for too long."""
        if self.is_gone:
            return
        self.is_gone = True
        self.stream.credit.close()
        self.body.close()
        self.changed.notify()
        self.cancel_later(self.context.disconnect_grace)

    def cancel_later(self, delay: float) -> None:
        """Cancels the app in ``delay`` seconds, unless it has returned by then."""
        if self._grace is None and not self._is_over:
            self._grace = self.context.loop.call_later(delay, self.cancel)

    def cancel(self) -> None:
        """Has the app stop where it waits."""
        self.is_gone = True
        if self.task is not None:
            self.task.cancel()

    def has_left(self) -> bool:
        """Whether nobody is there to send to."""
        return self.is_gone

    def answered(self) -> None:
        """The response is complete; the app may go on."""
        if not self._is_told:
            self._is_told = True
            self.context.on_answered(self.id)
            self.changed.notify()

    async def _conclude(self, error: BaseException | None) -> None:
        if self.stream.is_answered:
            if error is not None and not is_disconnect(error):
                report("The application has failed behind its response", error)
        elif error is None or (self.has_left() and is_disconnect(error)):
            await self.stream.send_end()
        elif self.body.is_aborted and is_disconnect(error) and not self.stream.is_begun:
            # Nobody hears it, but the engine waits for an answer.
            self.stream.send_whole(400, {}, b"")
        elif self.is_gone:
            # Nobody gets the answer, and so nobody logs it.
            report("The application has failed after its client had left", error)
            await self.stream.send_end()
        else:
            await self.stream.send_error(error)
        self.answered()

    def _open_body(self) -> RequestBody:
        request = self.request
        if b"body_stream" in request and request[b"body_stream"] is True:
            return StreamedBody(self._grant, self.context.stream_credit)
        if b"body_file" in request:
            return FileBody(request[b"body_file"])
        body = request[b"body"]
        return WholeBody(body) if body else NO_BODY

    def _grant(self, byte_count: int) -> None:
        if not self.stream.is_answered and not self.is_gone:
            self.context.link.send({"type": "credit", "id": self.id, "bytes": byte_count})

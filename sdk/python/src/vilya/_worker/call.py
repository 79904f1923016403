"""One request from its frame to its last word, whatever kind of application answers it."""

from __future__ import annotations

import asyncio
from .codec import Wire
from .disconnect import is_disconnect
from .engine_link import EngineLink
from .form_body import FormBody, form_pieces
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
    #: Those that the engine may have something for, by their ids: until they are answered.
    calls: dict[int, Call] = field(default_factory=dict)
    #: Of the welcome: what the engine sends of a body before it is granted more, in bytes.
    stream_credit: int = STREAM_CREDIT_DEFAULT
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


class Call:
    """What calls of all kinds have in common: frames of the engine reach them, and their clients may leave."""

    # What most calls never change is the class's: there is one of these for each request.
    body: RequestBody = NO_BODY
    #: The client has left, or the time for the request is over.
    is_gone = False
    task: asyncio.Task[None] | None = None
    _changed: WakeUp | None = None
    _grace: asyncio.TimerHandle | None = None
    _is_over = False
    #: The response is complete, or there will be none.
    is_told = False

    def __init__(self, request: Wire, context: CallContext) -> None:
        self.request = request
        self.context = context
        self.id: int = request[b"id"]
        self.stream = ResponseStream(self.id, context.link)

    @property
    def changed(self) -> WakeUp:
        """Made on first use: most calls wait for nothing."""
        if self._changed is None:
            self._changed = WakeUp()
        return self._changed

    async def run(self) -> None:
        """Returns behind the last word. Never raises, but where it is not to run on."""
        error: BaseException | None = None
        try:
            self.check(await self.begin())
        except asyncio.CancelledError as cancelled:
            error = None if self.is_gone else cancelled
        except BaseException as failure:
            if isinstance(failure, GeneratorExit) and asyncio.current_task(self.context.loop) is None:
                # Not the app's: the loop has ended, and this coroutine is thrown away.
                raise
            # Timeouts of some libraries are no Exception, and `sys.exit` in a handler is the end of one request.
            error = failure
        finally:
            self._is_over = True
            if self._grace is not None:
                self._grace.cancel()
            self.body.close()
        if not (self.is_told and error is None):
            await self._conclude(error)
        # Its traceback holds this frame: without this, generators that the app has left open would wait for the collector.
        error = None

    def begin(self) -> Awaitable[object]:
        """Has the app answer; returns what to await for that."""
        raise NotImplementedError

    def check(self, result: object) -> None:
        """Looks at what the app has left. Raises RuntimeError when it has no answer."""

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
        if not self.is_told:
            self.is_told = True
            self.context.calls.pop(self.id, None)
            if self._changed is not None:
                self._changed.notify()

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

    def open_body(self, extras: Wire | None, body: bytes) -> None:
        """``extras`` are what only some requests have."""
        if extras is not None and extras.get(b"body_stream") is True:
            self.body = StreamedBody(self._grant, self.context.stream_credit)
        elif extras is not None and b"body_file" in extras:
            self.body = FileBody(extras[b"body_file"])
        elif extras is not None and b"form" in extras:
            self.body = FormBody(form_pieces(extras))
        elif body:
            self.body = WholeBody(body)

    def _grant(self, byte_count: int) -> None:
        if not self.stream.is_answered and not self.is_gone:
            self.context.link.send({"type": "credit", "id": self.id, "bytes": byte_count})

"""Exceptions become responses here, as long as no response has begun."""

from __future__ import annotations

import traceback
from .endpoints import as_response, is_coroutine
from .exceptions import ClientDisconnect, HTTPException
from .requests import Request, SyncRequest, wait_on_loop
from .responses import PlainTextResponse, Response
from .threads import run_in_thread
from .types import ASGIApp, Message, Receive, Scope, Send
from .websockets import WebSocket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

# Of a request and what was raised; returns a response.
ExceptionHandler = Callable[[Any, Any], Any]
# Comes before a response, and does not say which.
EARLY_HINT = "http.response.early_hint"

ExceptionHandlers = Mapping[int | type[Exception], ExceptionHandler]


class Guard:
    """Answers what an application raises, by the handlers of its status or its class, the closest class first.

    With `is_last` whatever has no handler is answered with 500, and raised on so that the server logs it.
    What is raised after a response began is always raised on: the server cuts the connection, as it should.
    """

    def __init__(self, app: ASGIApp, handlers: ExceptionHandlers, *, is_last: bool, debug: bool = False) -> None:
        self.app = app
        self.handlers = handlers
        self.is_last = is_last
        self.debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        def tracked(message: Message) -> Awaitable[None]:
            nonlocal is_started
            is_started = is_started or message["type"] != EARLY_HINT
            return send(message)

        try:
            await self.app(scope, receive, tracked)
        except Exception as error:
            await self.settle(error, is_started, scope, receive, send)

    async def settle(self, error: Exception, is_started: bool, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers an exception that the application raised, and raises it on where it is not dealt with by that."""
        if not is_started and await self._answer(error, scope, receive, send):
            return
        # A client that left is answered by nobody, and nothing went wrong.
        if not (self.is_last and isinstance(error, ClientDisconnect)):
            raise error

    async def _answer(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether the exception is dealt with."""
        if scope["type"] == "websocket":
            if isinstance(error, HTTPException):
                await WebSocket(scope, receive, send).refuse(error)
            return isinstance(error, HTTPException)
        handler = self._find(error)
        if handler is not None:
            response = await _call(handler, scope, receive, error)
        elif isinstance(error, HTTPException):
            response = default_response(error)
        elif not self.is_last or isinstance(error, ClientDisconnect):
            return False
        else:
            response = self._internal_error(error)
        await response(scope, receive, send)
        # An error that nobody expected belongs in the log, whatever the client was told.
        return not (self.is_last and _is_unexpected(error, handler, self.handlers))

    def _find(self, error: Exception) -> ExceptionHandler | None:
        if isinstance(error, HTTPException) and error.status_code in self.handlers:
            return self.handlers[error.status_code]
        for kind in type(error).__mro__:
            handler = self.handlers.get(kind)
            if handler is not None and (self.is_last or kind is not Exception):
                return handler
        return self.handlers.get(500) if self.is_last and not isinstance(error, HTTPException) else None

    def _internal_error(self, error: Exception) -> Response:
        if self.debug:
            return PlainTextResponse("".join(traceback.format_exception(error)), 500)
        return PlainTextResponse("Internal Server Error", 500)


def default_response(error: HTTPException) -> Response:
    """The detail as text, where the status may have content."""
    content = None if error.status_code in (204, 304) else error.detail
    return PlainTextResponse(content, error.status_code, error.headers)


def _is_unexpected(error: Exception, handler: ExceptionHandler | None, handlers: ExceptionHandlers) -> bool:
    return not isinstance(error, HTTPException) and (handler is None or handler in (handlers.get(Exception), handlers.get(500)))


async def _call(handler: ExceptionHandler, scope: Scope, receive: Receive, error: Exception) -> ASGIApp:
    if is_coroutine(handler):
        return as_response(await handler(Request(scope, receive), error))
    return as_response(await run_in_thread(handler, SyncRequest(scope, receive, wait_on_loop()), error))

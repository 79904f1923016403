"""Handlers: functions of a request or a WebSocket, made into ASGI applications once, when their route is made."""

from __future__ import annotations

import inspect
from .exceptions import HTTPException, WebSocketDisconnect, WebSocketException
from .requests import Request, SyncRequest, close_form, run_at_once, wait_on_loop
from .responses import JSONResponse, Response
from .threads import run_in_thread
from .types import ASGIApp, Receive, Scope, Send
from .websockets import WebSocket
from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

# What answers: takes a Request or a SyncRequest, and returns a response, or what JSONResponse takes as a dict or a list.
Handler = Callable[[Any], Any]
RequestClass = type[Request] | type[SyncRequest]


def http_endpoint(handler: Handler, request_class: RequestClass | None = None) -> ASGIApp:
    """The ASGI application of a handler of requests.

    Which request it gets: what its first parameter is annotated with, otherwise `request_class`, otherwise a Request for a
    coroutine and a SyncRequest for a plain function. A plain function runs in a thread.
    """
    kind = _annotation(handler) or request_class
    if not is_coroutine(handler):
        return _in_a_thread(handler, kind or SyncRequest)
    if kind is not None and issubclass(kind, SyncRequest):
        return _behind_its_body(handler, kind)
    return _on_the_loop(handler, kind or Request)


def _on_the_loop(handler: Handler, kind: type[Request]) -> ASGIApp:
    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        request = kind(scope, receive, send)
        try:
            response = await handler(request)
            await (response if isinstance(response, Response) else as_response(response))(scope, receive, send)
        finally:
            if request._form is not None:
                close_form(request)

    return endpoint


def _in_a_thread(handler: Handler, kind: RequestClass) -> ASGIApp:
    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        request = kind(scope, receive, wait_on_loop()) if issubclass(kind, SyncRequest) else kind(scope, receive, send)
        try:
            response = as_response(await run_in_thread(handler, request))
            await response(scope, receive, send)
        finally:
            close_form(request)

    return endpoint


def _behind_its_body(handler: Handler, kind: type[SyncRequest]) -> ASGIApp:
    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        request = kind(scope, receive, run_at_once)
        try:
            response = as_response(await handler(request))
            await response(scope, receive, send)
        finally:
            close_form(request)

    return endpoint


def websocket_endpoint(handler: Callable[[WebSocket], Awaitable[None]]) -> ASGIApp:
    """The ASGI application of a handler of WebSockets: it closes what the handler leaves open."""
    if not is_coroutine(handler):
        raise TypeError(f"Cannot route a WebSocket to {handler!r}: a coroutine function is allowed")

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        try:
            await handler(websocket)
        except WebSocketDisconnect:
            # The usual way for a handler to end: the client left while it waited.
            pass
        except WebSocketException as error:
            await websocket.close(error.code, error.reason)
        except HTTPException as error:
            await websocket.refuse(error)
        except Exception:
            await websocket.close(1011)
            raise
        await websocket.close()

    return endpoint


def as_response(answer: Any) -> ASGIApp:
    """What a handler returned, as an ASGI application."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, (dict, list)):
        return JSONResponse(answer)
    if callable(answer):
        # Another framework's response, or an application.
        app: ASGIApp = answer
        return app
    raise TypeError(f"Cannot answer with {type(answer).__name__}: a Response is allowed, and a dict or list that becomes JSON")


def is_coroutine(handler: Any) -> bool:
    """Whether calling it gives something to await: coroutine functions, and objects whose `__call__` is one."""
    while hasattr(handler, "func"):  # functools.partial
        handler = handler.func
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004


def _annotation(handler: Handler) -> RequestClass | None:
    """The request class that the first parameter asks for."""
    try:
        name = next(iter(inspect.signature(handler).parameters))
        annotation = get_type_hints(handler if inspect.isroutine(handler) else type(handler).__call__).get(name)
    except (StopIteration, TypeError, ValueError, NameError):
        return None
    if isinstance(annotation, type) and issubclass(annotation, (Request, SyncRequest)):
        return annotation
    return None

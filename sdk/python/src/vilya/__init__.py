"""Vilya for Python: warm workers for ASGI and WSGI applications, and a small framework.

What is named here is imported when it is first used: a worker that runs another framework does not pay for this one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .applications import App
    from .background import BackgroundTask, BackgroundTasks
    from .connection_pool import ConnectionPool
    from .embedding import EngineError, serve
    from .engine_forms import engine_form
    from .event_source import EventSourceResponse, ServerSentEvent
    from .exceptions import ClientDisconnect, HTTPException, InvalidMessage, WebSocketDisconnect, WebSocketException
    from .file_response import FileResponse
    from .hooks import before_fork, on_shutdown, on_start
    from .middleware import Middleware
    from .plugins import Plugin
    from .requests import Request, SyncRequest
    from .response_cache import ResponseCache
    from .responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
    from .routing import Mount, Route, Router, WebSocketRoute
    from .static_files import StaticFiles
    from .streaming import StreamingResponse
    from .websockets import WebSocket

__version__ = "0.1.0"

_MODULES = {
    "applications": ("App",),
    "background": ("BackgroundTask", "BackgroundTasks"),
    "connection_pool": ("ConnectionPool",),
    "embedding": ("EngineError", "serve"),
    "engine_forms": ("engine_form",),
    "event_source": ("EventSourceResponse", "ServerSentEvent"),
    "exceptions": ("ClientDisconnect", "HTTPException", "InvalidMessage", "WebSocketDisconnect", "WebSocketException"),
    "file_response": ("FileResponse",),
    "hooks": ("before_fork", "on_shutdown", "on_start"),
    "middleware": ("Middleware",),
    "plugins": ("Plugin",),
    "requests": ("Request", "SyncRequest"),
    "response_cache": ("ResponseCache",),
    "responses": ("HTMLResponse", "JSONResponse", "PlainTextResponse", "RedirectResponse", "Response"),
    "routing": ("Mount", "Route", "Router", "WebSocketRoute"),
    "static_files": ("StaticFiles",),
    "streaming": ("StreamingResponse",),
    "websockets": ("WebSocket",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "App",
    "BackgroundTask",
    "BackgroundTasks",
    "ClientDisconnect",
    "ConnectionPool",
    "EngineError",
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "HTTPException",
    "InvalidMessage",
    "JSONResponse",
    "Middleware",
    "Mount",
    "PlainTextResponse",
    "Plugin",
    "RedirectResponse",
    "Request",
    "Response",
    "ResponseCache",
    "Route",
    "Router",
    "ServerSentEvent",
    "StaticFiles",
    "StreamingResponse",
    "SyncRequest",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "WebSocketRoute",
    "__version__",
    "before_fork",
    "engine_form",
    "on_shutdown",
    "on_start",
    "serve",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'vilya' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
    return value

"""The names of Tachyon Engine, for applications that were written for it. New ones import them from `vilya`.

What differs is what `request.json()` and its like are: here they return, whatever the handler is
(docs/decisions/0019-two-requests.md).
"""

from __future__ import annotations

from typing import Any
from vilya import (
    BackgroundTask,
    BackgroundTasks,
    EventSourceResponse,
    FileResponse,
    HTMLResponse,
    HTTPException,
    JSONResponse,
    Middleware,
    Mount,
    PlainTextResponse,
    Plugin,
    RedirectResponse,
    Response,
    Route,
    Router,
    ServerSentEvent,
    StaticFiles,
    StreamingResponse,
    WebSocket,
    WebSocketDisconnect,
    WebSocketRoute,
)
from vilya import SyncRequest as Request
from vilya.applications import App
from vilya.headers import MutableHeaders as Headers
from vilya.params import QueryParams
from vilya.testing import TestClient

__all__ = [
    "BackgroundTask",
    "BackgroundTasks",
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "HTTPException",
    "Headers",
    "JSONResponse",
    "Middleware",
    "Mount",
    "PlainTextResponse",
    "Plugin",
    "QueryParams",
    "RedirectResponse",
    "Request",
    "Response",
    "Route",
    "Router",
    "ServerSentEvent",
    "StaticFiles",
    "StreamingResponse",
    "TachyonEngine",
    "TestClient",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketRoute",
]


class TachyonEngine(App):
    """An `App` whose handlers all get a request that is not awaited."""

    def __init__(self, routes: Any = (), **options: Any) -> None:
        super().__init__(routes or (), **{"request_class": Request, **options})

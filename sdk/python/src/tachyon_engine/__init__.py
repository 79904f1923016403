"""The names of Tachyon Engine, for applications that were written for it. New ones import them from `vilya`.

What differs is what `request.json()` and its like are: here they return, whatever the handler is
(docs/decisions/0019-two-requests.md).
"""

from __future__ import annotations

import sys
import vilya
from .route_index import IndexedRouter
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


class Route(vilya.Route):
    """A route whose handler gets a request that is not awaited."""

    def __init__(self, path: str, endpoint: Any, methods: Any = None, name: str | None = None, **options: Any) -> None:
        super().__init__(path, endpoint, methods, name, **{"request_class": Request, **options})


class TachyonEngine(App):
    """An `App` whose handlers all get a request that is not awaited.

    It is an engine for applications of FastAPI and Starlette, too: `app.engine = TachyonEngine()` has it find their routes.
    """

    def __init__(self, routes: Any = (), **options: Any) -> None:
        super().__init__(routes or (), **{"request_class": Request, **options})
        _attach_to_fastapi()

    def take_over(self, app: Any) -> None:
        """Finds the routes of an application of FastAPI or Starlette from now on. What answers stays what it was."""
        if not hasattr(app.router, "middleware_stack"):
            raise RuntimeError("Cannot take over: this Starlette calls its router itself, 0.33 and newer are allowed")
        app.router.middleware_stack = IndexedRouter(app.router)


def _attach_to_fastapi() -> None:
    """Makes `app.engine = TachyonEngine()` do what it says. Called for each engine: FastAPI may have been imported in between."""
    fastapi = sys.modules.get("fastapi")
    if fastapi is None or hasattr(fastapi.FastAPI, "engine"):
        return

    def engine(app: Any) -> TachyonEngine | None:
        current: TachyonEngine | None = app.__dict__.get("engine")
        return current

    def set_engine(app: Any, value: TachyonEngine) -> None:
        value.take_over(app)
        app.__dict__["engine"] = value

    fastapi.FastAPI.engine = property(engine, set_engine)

"""Serves an application over the connection to the engine, many requests at a time."""

from __future__ import annotations

import asyncio
import gc
from .actions import Actions
from .call import STREAM_CREDIT_DEFAULT, Call, CallContext
from .codec import Wire
from .engine_link import FRAME_BYTES_MAX_DEFAULT, EngineLink
from .hook_runs import run_shutdown_hooks, run_start_hooks
from .http_call import HttpCall
from .interface import Interface, as_asgi
from .lifespan import Lifespan, LifespanMode
from .scope import ScopeSettings, SpecVersion
from .task_starter import TaskStarter
from .websocket_call import WebSocketCall
from .wsgi_call import WsgiCall
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

#: Requests at a time in one loop. Responses that go on, such as events, count for as long as they do.
CONCURRENCY_DEFAULT = 1_000
#: How long what still runs has when the engine says no time, in seconds.
_STOP_GRACE_DEFAULT = 5.0
#: The share of a stop's time that belongs to work in flight; the rest is for the app's shutdown.
_STOP_GRACE_SHARE = 0.5

_FEATURES = ("stream", "ping", "stack_signal", "request_stream", "body_file", "uploads", "connection", "trailers", "actions")


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker serves."""

    app: Any
    interface: Interface
    #: The Unix socket that the engine listens on.
    socket_path: str
    #: Name and version, for the engine's log.
    sdk: str
    lifespan: LifespanMode = "auto"
    root_path: str = ""
    spec_version: SpecVersion = "2.5"
    #: Of an ASGI application: requests at a time.
    concurrency: int = CONCURRENCY_DEFAULT
    #: Of a WSGI application: requests at a time.
    thread_count: int = 16
    #: How long a request may go on after its client has left, in seconds.
    disconnect_grace: float = 3.0


class Worker:
    """One connection to the engine, and what runs on it."""

    def __init__(self, options: WorkerOptions) -> None:
        self._options = options
        self._calls: dict[int, Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_wsgi = options.interface == "wsgi"
        self._settings = ScopeSettings(options.root_path, options.spec_version)
        self._threads = ThreadPoolExecutor(options.thread_count, "vilya wsgi") if self._is_wsgi else None

    async def run(self) -> None:
        """Starts the app, serves until the engine says that it is enough, and shuts the app down.

        Raises StartError, and ProtocolError when the engine sends what cannot be read.
        """
        self._loop = asyncio.get_running_loop()
        self._starter = TaskStarter(self._loop)
        self._ended: asyncio.Future[Exception | None] = self._loop.create_future()
        with Actions() as self._actions:
            await run_start_hooks()
            await self._serve()
            await run_shutdown_hooks()
        self._link.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        error = self._ended.result()
        if error is not None:
            raise error

    async def _serve(self) -> None:
        options = self._options
        app = as_asgi(options.app, options.interface)
        lifespan = Lifespan(app, "off" if self._is_wsgi else options.lifespan)
        await lifespan.start()
        if lifespan.is_supported:
            self._settings.state = lifespan.state
        # What is loaded now stays: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        self._link = EngineLink(self._hello(), self._take, self._on_end)
        self._context = CallContext(app, self._link, self._settings, options.disconnect_grace, self._calls)
        await self._loop.create_unix_connection(lambda: self._link, options.socket_path)
        await self._ended
        self._starter.close()
        await lifespan.stop()

    def _hello(self) -> dict[str, Any]:
        features = list(_FEATURES)
        if not self._is_wsgi:
            features += ("websocket_session", "short_request")
        concurrency = self._options.thread_count if self._is_wsgi else self._options.concurrency
        hello = {"type": "hello", "level": 2, "sdk": self._options.sdk, "features": features, "concurrency": concurrency}
        routes = self._announce_routes()
        if routes is not None:
            features.append("routes")
            hello["routes"] = routes
        return hello

    def _announce_routes(self) -> list[Any] | None:
        """Of an application that can take the engine's word for which route a request is for."""
        app = self._options.app
        # Asked of its class: some objects have every attribute that somebody asks for.
        if self._options.root_path or not hasattr(type(app), "announce_routes"):
            return None
        table = app.announce_routes()
        return None if table is None else [table.id, table.paths]

    def _take(self, frame: Wire) -> None:
        kind, request_id = frame.get(b"type"), frame.get(b"id")
        if request_id is not None:
            if kind is None:
                self._begin(frame)
            else:
                call = self._calls.get(request_id)
                if call is not None:
                    call.take(kind, frame)
        elif kind == b"ping":
            self._link.send({"type": "pong", "n": frame[b"n"]})
        elif kind == b"welcome":
            self._welcome(frame)
        elif kind == b"stop":
            self._keep(self._loop.create_task(self._stop(frame.get(b"grace_ms"))))

    def _begin(self, request: Wire) -> None:
        call: Call
        if self._threads is not None:
            call = WsgiCall(request, self._context, self._threads)
        elif b"websocket" in request and request[b"websocket"] is True:
            call = WebSocketCall(request, self._context)
        else:
            call = HttpCall(request, self._context)
        task = self._starter.start(call.run())
        if not call.is_told:
            self._calls[call.id] = call
        if task is not None:
            call.task = task
            self._keep(task)

    def _welcome(self, frame: Wire) -> None:
        self._link.frame_bytes_max = frame.get(b"frame_bytes_max", FRAME_BYTES_MAX_DEFAULT)
        self._context.stream_credit = frame.get(b"stream_credit", STREAM_CREDIT_DEFAULT)
        features = frame.get(b"features") or ()
        self._settings.has_trailers = b"trailers" in features
        self._actions.open(self._link, is_agreed=b"actions" in features)

    def _keep(self, task: asyncio.Task[None]) -> None:
        """The loop alone keeps no task alive."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop(self, grace_ms: int | None) -> None:
        """No request is open when the engine asks for the end; what goes on behind a response has a share of the time."""
        grace = _STOP_GRACE_DEFAULT if grace_ms is None else grace_ms / 1_000
        others = self._tasks - {asyncio.current_task()}
        if others:
            _, late = await asyncio.wait(others, timeout=grace * _STOP_GRACE_SHARE)
            await _cancel(late)
        self._finish(None)

    def _on_end(self, error: Exception | None) -> None:
        for call in list(self._calls.values()):
            call.leave()
        self._finish(error)

    def _finish(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(error)


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=1)

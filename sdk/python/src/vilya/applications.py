"""The application: routes, what is around them, and what lives as long as it does."""

from __future__ import annotations

from .body import BODY_BYTES_MAX, FORM_BYTES_MAX
from .endpoints import Handler, RequestClass
from .guard import EARLY_HINT, ExceptionHandler, Guard
from .lifespan import Lifespan, run_lifespan
from .middleware import Middleware, MiddlewareSource, wrap
from .plugins import Plugin, PluginMiddleware
from .route_table import RouteTable
from .routing import BaseRoute, Mount, Route, Router, WebSocketRoute, prefixed
from .state import State
from .types import ASGIApp, Message, Receive, Scope, Send
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

H = TypeVar("H", bound=Callable[..., Any])


class App:
    """An ASGI application.

    `middleware`: the first of the list is outermost. `exception_handlers`: by status or class. `lifespan`: a context manager around
    the life of the application. `debug` sends tracebacks to clients: never where strangers are. `request_class`: what handlers get that
    are added by their path and say nothing themselves. `redirect_slashes`: as `Router`. `body_bytes_max`: what a body read whole may have,
    and `form_bytes_max` a form with files, whose files go to disk; more is answered 413.
    """

    def __init__(
        self,
        routes: Sequence[BaseRoute] = (),
        *,
        middleware: Sequence[MiddlewareSource] = (),
        exception_handlers: Mapping[int | type[Exception], ExceptionHandler] | None = None,
        lifespan: Lifespan | None = None,
        plugins: Sequence[Plugin] = (),
        debug: bool = False,
        request_class: RequestClass | None = None,
        redirect_slashes: bool = True,
        body_bytes_max: int = BODY_BYTES_MAX,
        form_bytes_max: int = FORM_BYTES_MAX,
    ) -> None:
        # Not `routes`: Starlette would take those of a mounted application for its own.
        self.router = Router(routes, redirect_slashes=redirect_slashes)
        self.state = State()
        self.debug = debug
        self.lifespan = lifespan
        self.request_class = request_class
        self.body_bytes_max = body_bytes_max
        self.form_bytes_max = form_bytes_max
        self.exception_handlers = dict(exception_handlers or {})
        self._middleware = list(middleware)
        self._plugins = list(plugins)
        self._guard: Guard | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope["app"] = self
            await run_lifespan(self._lifespans(), scope, receive, send)
            return
        if "app" in scope:
            # Mounted: its URLs begin where it is.
            scope["app_root_path"] = scope.get("root_path", "")
        scope["app"] = self
        guard = self._guard or self._build()
        is_started = False

        # What `Guard.__call__` does, here: a coroutine less for each request.
        def tracked(message: Message) -> Awaitable[None]:
            nonlocal is_started
            is_started = is_started or message["type"] != EARLY_HINT
            return send(message)

        try:
            await guard.app(scope, receive, tracked)
        except Exception as error:
            await guard.settle(error, is_started, scope, receive, send)

    def url_path_for(self, name: str, /, **params: Any) -> str:
        """The path of a route by its name. Raises NoMatchFound."""
        return self.router.url_path_for(name, **params)

    def announce_routes(self) -> RouteTable[BaseRoute] | None:
        """As `Router.announce`, for the server that this application runs under."""
        return self.router.announce()

    def add_route(
        self,
        path: str | BaseRoute,
        endpoint: Handler | ASGIApp | None = None,
        methods: Iterable[str] | None = None,
        name: str | None = None,
        middleware: Sequence[MiddlewareSource] = (),
    ) -> None:
        """Adds a handler, or a route that was made before. Default: GET, named as the function."""
        if isinstance(path, BaseRoute):
            self.router.add(path)
        elif endpoint is None:
            raise TypeError(f"Cannot add a route at {path!r}: it has no endpoint, a function of a request is allowed")
        else:
            self.router.add(Route(path, endpoint, methods, name, middleware, self.request_class))

    def add_websocket_route(self, path: str, endpoint: Callable[..., Any], name: str | None = None) -> None:
        """Adds a handler of WebSockets."""
        self.router.add(WebSocketRoute(path, endpoint, name))

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Puts an application below a path. The lifespan of an `App` runs with this one's, another's does not."""
        self.router.add(Mount(path, app, name=name))

    def include(self, router: Router, prefix: str = "") -> None:
        """Adds the routes of a router below a prefix, as if they were this application's own."""
        for route in router.routes:
            self.router.add(prefixed(route, prefix))

    def add_middleware(self, factory: MiddlewareSource, *args: Any, **kwargs: Any) -> None:
        """Puts middleware around everything added before: the last one added sees a request first."""
        self._expect_unstarted("add middleware")
        self._middleware.insert(0, Middleware(factory, *args, **kwargs) if args or kwargs else factory)

    def add_plugin(self, plugin: Plugin) -> None:
        """Adds a plugin inside all middleware. Requests go through plugins in the order they were added, responses back."""
        self._expect_unstarted("add a plugin")
        self._plugins.append(plugin)

    def add_exception_handler(self, key: int | type[Exception], handler: ExceptionHandler) -> None:
        """Answers what is raised. Handlers of `Exception` and 500 answer what nobody expected, which is logged nevertheless."""
        self.exception_handlers[key] = handler

    def exception_handler(self, key: int | type[Exception]) -> Callable[[H], H]:
        """`add_exception_handler` as a decorator."""

        def add(handler: H) -> H:
            self.add_exception_handler(key, handler)
            return handler

        return add

    def route(
        self, path: str, methods: Iterable[str] | None = None, name: str | None = None, middleware: Sequence[MiddlewareSource] = ()
    ) -> Callable[[H], H]:
        """`add_route` as a decorator."""

        def add(handler: H) -> H:
            self.add_route(path, handler, methods, name, middleware)
            return handler

        return add

    def websocket(self, path: str, name: str | None = None) -> Callable[[H], H]:
        """`add_websocket_route` as a decorator."""

        def add(handler: H) -> H:
            self.add_websocket_route(path, handler, name)
            return handler

        return add

    def get(self, path: str, name: str | None = None, middleware: Sequence[MiddlewareSource] = ()) -> Callable[[H], H]:
        """A handler of GET and HEAD."""
        return self.route(path, ("GET",), name, middleware)

    def post(self, path: str, name: str | None = None, middleware: Sequence[MiddlewareSource] = ()) -> Callable[[H], H]:
        """A handler of POST."""
        return self.route(path, ("POST",), name, middleware)

    def put(self, path: str, name: str | None = None, middleware: Sequence[MiddlewareSource] = ()) -> Callable[[H], H]:
        """A handler of PUT."""
        return self.route(path, ("PUT",), name, middleware)

    def patch(self, path: str, name: str | None = None, middleware: Sequence[MiddlewareSource] = ()) -> Callable[[H], H]:
        """A handler of PATCH."""
        return self.route(path, ("PATCH",), name, middleware)

    def delete(self, path: str, name: str | None = None, middleware: Sequence[MiddlewareSource] = ()) -> Callable[[H], H]:
        """A handler of DELETE."""
        return self.route(path, ("DELETE",), name, middleware)

    def _build(self) -> Guard:
        """What a request goes through, made at the first one."""
        app: ASGIApp = self.router
        middleware = [*self._middleware]
        if self._plugins:
            middleware.append(Middleware(PluginMiddleware, self._plugins))
        if middleware:
            # Handlers answer below the middleware, which sees their responses; what nobody handles passes through it.
            app = wrap(Guard(app, self.exception_handlers, is_last=False), middleware)
        self._guard = Guard(app, self.exception_handlers, is_last=True, debug=self.debug)
        return self._guard

    def _lifespans(self) -> list[tuple[App, Lifespan]]:
        own = [] if self.lifespan is None else [(self, self.lifespan)]
        mounted = [route.mounted for route in self.router.routes if isinstance(route, Mount)]
        return own + [entry for app in mounted if isinstance(app, App) for entry in app._lifespans()]

    def _expect_unstarted(self, action: str) -> None:
        if self._guard is not None:
            raise RuntimeError(f"Cannot {action}: the application has answered requests already, do it before the first")

"""What an application answers on which paths: routes, mounts, and the router that finds them.

Of several routes that fit a path the order of `route_tree` decides, not the order they were added in.
"""

from __future__ import annotations

import inspect
from .endpoints import Handler, RequestClass, http_endpoint, websocket_endpoint
from .exceptions import HTTPException, NoMatchFound
from .middleware import MiddlewareSource, wrap
from .responses import RedirectResponse, Response
from .route_table import Entry, RouteTable, table_of
from .route_tree import ANY_METHOD, RouteTree
from .templates import PathTemplate
from .types import ASGIApp, Receive, Scope, Send
from .url import URL, path_below_root
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, cast

# The parameter that takes what is below the path of a mount.
_BELOW = "_below"


class BaseRoute:
    """A path, a name and the ASGI application that answers there."""

    def __init__(self, path: str, app: ASGIApp, name: str, *, tail: str = "") -> None:
        self.path = path
        self.app = app
        self.name = name
        self.template = PathTemplate(path + tail)
        self._names = self.template.names
        pairs = zip(self.template.names, self.template.convertors, strict=True)
        # What is text already needs no decoding.
        self._decoders = tuple((name, convertor.decode) for name, convertor in pairs if convertor.decode is not str)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r}, name={self.name!r})"

    def enter(self, scope: Scope, values: list[str]) -> ASGIApp:
        """Notes in the scope what the path says, and returns the application. Raises HTTPException(404) for what no convertor takes."""
        params: dict[str, Any] = dict(zip(self._names, values)) if values else {}  # noqa: B905 - they are as many
        try:
            for name, decode in self._decoders:
                params[name] = decode(params[name])
        except ValueError:
            raise HTTPException(404) from None
        scope["path_params"] = {**scope["path_params"], **params} if "path_params" in scope else params
        return self.app

    def url_path_for(self, name: str, params: dict[str, Any]) -> str | None:
        """The path of the route of that name, None where it is another. Raises NoMatchFound for other parameters than it has."""
        return self.template.render(params) if name == self.name else None


class Route(BaseRoute):
    """Requests of some methods on a path. A handler of GET answers HEAD, too; OPTIONS and other methods answer themselves.

    `endpoint` is a function of a request; any other callable is taken for an ASGI application and has every method.
    """

    def __init__(
        self,
        path: str,
        endpoint: Handler | ASGIApp,
        methods: Iterable[str] | None = None,
        name: str | None = None,
        middleware: Sequence[MiddlewareSource] = (),
        request_class: RequestClass | None = None,
    ) -> None:
        self.endpoint = endpoint
        is_function = _is_function(endpoint)
        app = http_endpoint(cast(Handler, endpoint), request_class) if is_function else cast(ASGIApp, endpoint)
        super().__init__(path, wrap(app, middleware), name or _name_of(endpoint))
        allowed = ("GET",) if is_function else (ANY_METHOD,)
        self.methods = frozenset(method.upper() for method in (methods or allowed))


class WebSocketRoute(BaseRoute):
    """WebSockets on a path. `endpoint` is a coroutine function of a WebSocket, or an ASGI application."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Awaitable[None]],
        name: str | None = None,
        middleware: Sequence[MiddlewareSource] = (),
    ) -> None:
        self.endpoint = endpoint
        app = websocket_endpoint(endpoint) if _is_function(endpoint) else endpoint
        super().__init__(path, wrap(app, middleware), name or _name_of(endpoint))


class Mount(BaseRoute):
    """An application below a path: any ASGI application, or routes of this one.

    Its `root_path` has the path of the mount. What it does not know is a 404: nothing else is asked then.
    """

    def __init__(
        self,
        path: str,
        app: ASGIApp | None = None,
        routes: Sequence[BaseRoute] = (),
        name: str | None = None,
        middleware: Sequence[MiddlewareSource] = (),
    ) -> None:
        if (app is None) == (not routes):
            raise ValueError(f"Cannot mount at {path!r}: an application or routes are allowed, one of them")
        self.mounted: ASGIApp = Router(routes) if app is None else app
        super().__init__(path.rstrip("/"), wrap(self.mounted, middleware), name or "", tail=f"/{{{_BELOW}:path}}")

    def enter(self, scope: Scope, values: list[str]) -> ASGIApp:
        app = super().enter(scope, values)
        below = scope["path_params"].pop(_BELOW)
        root, path = scope.get("root_path", ""), path_below_root(scope)
        if path == scope["path"]:
            # The server gives the path without `root_path`; from here on it has it, as mounted applications expect.
            scope["path"] = root + path
        scope["root_path"] = root + path[: len(path) - len(below) - 1]
        # What links begin with: routes are the application's own, another application has links of its own.
        if isinstance(self.mounted, Router):
            scope.setdefault("app_root_path", root)
        else:
            scope["app_root_path"] = scope["root_path"]
        return app

    def url_path_for(self, name: str, params: dict[str, Any]) -> str | None:
        own = {key: params[key] for key in self.template.names if key in params}
        if name == self.name and self.name:
            return self.template.render({_BELOW: "", **params})
        prefix, _, rest = name.partition(":")
        if self.name:
            if prefix != self.name or not rest:
                return None
            name = rest
        find = getattr(self.mounted, "url_path_for", None)
        if find is None:
            return None
        try:
            path: str = find(name, **{key: value for key, value in params.items() if key not in own})
        except Exception:
            # Each framework has an error of its own for a name that it does not have.
            return None
        return self.template.render({**own, _BELOW: ""}).removesuffix("/") + path


class Router:
    """Finds the route of a request, and answers where there is none: 404, 405 with `Allow`, OPTIONS, or a redirect.

    With `redirect_slashes` a path that fits once a slash is added or left off is redirected there.
    """

    def __init__(self, routes: Sequence[BaseRoute] = (), *, redirect_slashes: bool = True) -> None:
        self.redirect_slashes = redirect_slashes
        self._routes = list(routes)
        self._trees: tuple[RouteTree[BaseRoute], RouteTree[BaseRoute]] | None = None
        self._table: RouteTable[BaseRoute] | None = None

    @property
    def routes(self) -> tuple[BaseRoute, ...]:
        """In the order they were added."""
        return tuple(self._routes)

    def add(self, route: BaseRoute) -> None:
        """Adds a route, also while requests are served. Of two with one path and method the one added first stays."""
        self._routes.append(route)
        self._trees = self._table = None

    def announce(self) -> RouteTable[BaseRoute] | None:
        """What a server is told, which may find the routes of requests from then on; None where it cannot. Adding a route ends that."""
        self._table = table_of(list(self._entries()))
        return self._table

    def url_path_for(self, name: str, /, **params: Any) -> str:
        """The path of a route, `mount:route` for one of a named mount. Raises NoMatchFound where there is none with these parameters."""
        failure = NoMatchFound(f"Cannot build a path: no route is named {name!r}")
        for route in self._routes:
            try:
                path = route.url_path_for(name, params)
            except NoMatchFound as error:
                failure = error
                continue
            if path is not None:
                return path
        raise failure

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self.resolve(scope)(scope, receive, send)

    def resolve(self, scope: Scope) -> ASGIApp:
        """What answers the request. Raises HTTPException for what nothing does."""
        path = path_below_root(scope) if scope.get("root_path") else scope["path"]
        if scope["type"] == "http":
            method = scope["method"]
            found = None if self._table is None else self._table.look_up(scope, path, method)
            if found is None:
                requests, _ = self._trees or self._build()
                found = requests.find(path, method)
            if found is None:
                return self._unmatched(scope, requests, path, method)
        else:
            _, websockets = self._trees or self._build()
            found = websockets.find(path, ANY_METHOD)
            if found is None:
                raise HTTPException(404)
        route, values = found
        return route.enter(scope, values)

    def _build(self) -> tuple[RouteTree[BaseRoute], RouteTree[BaseRoute]]:
        requests: RouteTree[BaseRoute] = RouteTree()
        websockets: RouteTree[BaseRoute] = RouteTree()
        for _, methods, route in self._entries():
            requests.add(route.template, methods, route)
        for route in self._routes:
            if not isinstance(route, Route):
                websockets.add(route.template, frozenset({ANY_METHOD}), route)
        self._trees = requests, websockets
        return self._trees

    def _entries(self) -> Iterator[Entry[BaseRoute]]:
        """What requests may find, in the order in which it is asked where paths have one shape."""
        every = frozenset({ANY_METHOD})
        routes = [(route, getattr(route, "methods", every)) for route in self._routes if not isinstance(route, WebSocketRoute)]
        for route, methods in routes:
            if methods - every:
                yield route.template.segments, methods - every, route
        # A route of HEAD itself goes before.
        for route, methods in routes:
            if "GET" in methods:
                yield route.template.segments, frozenset({"HEAD"}), route
        for route, methods in routes:
            if ANY_METHOD in methods:
                yield route.template.segments, every, route

    def _unmatched(self, scope: Scope, requests: RouteTree[BaseRoute], path: str, method: str) -> ASGIApp:
        methods = requests.methods(path)
        if methods:
            allow = {"allow": ", ".join(sorted({*methods, "OPTIONS"}))}
            if method == "OPTIONS":
                return Response(status_code=204, headers=allow)
            raise HTTPException(405, headers=allow)
        if self.redirect_slashes and path != "/":
            other = path[:-1] if path.endswith("/") else path + "/"
            if requests.find(other, method) is not None:
                below = scope["path"]
                target = below[:-1] if path.endswith("/") else below + "/"
                # With the host: a path that begins with two slashes would be another host.
                return RedirectResponse(URL.of_scope({**scope, "path": target}))
        raise HTTPException(404)


def prefixed(route: BaseRoute, prefix: str) -> BaseRoute:
    """The same route below a prefix, for routers that are included rather than mounted."""
    copy = object.__new__(type(route))
    copy.__dict__.update(route.__dict__)
    tail = f"/{{{_BELOW}:path}}" if isinstance(route, Mount) else ""
    BaseRoute.__init__(copy, prefix.rstrip("/") + route.path, route.app, route.name, tail=tail)
    return copy


def _is_function(endpoint: Any) -> bool:
    while isinstance(endpoint, partial):
        endpoint = endpoint.func
    return inspect.isfunction(endpoint) or inspect.ismethod(endpoint) or inspect.isbuiltin(endpoint)


def _name_of(endpoint: Any) -> str:
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))

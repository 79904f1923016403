"""Finds the routes of Starlette and FastAPI without asking each: by the text that their paths begin with.

Only what cannot fit is left out, and the framework itself decides among the rest, in its own order: which route answers stays what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

# A table for each path would grow with what clients ask for; past this many it begins anew.
SELECTIONS_MAX = 1024


class RouteIndex:
    """The routes of one router by the segments before the first parameter of their paths. Others are asked about every path."""

    def __init__(self, routes: Sequence[Any]) -> None:
        self.routes = tuple(routes)
        self._always: list[int] = []
        self._by_prefix: dict[tuple[str, ...], list[int]] = {}
        for index, route in enumerate(self.routes):
            prefix = _static_prefix(route)
            if prefix is None:
                self._always.append(index)
            else:
                self._by_prefix.setdefault(prefix, []).append(index)

    def select(self, path: str) -> tuple[int, ...]:
        """The places of the routes that may fit, in order."""
        segments = tuple(path.split("/"))
        found = [*self._always]
        for count in range(len(segments) + 1):
            found += self._by_prefix.get(segments[:count], ())
        return tuple(sorted(found))


class IndexedRouter:
    """In the place of a router's own application: hands each request to a copy of the router that has only the routes that may fit."""

    def __init__(self, router: Any) -> None:
        self._router = router
        self._index = RouteIndex(router.routes)
        self._narrowed: dict[tuple[int, ...], Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._choose(scope).app(scope, receive, send)

    def _choose(self, scope: Any) -> Any:
        router = self._router
        if scope["type"] == "lifespan":
            return router
        if len(router.routes) != len(self._index.routes):
            # Routes were added since.
            self._index, self._narrowed = RouteIndex(router.routes), {}
        root, path = scope.get("root_path", ""), scope["path"]
        selected = self._index.select(path.removeprefix(root) if root else path)
        routes = self._index.routes
        if not any(routes[place].matches(scope)[0].value for place in selected):
            # Nothing fits: a redirect to another path, or a 404, is for the whole router to say.
            return router
        scope.setdefault("router", router)
        narrowed = self._narrowed.get(selected)
        if narrowed is None:
            if len(self._narrowed) >= SELECTIONS_MAX:
                self._narrowed.clear()
            narrowed = self._narrowed[selected] = copy(router)
            narrowed.routes = [routes[place] for place in selected]
        return narrowed


def _static_prefix(route: Any) -> tuple[str, ...] | None:
    """The segments before the first one with a parameter; None for what does not say: mounts, hosts, routes of other packages."""
    kind = type(route)
    if kind.__name__ not in {"Route", "APIRoute", "WebSocketRoute", "APIWebSocketRoute"}:
        return None
    if kind.__module__.partition(".")[0] not in {"starlette", "fastapi"}:
        return None
    text: str = route.path
    return tuple(text.partition("{")[0].split("/")[:-1]) if "{" in text else tuple(text.split("/"))

"""What a request costs in the framework itself, beside Starlette: no server, no sockets, no client.

Prints one JSON object a round: for each row the microseconds of both, less what calling an application costs at all.
"""

from __future__ import annotations

import json
import sys
import vilya
from collections.abc import Callable
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from time import perf_counter
from typing import Any

CALLS = 300
# The least of so many is taken: what other processes take away never makes a call cheaper.
REPETITIONS = 40

RESOURCES = ("users", "posts", "comments", "tags", "files", "orders", "invoices", "teams", "events", "reports")
PATHS = ("/{name}", "/{name}/{{id:int}}", "/{name}/{{id:int}}/history", "/{name}/{{id:int}}/links/{{key}}")
CONTENT = {"id": 42, "name": "Ada", "tags": ["a", "b"], "active": True}


def new_scope(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"page=2&order=name",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"user-agent", b"bench"), (b"accept", b"*/*"), (b"accept-encoding", b"gzip")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Any) -> None:
    pass


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """What both come down to."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def drive(app: Callable[..., Any], path: str) -> None:
    """One request: nothing in it waits, so one step of the coroutine is all of it."""
    try:
        app(new_scope(path), receive, send).send(None)
    except StopIteration:
        return
    raise RuntimeError("Cannot measure: the application waits for something")


def answer_with(respond: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A handler that uses parameters, the query and a header."""

    async def handler(request: Any) -> Any:
        return respond({"params": request.path_params, "page": request.query_params.get("page"), "agent": request.headers["user-agent"]})

    return handler


def our_app(paths: list[str]) -> vilya.App:
    handler = answer_with(vilya.JSONResponse)
    return vilya.App([vilya.Route(path, handler) for path in paths])


def their_app(paths: list[str]) -> Starlette:
    handler = answer_with(JSONResponse)
    return Starlette(routes=[Route(path, handler) for path in paths])


def least(call: Callable[[], object]) -> float:
    """Microseconds a call."""
    best = float("inf")
    for _ in range(REPETITIONS):
        start = perf_counter()
        for _ in range(CALLS):
            call()
        best = min(best, perf_counter() - start)
    return best / CALLS * 1e6


Row = tuple[Callable[[], object], Callable[[], object], Callable[[], object]]


def rows() -> dict[str, Row]:
    """By name: ours, Starlette's, and what is subtracted from both."""
    table = [path.format(name=name) for name in RESOURCES for path in PATHS]
    path = "/orders/42/links/self"
    router, routes = our_app(table).router, their_app(table).routes

    def read(request: Any) -> None:
        assert request.query_params.get("page") == "2"
        assert request.headers["user-agent"] == "bench"

    def match() -> None:
        scope = new_scope(path)
        for route in routes:
            found, child = route.matches(scope)
            if found is Match.FULL:
                scope.update(child)
                return

    return {
        "scope: make a request, read its query and a header": (
            lambda: read(vilya.Request(new_scope(path))),
            lambda: read(Request(new_scope(path))),
            lambda: new_scope(path),
        ),
        "match and parameters: 40 routes, one in the middle": (
            lambda: router.resolve(new_scope(path)),
            match,
            lambda: new_scope(path),
        ),
        "JSON: make a response": (lambda: vilya.JSONResponse(CONTENT), lambda: JSONResponse(CONTENT), lambda: None),
        "all of them: 40 routes, one in the middle": whole(table, path),
        "all of them: 10 routes, the last": whole(table[3::4], "/reports/42/links/self"),
        "all of them: 1 route": whole(["/users/{id:int}/links/{key}"], "/users/42/links/self"),
    }


def whole(paths: list[str], path: str) -> Row:
    """Requests through an application, from the call to the last message."""
    ours, theirs = our_app(paths), their_app(paths)
    return lambda: drive(ours, path), lambda: drive(theirs, path), lambda: drive(bare, path)


def main(rounds: int) -> None:
    measured = rows()
    for _ in range(rounds):
        figures = {}
        for name, (ours, theirs, floor) in measured.items():
            below = least(floor)
            figures[name] = {"vilya": least(ours) - below, "starlette": least(theirs) - below}
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

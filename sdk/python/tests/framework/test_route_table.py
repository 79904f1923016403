"""What a server is told of an application's routes, and what becomes of its word."""

from __future__ import annotations

import pytest
from typing import Any
from vilya import App, Mount, Request, Response, Route, WebSocketRoute
from vilya.route_table import ROUTES_MAX, SEGMENTS_MAX


async def endpoint(request: Request) -> Response:
    return Response()


async def socket(websocket: Any) -> None:
    await websocket.close()


def paths_of(*routes: Any) -> list[tuple[str, list[str]]] | None:
    table = App(routes).announce_routes()
    return None if table is None else table.paths


def test_what_is_told() -> None:
    assert paths_of(
        Route("/", endpoint),
        Route("/users/{id:int}/{name}", endpoint, ["PUT", "get"]),
        WebSocketRoute("/live", socket),
        Mount("/static", App()),
        Route("/{rest:path}", endpoint, ["*"]),
    ) == [
        ("/", ["GET"]),
        ("/users/{p1:int}/{p2}", ["GET", "PUT"]),
        ("/", ["HEAD"]),
        ("/users/{p1:int}/{p2}", ["HEAD"]),
        ("/static/{p1:path}", []),
        ("/{p0:path}", []),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/{id:uuid}",
        "/{x:float}",
        "/a{x}",
        "/{x}.json",
        "/{x:path}/end",
        "/gr\u00fc",
        "/a%20b",
        "/a b",
        "/a//b",
        "/..",
        "/a*b",
        "/x" * (SEGMENTS_MAX + 1),
    ],
)
def test_where_one_path_cannot_be_told_none_is(path: str) -> None:
    assert paths_of(Route("/", endpoint), Route(path, endpoint)) is None


def test_so_many_routes_may_be_told() -> None:
    routes = [Route(f"/{number}", endpoint, ["POST"]) for number in range(ROUTES_MAX)]
    assert paths_of(*routes) is not None
    assert paths_of(*routes, Route("/more", endpoint, ["POST"])) is None


def scope_of(path: str, match: Any, **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [], "vilya.match": match, **more}


def test_the_word_of_the_server_is_taken_for_the_request_it_has_seen() -> None:
    app = App([Route("/{a}", endpoint), Route("/{a}/{b:int}", endpoint)])
    table = app.announce_routes()
    assert table is not None
    found = (table.id, 1, b"x", b"7")
    told = scope_of("/x/7", ("/x/7", "GET", found))
    assert app.router.resolve(told) is app.router.routes[1].app
    assert told["path_params"] == {"a": "x", "b": 7}


@pytest.mark.parametrize("change", ["path", "method", "table", "root_path", "a route was added", "nothing announced"])
def test_otherwise_the_application_looks_itself(change: str) -> None:
    app = App([Route("/{a}", endpoint), Route("/{a}", endpoint, ["POST"])])
    table = app.announce_routes()
    assert table is not None
    told: list[Any] = ["/x", "GET", (table.id, 1, b"wrong")]
    scope = scope_of("/x", told)
    if change == "path":
        told[0] = "/y"
    elif change == "method":
        told[1] = "POST"
    elif change == "table":
        told[2] = (table.id + 1, 1, b"wrong")
    elif change == "root_path":
        scope.update(path="/root/x", root_path="/root")
        told[0] = "/root/x"
    elif change == "a route was added":
        app.add_route("/more", endpoint)
    else:
        app = App(app.router.routes)
    assert app.router.resolve(scope) is app.router.routes[0].app
    assert scope["path_params"] == {"a": "x"}

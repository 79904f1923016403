import os
import pytest
import subprocess
import sys
from fastapi import APIRouter, FastAPI, Request
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from tachyon_engine import TachyonEngine, TestClient
from tachyon_engine.route_index import SELECTIONS_MAX, RouteIndex
from typing import Any


def make(kind: str) -> Any:
    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{request.scope['route'].name if 'route' in request.scope else ''} {sorted(request.path_params.items())}")

    paths = [
        "/",
        "/a",
        "/{x}",
        "/a/b",
        "/a/{x}",
        "/a/{x}/c",
        "/users/me",
        "/users/{id:int}",
        "/users/{id}",
        "/x{y}",
        "/slash/",
        "/f/{p:path}",
    ]
    if kind == "starlette":
        routes: list[Any] = [Route(path, echo, name=path) for path in paths]
        routes.append(Route("/a", echo, methods=["POST"], name="post"))
        routes.append(Mount("/m", routes=[Route("/{x}", echo, name="mounted")]))
        return Starlette(routes=routes)
    app = FastAPI()
    for path in paths:
        app.add_api_route(path, echo, name=path, response_class=PlainTextResponse)
    app.add_api_route("/a", echo, name="post", methods=["POST"])
    included = APIRouter()
    included.add_api_route("/deep/{x}", echo, name="included")
    app.include_router(included, prefix="/i")
    return app


ASKED = [
    *[
        "/",
        "/a",
        "/a/",
        "/b",
        "/a/b",
        "/a/q",
        "/a/q/c",
        "/a/q/d",
        "/users/me",
        "/users/7",
        "/users/x",
        "/xy",
        "/slash",
        "/slash/",
        "/f",
        "/f/",
    ],
    *["/f/1/2", "/m/1", "/m", "/i/deep/1", "/i/none", "/none/none", "//", "/docs", "/openapi.json", "/a%2Fb"],
]


@pytest.mark.parametrize("kind", ["starlette", "fastapi"])
def test_what_answers_stays_what_it_was(kind: str) -> None:
    plain, taken = make(kind), make(kind)
    taken.engine = TachyonEngine()
    if kind == "starlette":
        taken.engine.take_over(taken)
    for root_path in ("", "/root"):
        for method in ("GET", "POST", "HEAD", "DELETE"):
            for path in ASKED:
                answers = [TestClient(app, root_path=root_path, follow_redirects=False).request(method, path) for app in (plain, taken)]
                seen = [
                    (answer.status_code, answer.text, answer.headers.get("location"), answer.headers.get("allow")) for answer in answers
                ]
                assert seen[0] == seen[1], (method, path)


def test_the_example_replaces_what_finds_the_routes() -> None:
    app = FastAPI()
    app.engine = TachyonEngine()  # type: ignore[attr-defined]  # Replace Starlette

    @app.get("/late/{x}")
    async def late(x: int) -> dict[str, int]:
        return {"x": x}

    client = TestClient(app)
    assert isinstance(app.engine, TachyonEngine)  # type: ignore[attr-defined]
    assert client.get("/late/7").json() == {"x": 7}
    assert client.get("/late/x").status_code == 422
    assert type(app.router.middleware_stack).__name__ == "IndexedRouter"


def test_the_order_of_the_imports_does_not_matter() -> None:
    program = """
from tachyon_engine import TachyonEngine
from fastapi import FastAPI

app = FastAPI()
app.engine = TachyonEngine()
print(type(app.router.middleware_stack).__name__)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    printed = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True).stdout
    assert printed == "IndexedRouter\n"


def test_the_lifespan_is_the_applications() -> None:
    from contextlib import asynccontextmanager

    way: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> Any:
        way.append("start")
        yield
        way.append("stop")

    app = FastAPI(lifespan=lifespan)
    app.engine = TachyonEngine()  # type: ignore[attr-defined]
    with TestClient(app):
        assert way == ["start"]
    assert way == ["start", "stop"]


def test_selects_what_may_fit_in_order() -> None:
    async def handler(request: Any) -> Any: ...

    routes = [Route("/{x}", handler), Route("/a/b", handler), Mount("/m", routes=[Route("/", handler)]), Route("/a/{x}", handler)]
    index = RouteIndex(routes)
    assert index.select("/a/b") == (0, 1, 2, 3)
    assert index.select("/a/c") == (0, 2, 3)
    assert index.select("/b") == (0, 2)
    many = RouteIndex([Route(f"/{number}/{{x}}", handler) for number in range(500)])
    assert many.select("/250/x") == (250,)


def test_what_it_keeps_is_bounded() -> None:
    async def handler(request: Any) -> Any:
        return PlainTextResponse("")

    app = Starlette(routes=[Route(f"/{number}/{{x}}", handler) for number in range(SELECTIONS_MAX + 2)])
    TachyonEngine().take_over(app)
    client = TestClient(app)
    for number in range(SELECTIONS_MAX + 2):
        assert client.get(f"/{number}/x").status_code == 200
    assert len(app.router.middleware_stack._narrowed) <= SELECTIONS_MAX  # type: ignore[attr-defined]

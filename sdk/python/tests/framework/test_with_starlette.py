"""Middleware and applications of Starlette around and below an application of ours, and ours below one of Starlette."""

import asyncio
import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse as StarletteJSONResponse
from starlette.routing import Mount as StarletteMount
from starlette.routing import Route as StarletteRoute
from typing import Any
from vilya import App, EventSourceResponse, HTTPException, JSONResponse, Request, Response, StreamingResponse
from vilya.exceptions import NoMatchFound
from vilya.testing import TestClient


class Passing(BaseHTTPMiddleware):
    async def dispatch(self, request: StarletteRequest, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-passed"] = "1"
        return response


def make_app() -> App:
    app = App()

    @app.get("/where")
    async def where(request: Request) -> Response:
        return JSONResponse([request.path, request.scope.get("root_path", ""), request.url_for("where")])

    @app.post("/echo")
    async def echo(request: Request) -> Response:
        return StreamingResponse(request.stream())

    @app.get("/events")
    async def events(request: Request) -> Response:
        return EventSourceResponse(["one"])

    @app.get("/teapot")
    async def teapot(request: Request) -> Response:
        raise HTTPException(418)

    return app


def test_its_middleware_goes_around_ours() -> None:
    app = make_app()
    app.add_middleware(CORSMiddleware, allow_origins=["https://example.org"])
    app.add_middleware(GZipMiddleware, minimum_size=100)
    app.add_middleware(Passing)
    client = TestClient(app)
    got = client.get("/where", headers={"origin": "https://example.org"})
    assert (got.headers["access-control-allow-origin"], got.headers["x-passed"]) == ("https://example.org", "1")
    preflight = {"origin": "https://example.org", "access-control-request-method": "GET"}
    assert client.options("/where", headers=preflight).status_code == 200
    got = client.post("/echo", content=b"x" * 5000, headers={"accept-encoding": "gzip"})
    assert got.headers["content-encoding"] == "gzip"
    assert client.post("/echo", content=[b"a", b"b"], headers={"accept-encoding": "identity"}).content == b"ab"
    assert client.get("/events").content.endswith(b"data: one\n\n")
    assert client.get("/teapot").status_code == 418


def test_a_client_that_leaves_is_no_fault_behind_its_middleware() -> None:
    closed = asyncio.Event()
    app = make_app()
    app.add_middleware(Passing)

    @app.get("/endless")
    async def endless(request: Request) -> Response:
        async def parts() -> Any:
            try:
                while True:
                    yield b"x"
                    await asyncio.sleep(0)
            finally:
                closed.set()

        return StreamingResponse(parts())

    with TestClient(app).stream("GET", "/endless") as response:
        assert next(response.iter_bytes()) == b"x"
    assert closed.is_set()


def test_ours_is_mounted_in_one_of_its_and_the_other_way_round() -> None:
    async def theirs(request: StarletteRequest) -> StarletteJSONResponse:
        return StarletteJSONResponse([request.url.path, request.scope["root_path"], str(request.base_url)])

    async def link(request: StarletteRequest) -> StarletteJSONResponse:
        return StarletteJSONResponse(str(request.url_for("link")))

    ours = make_app()
    ours.mount("/theirs", Starlette(routes=[StarletteRoute("/where", theirs), StarletteRoute("/link", link)]))
    outer = Starlette(routes=[StarletteMount("/ours", ours), StarletteRoute("/link", link)])
    client = TestClient(outer)
    assert client.get("/ours/where").json() == ["/ours/where", "/ours", "http://testserver/ours/where"]
    assert client.get("/ours/theirs/where").json() == ["/ours/theirs/where", "/ours/theirs", "http://testserver/ours/theirs/"]
    assert client.get("/ours/none").status_code == 404
    assert client.get("/link").json() == "http://testserver/link"
    assert TestClient(ours).get("/theirs/link").json() == "http://testserver/theirs/link"
    ours.mount("/named", Starlette(routes=[StarletteRoute("/{x}", link, name="one")]), name="named")
    assert ours.url_path_for("named:one", x=1) == "/named/1"
    with pytest.raises(NoMatchFound):
        ours.url_path_for("named:other")


def test_its_responses_may_be_returned() -> None:
    app = App()

    @app.get("/")
    async def handler(request: Request) -> Any:
        return StarletteJSONResponse({"theirs": True})

    assert TestClient(app).get("/").json() == {"theirs": True}

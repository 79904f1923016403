"""The document that this framework grew from: its examples, as they are written there."""

import tachyon_engine
from tachyon_engine import JSONResponse, Request, Route, TachyonEngine, TestClient
from typing import Any


class CustomMiddleware:
    def __init__(self, app):  # type: ignore[no-untyped-def]
        self.app = app

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
        # Pre-processing
        await self.app(scope, receive, send)
        # Post-processing


def test_middleware_goes_around_in_the_order_of_the_example() -> None:
    way: list[str] = []

    class LoggingMiddleware(CustomMiddleware):
        async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
            way.append("→ LoggingMiddleware")
            await self.app(scope, receive, send)
            way.append("← LoggingMiddleware")

    class AuthMiddleware(CustomMiddleware):
        async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
            way.append("→ AuthMiddleware")
            await self.app(scope, receive, send)
            way.append("← AuthMiddleware")

    app = TachyonEngine()
    app.add_middleware(LoggingMiddleware)  # Applied second
    app.add_middleware(AuthMiddleware)  # Applied first
    app.add_middleware(CustomMiddleware)

    @app.get("/users/{user_id}/posts/{post_id}")
    def handler(request: Request) -> dict[str, Any]:
        way.append("Route Handler")
        return request.path_params

    assert TestClient(app).get("/users/1/posts/2").json() == {"user_id": "1", "post_id": "2"}
    assert way == [
        "→ AuthMiddleware",
        "→ LoggingMiddleware",
        "Route Handler",
        "← LoggingMiddleware",
        "← AuthMiddleware",
    ]


def test_bodies_are_returned_whatever_the_handler_is() -> None:
    async def waits(request):  # type: ignore[no-untyped-def]
        return JSONResponse({"got": request.json(), "query": request.query_params.get("q")})

    def blocks(request):  # type: ignore[no-untyped-def]
        return JSONResponse({"got": request.json(), "query": request.query_params.get("q")})

    app = TachyonEngine(routes=[Route("/blocks", blocks, methods=["POST"]), Route("/route", waits, methods=["POST"])])
    app.add_route("/waits", waits, methods=["POST"])
    client = TestClient(app)
    for path in ("/blocks", "/waits", "/route"):
        assert client.post(path, json={"a": 1}, params={"q": "x"}).json() == {"got": {"a": 1}, "query": "x"}


def test_every_name_is_there() -> None:
    assert all(hasattr(tachyon_engine, name) for name in tachyon_engine.__all__)

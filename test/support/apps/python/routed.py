"""Routes of every kind that a server can find before its worker is asked, middleware that changes paths, and mounts."""

from __future__ import annotations

from typing import Any
from vilya import App, JSONResponse, Mount, Request, Response, Route


def answering(name: str) -> Any:
    async def answer(request: Request) -> Response:
        # Whether the server has said anything stays out of the body: it is the one difference that there may be.
        headers = {"x-told": str("vilya.match" in request.scope).lower()}
        told = [name, request.method, request.path, request.path_params, request.scope.get("root_path", "")]
        return JSONResponse(told, headers=headers)

    return answer


class Renamed:
    """Middleware that has other paths and methods than the client."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/old/"):
            scope = {**scope, "path": scope["path"].replace("/old/", "/users/", 1)}
        if scope["type"] == "http" and scope["path"] == "/users/override":
            scope = {**scope, "method": "DELETE"}
        await self.app(scope, receive, send)


def route(name: str, path: str, *methods: str) -> Route:
    return Route(path, answering(name), methods or None)


app = App(
    [
        route("root", "/"),
        route("users", "/users"),
        route("add", "/users", "POST"),
        route("me", "/users/me"),
        route("number", "/users/{id:int}"),
        route("name", "/users/{name}"),
        route("change", "/users/{name}", "PUT", "DELETE"),
        route("second", "/users/{other}"),
        route("friends", "/users/{id:int}/friends/{friend}"),
        route("deep", "/users/{name}/posts/{post:int}/edit"),
        route("head", "/users/me", "HEAD"),
        route("slash", "/dir/"),
        route("file", "/files/{rest:path}"),
        route("readme", "/files/readme.txt", "POST"),
        Mount("/inner", routes=[route("inner", "/{id:int}"), route("inner root", "/")]),
        Mount("/app", App([route("nested", "/{name}")])),
    ],
    middleware=[Renamed],
)

"""The paths that all frameworks are tested with, in Starlette, behind a middleware of the kind that servers stumble over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from trace import trace


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[dict[str, str]]:
    trace("startup")
    yield {"made": "at start"}
    trace("shutdown")


class Marking(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["x-marked"] = "yes"
        return response


async def hello(request: Request) -> Response:
    return JSONResponse({"hello": request.path_params["name"], "made": request.state.made})


async def upload(request: Request) -> Response:
    async with request.form() as form:
        file = form["file"]
        return JSONResponse({"title": form["title"], "filename": file.filename, "bytes": len(await file.read())})


async def length(request: Request) -> Response:
    return JSONResponse({"bytes": sum([len(part) async for part in request.stream()])})


async def stream(_: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        for number in range(3):
            yield f"part {number}\n"
            await asyncio.sleep(0)

    return StreamingResponse(parts(), media_type="text/plain")


async def events(_: Request) -> Response:
    async def ticks() -> AsyncIterator[str]:
        try:
            while True:
                yield "data: tick\n\n"
                await asyncio.sleep(0.01)
        finally:
            trace("left")

    return StreamingResponse(ticks(), media_type="text/event-stream")


async def background(_: Request) -> Response:
    return JSONResponse({"accepted": True}, background=BackgroundTask(trace, "background"))


async def fail(_: Request) -> Response:
    raise ValueError("the secret reason")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(text.upper())
    except WebSocketDisconnect:
        pass
    trace("socket closed")


app = Starlette(
    routes=[
        Route("/hello/{name}", hello),
        Route("/upload", upload, methods=["POST"]),
        Route("/length", length, methods=["POST"]),
        Route("/stream", stream),
        Route("/events", events),
        Route("/background", background, methods=["POST"]),
        Route("/fail", fail),
        WebSocketRoute("/socket", socket),
    ],
    middleware=[Middleware(Marking)],
    lifespan=lifespan,
)

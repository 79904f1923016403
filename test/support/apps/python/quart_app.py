"""The paths that all frameworks are tested with, in Quart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from quart import Quart, Response, current_app, request, websocket
from trace import trace
from typing import Any

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = None
app.config["RESPONSE_TIMEOUT"] = None


@app.before_serving
async def start() -> None:
    trace("startup")


@app.after_serving
async def stop() -> None:
    trace("shutdown")


@app.get("/hello/<name>")
async def hello(name: str) -> dict[str, str]:
    return {"hello": name, "made": "at start"}


@app.post("/upload")
async def upload() -> dict[str, Any]:
    file = (await request.files)["file"]
    return {"title": (await request.form)["title"], "filename": file.filename, "bytes": len(file.read())}


@app.post("/length")
async def length() -> dict[str, int]:
    return {"bytes": sum([len(part) async for part in request.body])}


@app.get("/stream")
async def stream() -> Response:
    async def parts() -> AsyncIterator[str]:
        for number in range(3):
            yield f"part {number}\n"
            await asyncio.sleep(0)

    return Response(parts(), content_type="text/plain")


@app.get("/events")
async def events() -> Response:
    async def ticks() -> AsyncIterator[str]:
        try:
            while True:
                yield "data: tick\n\n"
                await asyncio.sleep(0.01)
        finally:
            trace("left")

    return Response(ticks(), content_type="text/event-stream")


@app.post("/background")
async def background() -> dict[str, bool]:
    current_app.add_background_task(trace, "background")
    return {"accepted": True}


@app.get("/fail")
async def fail() -> str:
    raise ValueError("the secret reason")


@app.websocket("/socket")
async def socket() -> None:
    try:
        while True:
            await websocket.send((await websocket.receive()).upper())
    finally:
        trace("socket closed")

"""The paths that all frameworks are tested with, in FastAPI and Pydantic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fastapi import BackgroundTasks, FastAPI, Form, Request, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from trace import trace
from typing import Annotated, Any


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, str]]:
    trace("startup")
    yield {"made": "at start"}
    trace("shutdown")


app = FastAPI(lifespan=lifespan)


class Order(BaseModel):
    name: str
    count: int


@app.get("/hello/{name}")
async def hello(name: str, request: Request) -> dict[str, str]:
    return {"hello": name, "made": request.state.made}


@app.post("/orders")
async def order(wanted: Order) -> Order:
    return wanted


@app.get("/blocking")
def blocking() -> dict[str, bool]:
    """Runs in a thread of the framework."""
    return {"done": True}


@app.post("/upload")
async def upload(file: UploadFile, title: Annotated[str, Form()]) -> dict[str, Any]:
    return {"title": title, "filename": file.filename, "bytes": len(await file.read())}


@app.post("/length")
async def length(request: Request) -> dict[str, int]:
    return {"bytes": sum([len(part) async for part in request.stream()])}


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(parts(), media_type="text/plain")


async def parts() -> AsyncIterator[str]:
    for number in range(3):
        yield f"part {number}\n"
        await asyncio.sleep(0)


@app.get("/events")
async def events() -> StreamingResponse:
    return StreamingResponse(ticks(), media_type="text/event-stream")


async def ticks() -> AsyncIterator[str]:
    try:
        while True:
            yield "data: tick\n\n"
            await asyncio.sleep(0.01)
    finally:
        trace("left")


@app.post("/background")
async def background(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(trace, "background")
    return {"accepted": True}


@app.get("/fail")
async def fail() -> None:
    raise ValueError("the secret reason")


@app.websocket("/socket")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.send_text((await websocket.receive_text()).upper())
    except WebSocketDisconnect as end:
        trace(f"socket {end.code}")

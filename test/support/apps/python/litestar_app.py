"""The paths that all frameworks are tested with, in Litestar."""

import asyncio
from collections.abc import AsyncIterator
from litestar import Litestar, Request, get, post, websocket_listener
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Response, ServerSentEvent, Stream
from trace import collect_from_now_on, trace
from typing import Annotated, Any


@get("/hello/{name:str}")
async def hello(name: str) -> dict[str, str]:
    return {"hello": name, "made": "at start"}


@post("/upload", status_code=200)
async def upload(data: Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]) -> dict[str, Any]:
    file: UploadFile = data["file"]
    return {"title": data["title"], "filename": file.filename, "bytes": len(await file.read())}


@post("/length", status_code=200, request_max_body_size=None)
async def length(request: Request) -> dict[str, int]:
    return {"bytes": sum([len(part) async for part in request.stream()])}


@get("/stream")
async def stream() -> Stream:
    async def parts() -> AsyncIterator[str]:
        for number in range(3):
            yield f"part {number}\n"
            await asyncio.sleep(0)

    return Stream(parts(), media_type="text/plain")


@get("/events")
async def events() -> ServerSentEvent:
    async def ticks() -> AsyncIterator[str]:
        try:
            while True:
                yield "tick"
                await asyncio.sleep(0.01)
        finally:
            trace("left")

    collect_from_now_on()
    return ServerSentEvent(ticks())


@post("/background", status_code=200)
async def background() -> Response[dict[str, bool]]:
    return Response({"accepted": True}, background=BackgroundTask(trace_later))


async def trace_later() -> None:
    trace("background")


@get("/fail")
async def fail() -> None:
    raise ValueError("the secret reason")


@websocket_listener("/socket", on_disconnect=lambda: trace("socket closed"))
async def socket(data: str) -> str:
    return data.upper()


app = Litestar(
    [hello, upload, length, stream, events, background, fail, socket],
    on_startup=[lambda: trace("startup")],
    on_shutdown=[lambda: trace("shutdown")],
)

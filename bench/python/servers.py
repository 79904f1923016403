"""The applications that bench/python.ts has Python servers answer with: ASGI without a framework, and FastAPI."""

import asyncio
import json
from fastapi import FastAPI

HELLO = {"message": "Hello, world!"}
JSON_BODY = json.dumps(HELLO).encode()
LARGE_BODY = b"x" * 10_240
SLEEP_SECONDS = 0.01


async def raw(scope, receive, send):
    if scope["type"] == "websocket":
        await echo(receive, send)
        return
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    body = JSON_BODY
    match scope["path"]:
        case "/large":
            body = LARGE_BODY
        case "/echo":
            body, is_more = b"", True
            while is_more:
                message = await receive()
                body += message["body"]
                is_more = message["more_body"]
        case "/sleep":
            await asyncio.sleep(SLEEP_SECONDS)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(receive, send):
    """Messages of a WebSocket, until its client leaves."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message["bytes"]})


fast = FastAPI()


@fast.get("/")
async def hello() -> dict[str, str]:
    return HELLO

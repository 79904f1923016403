"""An ASGI application that writes down what it learns of a client that leaves: each path is another moment to leave in."""

from __future__ import annotations

import asyncio
from trace import trace
from typing import Any


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    name = scope["path"].strip("/")
    trace(f"{name} begins")
    try:
        await (talk if scope["type"] == "websocket" else answer)(name, receive, send)
    except OSError as error:
        trace(f"{name} ends with OSError")
        raise error
    except asyncio.CancelledError:
        trace(f"{name} is cancelled")
        raise


async def answer(name: str, receive: Any, send: Any) -> None:
    match name:
        case "uploading" | "waiting":
            while (message := await receive())["type"] == "http.request":
                trace(f"{name} gets {len(message['body'])} bytes")
            trace(f"{name} hears {message['type']}")
            return
        case "deaf":
            await asyncio.sleep(3_600)
        case "streaming":
            await send({"type": "http.response.start", "status": 200})
            while True:
                await send({"type": "http.response.body", "body": b"part\n", "more_body": True})
                await asyncio.sleep(0.01)
        case "flooding":
            await send({"type": "http.response.start", "status": 200})
            while True:
                await send({"type": "http.response.body", "body": b"x" * 60_000, "more_body": True})
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"complete"})
    if name == "complete":
        message = await receive()
        trace(f"{name} hears {message['type']}" if message["type"] == "http.disconnect" else "and more of its body")
        await asyncio.sleep(0.05)
        trace(f"{name} is done")


async def talk(name: str, receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "websocket.connect"
    if name == "ws-connecting":
        message = await receive()
        trace(f"{name} hears {message['type']} {message['code']}")
        return
    await send({"type": "websocket.accept"})
    if name == "ws-closing":
        await send({"type": "websocket.close", "code": 4000})
    message = await receive()
    trace(f"{name} hears {message['type']} {message['code']}")
    await send({"type": "websocket.send", "text": "late"})

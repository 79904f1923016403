"""An ASGI application with WebSockets that listen to the topic `room`, and a WSGI one that has none: both speak to them."""

from __future__ import annotations

import asyncio
from typing import Any
from vilya import sockets


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await listen(scope, receive, send)
        return
    assert scope["type"] == "http"
    text = scope["query_string"].decode()
    name, _, told = text.partition("=")
    match scope["path"]:
        case "/asgi/except":
            sockets.publish("room", told, exclude=name)
        case "/asgi/send":
            sockets.send(name, told)
        case "/asgi/close":
            sockets.close(name, 4000, told)
        case "/asgi/thread":
            await asyncio.to_thread(sockets.publish, "room", text)
        case "/asgi/request":
            sockets.publish("room", text.encode())
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"said"})
    if scope["path"] == "/asgi/background":
        await asyncio.sleep(0)
        sockets.publish("room", text)


async def listen(scope: Any, receive: Any, send: Any) -> None:
    """Tells the client its name."""
    await send({"type": "websocket.accept"})
    name = sockets.id_of(scope)
    sockets.subscribe(name, "room")
    await send({"type": "websocket.send", "text": name})
    while (message := await receive())["type"] != "websocket.disconnect":
        if message.get("text") == "quiet":
            sockets.unsubscribe(name, "room")
            await send({"type": "websocket.send", "text": "quiet"})


def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    sockets.publish("room", environ["QUERY_STRING"])
    start_response("200 OK", [])
    return [b"said"]

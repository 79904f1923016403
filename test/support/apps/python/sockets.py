"""An ASGI application that holds WebSockets, and does with each what the client says."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    if scope["path"] == "/refuse":
        await send({"type": "websocket.http.response.start", "status": 403})
        await send({"type": "websocket.http.response.body", "body": b"not you"})
        return
    subprotocol = scope["subprotocols"][-1] if scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": [(b"x-greeting", b"hello")]})
    assert (await receive())["type"] == "websocket.connect"
    while (message := await receive())["type"] == "websocket.receive":
        match message["text"]:
            case "scope":
                facts = {name: scope[name] for name in ("type", "scheme", "path", "http_version", "subprotocols")}
                await send({"type": "websocket.send", "text": json.dumps(facts)})
            case "close":
                await send({"type": "websocket.close", "code": 4000, "reason": "as you wish"})
            case "return":
                return
            case "raise":
                raise ValueError("the secret reason")
            case "flood":
                await flood(send)
            case _:
                await send({"type": "websocket.send", "text": message["text"], "bytes": message["bytes"]})
    write_down(f"{message['code']} {message['reason']}".strip())


async def flood(send: Any) -> None:
    """Goes on until the client, which does not read, has left."""
    try:
        while True:
            await send({"type": "websocket.send", "bytes": b"x" * 60_000})
            await asyncio.sleep(0)
    except OSError:
        write_down("flood over")
        raise


def write_down(line: str) -> None:
    with Path("trace.txt").open("a") as file:
        file.write(f"{line}\n")

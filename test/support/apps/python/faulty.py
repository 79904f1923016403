"""An ASGI application that does what no application should, each at a path of its own."""

from __future__ import annotations

import asyncio
import ctypes
import os
import time
from typing import Any

hoard: list[bytearray] = []


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    query = scope["query_string"].decode()
    match scope["path"]:
        case "/block":
            hold_the_loop_until_there_is(query)
        case "/never":
            await asyncio.sleep(3_600)
        case "/stubborn":
            await ignore_cancellation()
        case "/segfault":
            ctypes.string_at(0)
        case "/exit":
            raise SystemExit(3)
        case "/grow":
            hoard.append(bytearray(os.urandom(1) * int(query)))
        case "/flood":
            await send({"type": "http.response.start", "status": 200})
            while True:
                await send({"type": "http.response.body", "body": b"x" * 60_000, "more_body": True})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-pid", str(os.getpid()).encode())]})
    await send({"type": "http.response.body", "body": b"done"})


def hold_the_loop_until_there_is(path: str) -> None:
    while not os.path.exists(path):
        time.sleep(0.01)


async def ignore_cancellation() -> None:
    while True:
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            continue

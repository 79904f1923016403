"""An ASGI application that shows each thing a server has to get right at a path of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from vilya import engine_form

met: list[asyncio.Event] = []


def trace(line: str) -> None:
    with Path("trace.txt").open("a") as file:
        file.write(f"{line}\n")


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "http":
        handler = globals().get(f"get_{scope['path'].strip('/').split('/')[0]}", get_nothing)
        await handler(scope, receive, send)


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "lifespan.startup"
    scope["state"]["made_at_start"] = ["shared"]
    trace("startup")
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    trace("shutdown")
    await send({"type": "lifespan.shutdown.complete"})


async def answer(send: Any, body: bytes = b"", status: int = 200, headers: Any = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive: Any) -> bytes:
    parts = []
    while True:
        message = await receive()
        assert message["type"] == "http.request", message
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def get_nothing(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"nothing here", 404)


async def get_scope(scope: Any, receive: Any, send: Any) -> None:
    """Bytes are shown as Latin-1 text behind a ``b:``."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return f"b:{value.decode('latin-1')}"
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value

    await answer(send, json.dumps(plain(scope)).encode(), headers=[(b"content-type", b"application/json")])


async def get_state(scope: Any, receive: Any, send: Any) -> None:
    """What one request puts there no other one sees; what the start put there all share."""
    seen = [scope["state"].get("mine"), *scope["state"]["made_at_start"]]
    scope["state"]["mine"] = "request"
    scope["state"]["made_at_start"].append("seen")
    await answer(send, json.dumps(seen).encode())


async def get_echo(scope: Any, receive: Any, send: Any) -> None:
    await answer(
        send, await body_of(receive), headers=[(b"X-Method", scope["method"].encode()), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    )


async def get_length(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, str(len(await body_of(receive))).encode())


async def get_large(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"x" * int(scope["query_string"]))


async def get_many(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    for _ in range(int(scope["query_string"])):
        await send({"type": "http.response.body", "body": memoryview(b"y" * 50_000), "more_body": True})
    await send({"type": "http.response.body"})


async def get_trailers(scope: Any, receive: Any, send: Any) -> None:
    has_trailers = "http.response.trailers" in scope["extensions"]
    headers = [(b"trailer", b"x-rows"), (b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": has_trailers})
    await send({"type": "http.response.body", "body": b"rows"})
    if has_trailers:
        await send({"type": "http.response.trailers", "headers": [(b"x-rows", b"1"), (b"x-rows", b"2")]})


async def get_form(scope: Any, receive: Any, send: Any) -> None:
    form = engine_form(scope)
    if form is None:
        await answer(send, b"none")
        return
    files = [(file.filename, file.content_type, file.size, len(await file.read()), file.path is not None) for file in form.uploads()]
    form.close()
    await answer(send, json.dumps([form.getlist("title"), files]).encode())


async def get_meet(scope: Any, receive: Any, send: Any) -> None:
    """Answers when as many requests run as the query says."""
    event = asyncio.Event()
    met.append(event)
    if len(met) == int(scope["query_string"]):
        for each in met:
            each.set()
        met.clear()
    await event.wait()
    await answer(send, b"met")


async def get_raise(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("the secret reason")


async def get_break(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ValueError("in the middle")


async def get_silent(scope: Any, receive: Any, send: Any) -> None:
    return


async def get_long(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"more than it says", headers=[(b"content-length", b"4")])


async def get_short(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"less", headers=[(b"content-length", b"400")])


async def get_cut(scope: Any, receive: Any, send: Any) -> None:
    """Less than it says, which is found behind its first part."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"400")]})
    await send({"type": "http.response.body", "body": b"less", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def get_begin(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    raise ValueError("behind the start")


async def get_text(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, headers=[("content-type", "text/plain")])


async def get_exit(scope: Any, receive: Any, send: Any) -> None:
    os._exit(7)


async def get_print(scope: Any, receive: Any, send: Any) -> None:
    print("printed to stdout")
    print("printed to stderr", file=sys.stderr)
    await answer(send, b"printed")

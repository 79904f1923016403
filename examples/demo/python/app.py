"""
The Python third of the demo, an ASGI application without any framework; ../php/worker.php answers the same paths below /php.

    curl localhost:8888/py/hello/Ada              a greeting, and which process sent it
    curl localhost:8888/py/slow?ms=300            an answer that takes its time
    curl -T FILE localhost:8888/py/upload         how long a body is, and its SHA-256
"""

import asyncio
import hashlib
import itertools
import json
import os
import platform
import time
from urllib.parse import parse_qs

# A request may wait for this long at most.
SLOW_MS_MAX = 5_000

started_at = time.monotonic()
served_counts = itertools.count(1)


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    worker = {
        "runtime": f"Python {platform.python_version()}",
        "process": os.getpid(),
        "served": next(served_counts),
        "warm_seconds": round(time.monotonic() - started_at, 1),
    }
    _, _, action, name, *_ = [*scope["path"].split("/"), "", "", "", ""]

    match action:
        case "hello":
            await answer(send, {"message": f"Hello, {name}!", "worker": worker})
        case "slow":
            ms = min(max(first_int(scope["query_string"], "ms", 300), 0), SLOW_MS_MAX)
            await asyncio.sleep(ms / 1_000)
            await answer(send, {"message": f"That took {ms} ms.", "worker": worker})
        case "upload":
            digest, byte_count = await hash_body(receive)
            await answer(send, {"bytes": byte_count, "sha256": digest, "worker": worker})
        case _:
            await answer(send, {"error": "There is nothing here."}, 404)


async def hash_body(receive):
    digest, byte_count, is_more = hashlib.sha256(), 0, True
    while is_more:
        message = await receive()
        part = message.get("body", b"")
        digest.update(part)
        byte_count += len(part)
        is_more = message.get("more_body", False)
    return digest.hexdigest(), byte_count


def first_int(query, name, default):
    try:
        return int(parse_qs(query.decode("latin-1"))[name][0])
    except (KeyError, ValueError):
        return default


async def answer(send, value, status=200):
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{json.dumps(value)}\n".encode()})

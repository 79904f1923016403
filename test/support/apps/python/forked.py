"""Applications that tell which process did what. FAIL names the step that fails."""

from __future__ import annotations

import asyncio
import atexit
import gc
import json
import os
import random
import signal
import sys
import threading
import vilya
from trace import trace
from typing import Any

boot_pid = os.getpid()
events: list[str] = []
loops: list[asyncio.AbstractEventLoop] = []


def note(step: str) -> None:
    events.append(f"{step}:{os.getpid()}")
    if os.environ.get("FAIL") == step:
        raise ValueError(f"failed in {step}")


@vilya.before_fork
def warm() -> None:
    note("before-fork")


@vilya.on_start(priority=-1)
async def connect() -> None:
    loops.append(asyncio.get_running_loop())
    note("start")


@vilya.on_start
def first() -> None:
    note("first")


@vilya.on_shutdown
async def disconnect() -> None:
    await asyncio.sleep(0.05)
    trace(f"shutdown of {os.environ.get('VILYA_WORKER_ID')}")
    note("shutdown")


@vilya.on_shutdown
def last() -> None:
    print(f"last of {os.environ.get('VILYA_WORKER_ID')}", file=sys.stderr)
    note("last")


@atexit.register
def leave() -> None:
    trace(f"exit of {os.environ.get('VILYA_WORKER_ID')}")


match os.environ.get("AT_IMPORT"):
    case "thread":
        threading.Thread(target=threading.Event().wait, name="poller", daemon=True).start()
    case "loop":
        asyncio.get_event_loop()
note("import")


def facts() -> bytes:
    told = {
        "pid": os.getpid(),
        "bootPid": boot_pid,
        "events": events,
        "workerId": os.environ.get("VILYA_WORKER_ID"),
        "random": random.random(),
        "group": os.getpgid(0),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "frozenCount": gc.get_freeze_count(),
        "collects": gc.isenabled(),
    }
    return json.dumps(told).encode()


def act(path: str) -> None:
    match path:
        case "/print":
            print("printed")
            print("complained", file=sys.stderr)
        case "/die":
            print("last words", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGKILL)


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        note("lifespan")
        assert loops == [asyncio.get_running_loop()]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        note("lifespan-end")
        await send({"type": "lifespan.shutdown.complete"})
        return
    act(scope["path"])
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": facts()})


def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    act(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "application/json")])
    return [facts()]

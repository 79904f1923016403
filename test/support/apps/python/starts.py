"""Applications that start in different ways."""

from __future__ import annotations

import json
import sys
from typing import Any


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Tells what its worker runs with."""
    from vilya._worker.codec import CODEC_NAME

    facts = {"codec": CODEC_NAME, "uvloop": "uvloop" in sys.modules, "prefix": sys.prefix, "argv": sys.argv, "path": sys.path[0]}
    await answer(send, json.dumps(facts))


def create_app() -> Any:
    return app


class Old:
    """ASGI 2: called once for the scope, once for the rest."""

    def __init__(self, scope: Any) -> None:
        self.path = scope["path"]

    async def __call__(self, receive: Any, send: Any) -> None:
        await answer(send, f"asgi2 {self.path}")


def anything(*arguments: Any) -> Any:
    """No signature tells that it is WSGI."""
    environ, start_response = arguments
    start_response("200 OK", [])
    return [f"wsgi {environ['PATH_INFO']}".encode()]


async def refusing(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "there is no database"})


async def answer(send: Any, text: str) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": text.encode()})

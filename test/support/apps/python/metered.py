"""Applications that count what they are asked for."""

from __future__ import annotations

import math
from typing import Any
from vilya import metrics


def count(path: str) -> None:
    metrics.count("orders", labels={"path": path}, help="Orders taken.")
    metrics.gauge("stock", 12.5)
    metrics.observe("payment_seconds", 0.02)
    metrics.count("orders", math.nan)


async def app(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    count(scope["path"])
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"counted"})


def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    count(environ["PATH_INFO"])
    start_response("200 OK", [])
    return [b"counted"]

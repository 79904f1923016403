"""The paths that all frameworks are tested with, as far as WSGI goes, in Flask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from flask import Flask, Response, request, session
from trace import trace
from typing import Any

app = Flask(__name__)
app.secret_key = "of a test"


@app.get("/hello/<name>")
def hello(name: str) -> dict[str, str]:
    return {"hello": name, "made": "at start"}


@app.post("/upload")
def upload() -> dict[str, Any]:
    file = request.files["file"]
    return {"title": request.form["title"], "filename": file.filename, "bytes": len(file.read())}


@app.post("/length")
def length() -> dict[str, int]:
    return {"bytes": sum(len(part) for part in iter(lambda: request.stream.read(65_536), b""))}


@app.get("/stream")
def stream() -> Response:
    return Response((f"part {number}\n" for number in range(3)), content_type="text/plain")


@app.get("/events")
def events() -> Response:
    def ticks() -> Iterator[str]:
        try:
            while True:
                yield "data: tick\n\n"
        finally:
            trace("left")

    return Response(ticks(), content_type="text/event-stream")


@app.post("/background")
def background() -> dict[str, bool]:
    threading.Thread(target=trace, args=("background",)).start()
    return {"accepted": True}


@app.get("/fail")
def fail() -> str:
    raise ValueError("the secret reason")


@app.get("/count")
def count() -> dict[str, int]:
    session["count"] = session.get("count", 0) + 1
    return {"count": session["count"]}

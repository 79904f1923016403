"""
A Python application in one file, kept warm by Vilya: what examples/php/worker.php is in PHP.

    vilya serve --config examples/python/vilya.yaml

    curl localhost:8888/                  JSON about this process
    curl localhost:8888/hello/World       a greeting
    curl -d 'any text' localhost:8888/echo    the request, as the handler sees it
    curl 'localhost:8888/slow?ms=500'     an answer that takes its time
    curl localhost:8888/healthz           whether the application is well

What stands at the top level happens once in a process; a handler happens once a request, many at a time.
"""

import asyncio
import json
import os
import platform
import time
from vilya import App, PlainTextResponse, Request, Response

# A request may wait for this long at most.
SLOW_MS_MAX = 10_000

started_at = time.monotonic()
served_count = 0

app = App()


@app.get("/")
async def index(request: Request):
    global served_count
    served_count += 1
    return pretty(
        {
            "message": "Hello from a warm Python process",
            "python": platform.python_version(),
            "process": os.getpid(),
            "requests_served": served_count,
            "warm_for_seconds": round(time.monotonic() - started_at, 3),
        }
    )


@app.get("/healthz")
async def health(request: Request):
    return pretty({"status": "ok"})


@app.route("/echo", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def echo(request: Request):
    return pretty(
        {
            "method": request.method,
            "url": str(request.url),
            "headers": dict(request.headers),
            "remote_addr": f"{request.client.host}:{request.client.port}",
            "body": (await request.body()).decode(errors="replace"),
        }
    )


@app.get("/slow")
async def slow(request: Request):
    text = request.query_params.get("ms", "1000")
    ms = min(int(text), SLOW_MS_MAX) if text.isdecimal() else 0
    await asyncio.sleep(ms / 1_000)
    return PlainTextResponse(f"That took {ms} ms.\n")


@app.get("/hello/{name}")
async def hello(request: Request):
    return PlainTextResponse(f"Hello, {request.path_params['name']}!\n")


@app.exception_handler(404)
async def not_found(request: Request, error: Exception):
    return pretty({"error": "Not Found", "path": request.url.path}, 404)


def pretty(value, status_code=200):
    return Response(json.dumps(value, indent=4) + "\n", status_code, media_type="application/json")

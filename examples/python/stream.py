"""
Responses that come into being while the client reads them: what examples/php/stream.php is in PHP.

    vilya serve --config examples/python/stream.yaml

    curl -N localhost:8080/events                 server-sent events, one a second
    curl -N localhost:8080/countdown              a generator: what it yields leaves at once
    curl -N 'localhost:8080/rows?count=1000000'   a body of any size in little memory
    curl -v localhost:8080/                       early hints (103) before the page

A process streams many responses at a time: none of them holds a worker.
"""

import asyncio
import time
from hashlib import md5
from vilya import App, EventSourceResponse, HTMLResponse, Request, ServerSentEvent, StreamingResponse

PAGE = """<!doctype html>
<title>Streams</title>
<p id="time">waiting</p>
<script>
  new EventSource("/events").addEventListener("tick", (event) => {
    document.getElementById("time").textContent = event.data;
  });
</script>
"""

app = App()


@app.get("/")
async def page(request: Request):
    await request.early_hints("</events>; rel=preload; as=fetch")
    return HTMLResponse(PAGE)


@app.get("/events")
async def events(request: Request):
    last_id = int(request.headers.get("last-event-id", "0"))

    async def ticks():
        """One event a second, until the client leaves: then the generator is closed where it waits."""
        id = last_id
        while True:
            id += 1
            yield ServerSentEvent(time.strftime("%H:%M:%S"), event="tick", id=str(id), retry_ms=1_000)
            await asyncio.sleep(1)

    return EventSourceResponse(ticks())


@app.get("/countdown")
async def countdown(request: Request):
    async def seconds():
        for left in range(5, 0, -1):
            yield f"{left}\n"
            await asyncio.sleep(1)
        yield "Lift-off.\n"

    return StreamingResponse(seconds(), media_type="text/plain")


@app.get("/rows")
async def rows(request: Request):
    count = int(request.query_params.get("count", "1000"))

    async def lines():
        """Asked for no faster than the client takes them."""
        for row in range(count):
            yield f"{row},{md5(str(row).encode()).hexdigest()}\n"

    return StreamingResponse(lines(), media_type="text/csv")

"""
A chat: everybody who has the page open sees what anybody says, and a clock that the server pushes. What worker.php is in PHP.

    vilya serve --config examples/chat/python.yaml

    http://localhost:8080/                          the page
    curl -d 'Tea is ready' localhost:8080/say       says something from outside: any request can publish
    curl -N localhost:8080/events                   the event stream
"""

import asyncio
import json
import time
from pathlib import Path
from vilya import App, EventSourceResponse, FileResponse, HTTPException, Request, Response, ServerSentEvent, WebSocket, sockets

ROOM = "room"
NAME_LENGTH_MAX = 30
TEXT_LENGTH_MAX = 1_000
PAGE = Path(__file__).with_name("page.html")

app = App()


def line(name: str, text: str) -> str:
    return json.dumps({"name": name, "text": text}, ensure_ascii=False)


@app.get("/")
async def page(request: Request):
    return FileResponse(PAGE)


@app.websocket("/chat")
async def chat(socket: WebSocket):
    name = socket.query_params.get("name", "").strip()[:NAME_LENGTH_MAX]
    if name == "":
        raise HTTPException(400, "Say who you are: /chat?name=Ada")
    await socket.accept()
    socket.subscribe(ROOM)
    await socket.send_text(line("", f"Welcome, {name}"))
    socket.publish(ROOM, line("", f"{name} has come"))
    try:
        async for text in socket.iter_text():
            sockets.publish(ROOM, line(name, text[:TEXT_LENGTH_MAX]))
    except TypeError:
        await socket.close(1003, "text only")
    finally:
        socket.publish(ROOM, line("", f"{name} has left"))


@app.get("/chat")
async def no_socket(request: Request):
    raise HTTPException(426, "This is for WebSockets.")


@app.post("/say")
async def say(request: Request):
    text = (await request.body()).decode(errors="replace")
    sockets.publish(ROOM, line("A request", text[:TEXT_LENGTH_MAX]))
    return Response(status_code=204)


@app.get("/events")
async def events(request: Request):
    async def clock():
        """An event a second, until the client leaves."""
        while True:
            yield ServerSentEvent(time.strftime("%H:%M:%S"), event="clock")
            await asyncio.sleep(1)

    return EventSourceResponse(clock())

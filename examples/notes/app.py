"""
Notes in SQLite, with a file to each and a page that hears of every change, by the framework of the package `vilya`.

    curl localhost:8080/notes -d '{"text":"water the plants"}'    adds one
    curl localhost:8080/notes                                     lists them
    curl localhost:8080/notes/1/file -F file=@photo.jpg           puts a file to one
    curl -N localhost:8080/changes                                tells what happens
"""

import asyncio
import os
import sqlite3
from contextlib import asynccontextmanager
from pathlib import Path
from vilya import App, ConnectionPool, EventSourceResponse, FileResponse, HTTPException, Request, Response, ServerSentEvent, SyncRequest

HERE = Path(__file__).parent
DATA = Path(os.environ.get("NOTES_DATA", HERE / "data"))

DATA.mkdir(exist_ok=True)

# Text of a note in characters, and changes that a page may be behind before it misses some.
TEXT_LENGTH_MAX = 1000
CHANGES_BEHIND_MAX = 100


@asynccontextmanager
async def lifespan(app: App):
    async def connect():
        connection = sqlite3.connect(DATA / "notes.db", isolation_level=None)
        connection.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        return connection

    async with ConnectionPool(connect, size_max=4) as pool:
        yield {"notes": pool, "pages": set()}


app = App(lifespan=lifespan)


@app.get("/")
async def page(request: Request):
    return FileResponse(HERE / "page.html")


@app.get("/notes")
async def index(request: Request):
    async with request.state.notes.lease() as notes:
        return [{"id": id, "text": text} for id, text in notes.execute("SELECT id, text FROM notes ORDER BY id")]


@app.post("/notes")
async def add(request: Request):
    match await request.json():
        case {"text": str(text)} if 0 < len(text) <= TEXT_LENGTH_MAX:
            async with request.state.notes.lease() as notes:
                note = {"id": notes.execute("INSERT INTO notes (text) VALUES (?)", (text,)).lastrowid, "text": text}
            tell(request, "added", note)
            return note
    raise HTTPException(422, f"A note has a text of 1 to {TEXT_LENGTH_MAX} characters")


@app.get("/notes/{id:int}")
async def show(request: Request):
    return await find(request)


@app.delete("/notes/{id:int}")
async def remove(request: Request):
    note = await find(request)
    async with request.state.notes.lease() as notes:
        notes.execute("DELETE FROM notes WHERE id = ?", (note["id"],))
    tell(request, "removed", note)
    return Response(status_code=204)


@app.post("/notes/{id:int}/file")
def attach(request: SyncRequest):
    """A plain function runs in a thread: copying a large file holds nobody up."""
    uploads = request.form().uploads()
    if len(uploads) != 1:
        raise HTTPException(422, "One file is expected")
    path = file_of(request)
    path.unlink(missing_ok=True)
    uploads[0].save(path)
    return {"bytes": uploads[0].size}


@app.get("/notes/{id:int}/file")
async def attachment(request: Request):
    # What somebody else has put here must not run as a page of this site.
    return FileResponse(file_of(request), media_type="application/octet-stream", filename=f"note-{request.path_params['id']}")


@app.get("/changes")
async def changes(request: Request):
    mailbox: asyncio.Queue[ServerSentEvent] = asyncio.Queue(CHANGES_BEHIND_MAX)

    async def events():
        request.state.pages.add(mailbox)
        try:
            while True:
                yield await mailbox.get()
        finally:
            request.state.pages.discard(mailbox)

    return EventSourceResponse(events())


async def find(request: Request):
    id = request.path_params["id"]
    async with request.state.notes.lease() as notes:
        row = notes.execute("SELECT text FROM notes WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return {"id": id, "text": row[0]}


def file_of(request: Request | SyncRequest) -> Path:
    """A number of the route's own: nothing in it leads elsewhere."""
    return DATA / f"{request.path_params['id']}.file"


def tell(request: Request, event: str, note: dict) -> None:
    for mailbox in request.state.pages:
        if not mailbox.full():
            mailbox.put_nowait(ServerSentEvent(note, event=event))

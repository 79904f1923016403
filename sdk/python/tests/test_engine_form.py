"""Forms that the engine has read, for applications that take them so and for those that parse bodies themselves. W2.61."""

from __future__ import annotations

import os
import pytest
from engine import Engine, in_loop
from messages import START, body
from pathlib import Path
from typing import Any
from vilya import App, Request, SyncRequest, engine_form
from vilya.multipart import MultipartLimits, MultipartParser
from vilya.params import parse_urlencoded
from vilya.uploads import UploadFile

BOUNDARY = "b~1"
MULTIPART = {"Content-Type": [f'multipart/form-data; boundary="{BOUNDARY}"'], "Content-Length": ["4"]}
URLENCODED = {"Content-Type": ["application/x-www-form-urlencoded"], "Content-Length": ["4"]}


@pytest.fixture
def form(tmp_path: Path) -> dict[str, Any]:
    """Two fields, one of them twice, and three files: one of several reads, one without content, one of no type."""
    contents = {"large.bin": bytes(range(256)) * 2_000, "none": b"", "plain.txt": b"text\r\n"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {
        "form": {"title": ["Straße".encode(), b"a&b=c%"], 'q"uote': [b"\r\n--b"]},
        "files": [
            {
                "name": f"file{index}",
                "filename": name,
                "type": "" if name == "plain.txt" else "text/x-test",
                "path": str(tmp_path / name),
                "size": len(content),
            }
            for index, (name, content) in enumerate(contents.items())
        ],
    }


async def whole(receive: Any) -> bytes:
    content, has_more = b"", True
    while has_more:
        message = await receive()
        assert message["type"] == "http.request"
        content, has_more = content + message["body"], message["more_body"]
    return content


def announced(headers: list[tuple[bytes, bytes]]) -> int:
    return int(dict(headers)[b"content-length"])


@in_loop
async def test_an_asgi_application_gets_fields_and_files_by_path(form: dict[str, Any]) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given = engine_form(scope)
        assert given is not None
        seen.append(given.getlist("title"))
        for upload in given.uploads():
            assert isinstance(upload, UploadFile)
            content = await upload.read()
            is_there = upload.path is not None and os.path.getsize(upload.path) == len(content)  # noqa: ASYNC240 - of a test
            seen.append((upload.filename, upload.content_type, upload.size, is_there))
        given.close()
        await send(START)
        await send(body())

    async with Engine(app) as engine:
        await engine.answer(headers=MULTIPART, **form)
    assert seen == [
        ["Straße", "a&b=c%"],
        ("large.bin", "text/x-test", 512_000, True),
        ("none", "text/x-test", 0, True),
        ("plain.txt", None, 6, True),
    ]


@in_loop
async def test_one_that_parses_the_body_itself_gets_one_that_says_the_same(form: dict[str, Any]) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        content = await whole(receive)
        assert len(content) == announced(scope["headers"])
        if scope["path"] == "/urlencoded":
            seen.append(parse_urlencoded(content.decode("ascii"), 10))
        else:
            parser: MultipartParser[UploadFile] = MultipartParser(BOUNDARY, UploadFile, MultipartLimits())
            parser.feed(content)
            for name, value in parser.finish():
                seen.append((name, value if isinstance(value, str) else (value.filename, value.content_type, value.size)))
            parser.abandon()
        await send(START)
        await send(body())

    async with Engine(app) as engine:
        await engine.answer(headers=MULTIPART, **form)
        await engine.answer("/urlencoded", headers=URLENCODED, form={"a": [b"1 2", b"\xff"], "b&": [b""]}, files=[])
    assert seen == [
        ("title", "Straße"),
        ("title", "a&b=c%"),
        ("q%22uote", "\r\n--b"),
        ("file0", ("large.bin", "text/x-test", 512_000)),
        ("file1", ("none", "text/x-test", 0)),
        ("file2", ("plain.txt", None, 6)),
        [("a", "1 2"), ("a", "�"), ("b&", "")],
    ]


@in_loop
async def test_a_wsgi_application_gets_both(form: dict[str, Any]) -> None:
    seen: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        given = engine_form(environ)
        assert given is not None
        seen.append([upload.read(4) for upload in given.uploads()])
        given.close()
        content = environ["wsgi.input"].read()
        seen.append(len(content) == int(environ["CONTENT_LENGTH"]) and content.endswith(b"\r\n--b~1--\r\n"))
        start_response("200 OK", [])
        return [b""]

    async with Engine(app, interface="wsgi") as engine:
        await engine.answer(headers=MULTIPART, **form)
    assert seen == [[b"\x00\x01\x02\x03", b"", b"text"], True]


@in_loop
async def test_the_framework_takes_it_without_reading_the_body(form: dict[str, Any]) -> None:
    app = App()

    @app.post("/")
    async def show(request: Request) -> Any:
        given = await request.form()
        upload = given["file2"]
        assert not isinstance(upload, str)
        return {"title": given.text("title"), "text": (await upload.read()).decode(), "path": upload.path is not None}

    @app.post("/sync")
    def show_too(request: SyncRequest) -> Any:
        return {"names": [upload.filename for upload in request.form().uploads()]}

    @app.post("/few")
    async def refuse(request: Request) -> Any:
        return {"count": len(await request.form(MultipartLimits(files_max=2)))}

    async with Engine(app) as engine:
        answer = await engine.answer(method="POST", headers=MULTIPART, **form)
        assert answer["body"] == b'{"title":"a&b=c%","text":"text\\r\\n","path":true}'
        answer = await engine.answer("/sync", method="POST", headers=MULTIPART, **form)
        assert answer["body"] == b'{"names":["large.bin","none","plain.txt"]}'
        assert (await engine.answer("/few", method="POST", headers=MULTIPART, **form))["status"] == 413


def test_there_is_none_where_the_engine_has_read_none() -> None:
    assert engine_form({"type": "http", "extensions": {}}) is None
    assert engine_form({"type": "http", "extensions": {"vilya": {"route": "/"}}}) is None
    assert engine_form({"wsgi.version": (1, 0), "vilya.route": "/"}) is None
    assert engine_form({"wsgi.version": (1, 0)}) is None

"""The client for tests, held against the application that it asks."""

from __future__ import annotations

import io
import os
import pytest
import subprocess
import sys
from typing import Any
from vilya import App, PlainTextResponse, Request, Response
from vilya.testing import TestClient

app = App()


@app.route("/{rest:path}", methods=["GET", "POST"])
async def echo(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        return {
            "files": [[name, file.filename, (await file.read()).decode()] for name, file in form.multi_items() if not isinstance(file, str)]
        }
    return {"path": request.path, "query": request.query_params.multi_items(), "body": (await request.body()).decode()}


client = TestClient(app)


@pytest.mark.parametrize(
    ("asked", "path", "query"),
    [
        ("/caf\xe9 \u20ac", "/caf\xe9 \u20ac", []),
        ("/a%2Fb%zz", "/a/b%zz", []),
        ("/?q=\xe9 x&r=1+2", "/", [["q", "\xe9 x"], ["r", "1 2"]]),
    ],
    ids=["other letters", "encoded already", "query"],
)
def test_asks_for_what_people_write(asked: str, path: str, query: list[list[str]]) -> None:
    got = client.get(asked).json()
    assert (got["path"], got["query"]) == (path, query)


@pytest.mark.parametrize(
    "files",
    [
        [("a", ("a", b"1")), ("a", ("a", b"2"))],
        [("a", b"1"), ("a", io.BytesIO(b"2"))],
        [("a", ("a", io.BytesIO(b"1"), "text/plain")), ("a", ("a", b"2"))],
    ],
    ids=["pairs", "contents", "open files"],
)
def test_sends_several_files_of_one_name(files: Any) -> None:
    assert client.post("/", files=files).json() == {"files": [["a", "a", "1"], ["a", "a", "2"]]}


def test_a_stream_takes_what_a_request_takes() -> None:
    with client.stream("POST", "/", json={"a": 1}, params={"q": "1"}) as response:
        assert response.json() == {"path": "/", "query": [["q", "1"]], "body": '{"a": 1}'}
    with pytest.raises(TypeError), client.stream("POST", "/", jsn={}):  # type: ignore[call-arg]
        pass


def test_takes_no_option_that_there_is_not() -> None:
    with pytest.raises(TypeError, match="jsn is no option, content, data, files, headers, json, params are allowed"):
        client.post("/", jsn={})  # type: ignore[call-arg]


def test_keeps_cookies_and_lets_go_of_them() -> None:
    shop = App()

    @shop.get("/in")
    async def come(request: Request) -> Response:
        response = PlainTextResponse("in")
        response.set_cookie("who", "me")
        return response

    @shop.get("/out")
    async def leave(request: Request) -> Response:
        response = PlainTextResponse(request.cookies["who"])
        response.delete_cookie("who")
        return response

    visitor = TestClient(shop)
    visitor.get("/in")
    assert visitor.cookies == {"who": "me"}
    assert visitor.get("/out").text == "me"
    assert visitor.cookies == {}


def test_a_client_that_nobody_closes_does_not_hold_up_the_end_of_the_process() -> None:
    program = """
from vilya import App
from vilya.testing import TestClient

client = TestClient(App(), timeout_s=600)
print(client.get("/").status_code)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert (ended.stdout, ended.stderr) == ("404\n", "")

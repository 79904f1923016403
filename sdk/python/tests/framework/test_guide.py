"""The guide's code runs as it is written there."""

import pytest
import re
from pathlib import Path
from typing import Any
from vilya.testing import TestClient

GUIDE = Path(__file__).parents[4] / "docs/guides/python-framework.md"


@pytest.fixture(autouse=True)
def _in_a_folder_with_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public/license.txt").write_text("free")
    monkeypatch.chdir(tmp_path)


def run_until(marker: str) -> dict[str, Any]:
    """Runs the blocks up to the one that holds the marker, as one program."""
    names: dict[str, Any] = {"__name__": "guide", "__file__": __file__}
    for block in re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(block, GUIDE, "exec"), names)
        if marker in block:
            return names
    raise AssertionError(f"the guide has no block with {marker!r}")


def test_the_first_application() -> None:
    client = TestClient(run_until("# main.py")["app"])
    assert client.get("/notes/1").content == b'{"id":1,"text":"water the plants"}'
    assert client.post("/notes", json={"text": "feed the cat"}).json() == {"id": 2, "text": "feed the cat"}
    assert client.get("/notes/3").status_code == 404


def test_routes_requests_responses_and_websockets() -> None:
    names = run_until("iter_text")
    client = TestClient(names["app"])
    assert names["app"].url_path_for("show", id=1) == "/notes/1"
    assert client.get("/files/a/b").text == "a/b"
    assert client.get("/api/ping").json() == {"pong": True}
    assert client.get("/assets/license.txt").text == "free"
    assert client.post("/upload", files={"f": ("a.txt", b"abc")}).json() == [{"name": "a.txt", "bytes": 3}]
    assert client.post("/count", content=[b"ab", b"c"]).json() == {"bytes": 3}
    assert client.get("/clock").content.count(b"data: ") == 3
    assert client.get("/license").headers["content-disposition"] == 'attachment; filename="license.txt"'
    assert client.get("/later").cookies == {"seen": "1"}
    with client.websocket_connect("/echo") as session:
        session.send_text("hello")
        assert session.receive_text() == "hello"


def test_what_is_around_the_routes() -> None:
    with TestClient(run_until("async def index")["app"]) as client:
        got = client.get("/?name=x", headers={"x-request-id": "7"})
        assert (got.json(), got.headers["x-request-id"]) == ({"greeting": "hello", "name": "x"}, "7")
        assert client.get("/").json() == {"missing": "'name'"}


def test_the_cache() -> None:
    client = TestClient(run_until("async def report")["app"])
    assert "age" not in client.get("/report").headers
    assert "age" in client.get("/report").headers


def test_connections_and_graphql() -> None:
    with TestClient(run_until("from graphql")["app"]) as client:
        assert client.get("/rows").json() == {"rows": [[42]]}
        assert client.post("/graphql", json={"query": "{ hello }"}).json() == {"data": {"hello": "hello world"}}


def test_the_engine_of_fastapi() -> None:
    assert TestClient(run_until("TachyonEngine")["api"]).get("/items/7").json() == {"id": 7}


def test_the_test() -> None:
    names = run_until("def test_rows")
    names["test_rows"]()

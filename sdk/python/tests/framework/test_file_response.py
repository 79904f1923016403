import os
import pytest
from pathlib import Path
from typing import Any
from vilya import App, FileResponse, Request, Response, Route
from vilya.testing import TestClient, TestResponse

CONTENT = bytes(range(256)) * 1000
MODIFIED_S = 1_700_000_000
MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT)
    os.utime(path, (MODIFIED_S, MODIFIED_S))
    return path


def ask(path: Path, headers: dict[str, str] | None = None, method: str = "GET", **options: Any) -> TestResponse:
    async def handler(request: Request) -> Response:
        return FileResponse(path, **options)

    return TestClient(App([Route("/", handler, ["GET", "PUT"])])).request(method, "/", headers=headers)


def test_sends_the_file_with_what_caches_need(path: Path) -> None:
    got = ask(path)
    assert got.content == CONTENT
    assert got.headers["content-length"] == str(len(CONTENT))
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["last-modified"] == MODIFIED
    assert got.headers["accept-ranges"] == "bytes"
    assert got.headers["etag"].startswith('"')
    head = ask(path, method="HEAD")
    assert head.headers == got.headers
    assert head.content == b""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.tar.gz", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_guesses_the_type_by_the_name(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert ask(tmp_path / name).headers["content-type"] == kind
    assert ask(tmp_path / name, media_type="text/x-own").headers["content-type"] == "text/x-own; charset=utf-8"


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ("é.txt", "attachment; filename*=UTF-8''%C3%A9.txt"),
        ('a"b\r\n.txt', "attachment; filename*=UTF-8''a%22b%0D%0A.txt"),
    ],
)
def test_names_the_file(path: Path, filename: str, disposition: str) -> None:
    assert ask(path, filename=filename).headers["content-disposition"] == disposition
    assert ask(path, filename="x", content_disposition_type="inline").headers["content-disposition"] == 'inline; filename="x"'


@pytest.mark.parametrize(
    ("header", "content", "described"),
    [
        ("bytes=0-9", CONTENT[:10], "bytes 0-9/256000"),
        ("bytes=255990-", CONTENT[-10:], "bytes 255990-255999/256000"),
        ("bytes=-5", CONTENT[-5:], "bytes 255995-255999/256000"),
        ("bytes=100-200000", CONTENT[100:200001], "bytes 100-200000/256000"),
    ],
)
def test_sends_a_range(path: Path, header: str, content: bytes, described: str) -> None:
    got = ask(path, {"range": header})
    assert (got.status_code, got.content, got.headers["content-range"]) == (206, content, described)
    assert got.headers["content-length"] == str(len(content))


def test_sends_several_ranges_as_parts(path: Path) -> None:
    got = ask(path, {"range": "bytes=0-1,10-11"})
    kind, _, boundary = got.headers["content-type"].partition("; boundary=")
    assert (got.status_code, kind) == (206, "multipart/byteranges")
    assert got.headers["content-length"] == str(len(got.content))
    first, second = got.content.split(f"--{boundary}\r\n".encode())[1:]
    assert first == b"Content-Type: application/octet-stream\r\nContent-Range: bytes 0-1/256000\r\n\r\n\x00\x01\r\n"
    assert second.endswith(b"Content-Range: bytes 10-11/256000\r\n\r\n\x0a\x0b\r\n" + f"--{boundary}--\r\n".encode())


def test_a_range_that_cannot_be_is_416_and_one_that_is_none_is_ignored(path: Path) -> None:
    got = ask(path, {"range": "bytes=256000-"})
    assert (got.status_code, got.headers["content-range"], got.content) == (416, "bytes */256000", b"")
    for header in ("bytes=2-1", "lines=1-2"):
        assert ask(path, {"range": header}).status_code == 200
    assert ask(path, {"range": "bytes=0-1"}, method="HEAD").headers["content-length"] == "256000"
    assert ask(path, {"range": "bytes=0-1"}, status_code=404).status_code == 404


def test_a_range_of_an_older_file_gets_the_new_one(path: Path) -> None:
    etag = ask(path).headers["etag"]
    statuses = {
        bound: ask(path, {"range": "bytes=0-1", "if-range": bound}).status_code
        for bound in (etag, '"other"', f"W/{etag}", MODIFIED, "Tue, 14 Nov 2023 22:13:21 GMT", "no time")
    }
    assert list(statuses.values()) == [206, 200, 200, 206, 200, 200]


@pytest.mark.parametrize(
    ("headers", "method", "status_code"),
    [
        ({"if-none-match": "ETAG"}, "GET", 304),
        ({"if-none-match": "W/ETAG"}, "HEAD", 304),
        ({"if-none-match": '"a", ETAG'}, "GET", 304),
        ({"if-none-match": "*"}, "GET", 304),
        ({"if-none-match": "*"}, "PUT", 412),
        ({"if-none-match": '"a"'}, "GET", 200),
        ({"if-modified-since": MODIFIED}, "GET", 304),
        ({"if-modified-since": "Tue, 14 Nov 2023 22:13:19 GMT"}, "GET", 200),
        ({"if-modified-since": "never"}, "GET", 200),
        # The tag is the better witness of the two.
        ({"if-none-match": '"a"', "if-modified-since": MODIFIED}, "GET", 200),
        ({"if-match": "ETAG"}, "GET", 200),
        ({"if-match": "W/ETAG"}, "GET", 412),
        ({"if-match": '"a"'}, "GET", 412),
        ({"if-unmodified-since": MODIFIED}, "GET", 200),
        ({"if-unmodified-since": "Tue, 14 Nov 2023 22:13:19 GMT"}, "GET", 412),
    ],
)
def test_answers_on_conditions(path: Path, headers: dict[str, str], method: str, status_code: int) -> None:
    etag = ask(path).headers["etag"]
    got = ask(path, {name: value.replace("ETAG", etag) for name, value in headers.items()}, method)
    assert got.status_code == status_code
    assert got.headers["etag"] == etag
    if status_code != 200:
        assert got.content == b""


def test_what_is_no_file_is_not_found(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", "pipe", ".", "a\0b"):
        assert ask(Path(f"{tmp_path}/{name}")).status_code == 404


def test_leaves_reading_to_a_server_that_can(path: Path) -> None:
    async def handler(request: Request) -> Response:
        return FileResponse(path)

    sent: list[str] = []

    def watching(app: Any) -> Any:
        async def watched(scope: Any, receive: Any, send: Any) -> None:
            async def watch(message: Any) -> None:
                sent.append(message["type"])
                await send(message)

            await app(scope, receive, watch)

        return watched

    client = TestClient(App([Route("/", handler)], middleware=[watching]), extensions=["http.response.pathsend"])
    assert client.get("/").content == CONTENT
    assert sent == ["http.response.start", "http.response.pathsend"]
    sent.clear()
    assert client.get("/", headers={"range": "bytes=0-1"}).content == CONTENT[:2]
    assert "http.response.pathsend" not in sent


def test_a_file_that_shrinks_while_it_is_sent_is_no_whole_response(path: Path) -> None:
    async def handler(request: Request) -> Response:
        return FileResponse(path)

    def shrinking(app: Any) -> Any:
        async def shrink(scope: Any, receive: Any, send: Any) -> None:
            async def after_start(message: Any) -> None:
                if message["type"] == "http.response.start":
                    os.truncate(path, 70_000)
                await send(message)

            await app(scope, receive, after_start)

        return shrink

    client = TestClient(App([Route("/", handler)], middleware=[shrinking]), raise_server_exceptions=False)
    got = client.get("/")
    assert len(got.content) == 70_000
    assert not got.is_complete

import asyncio
import pytest
from typing import Any
from vilya import App, PlainTextResponse, Request, Response, StreamingResponse
from vilya.cache_store import CacheStore, StoredResponse
from vilya.response_cache import ResponseCache
from vilya.testing import TestClient


class Scene:
    """An application behind a cache whose clock is set by hand. It counts what reaches it."""

    def __init__(self, headers: dict[str, str] | None = None, ttl_s: float | None = None, status_code: int = 200, **limits: int) -> None:
        self.now_s = 1000.0
        self.count = 0
        self.headers = {"cache-control": "max-age=10"} if headers is None else headers
        self.store = CacheStore(clock=lambda: self.now_s, **limits)
        app = App()
        app.add_middleware(ResponseCache, store=self.store, ttl_s=ttl_s)

        @app.route("/{rest:path}", methods=["GET", "POST"])
        async def handler(request: Request) -> Response:
            self.count += 1
            said = request.headers.get("accept-language", "")
            return PlainTextResponse(f"{request.path} {said} {self.count}", status_code, self.headers)

        self.client = TestClient(app)

    def get(self, path: str = "/", **headers: str) -> Any:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_answers_from_memory_while_fresh_and_says_how_old_that_is() -> None:
    scene = Scene()
    first = scene.get()
    assert "age" not in first.headers
    scene.now_s += 9.9
    again = scene.get()
    assert (again.text, again.headers["age"]) == (first.text, "9")
    assert scene.client.head("/").headers["content-length"] == first.headers["content-length"]
    assert scene.client.head("/").content == b""
    scene.now_s += 0.1
    assert scene.get().text != first.text
    assert scene.count == 2


def test_tells_paths_queries_and_hosts_apart() -> None:
    scene = Scene()
    for path, host in [("/a", "x"), ("/b", "x"), ("/a?q=1", "x"), ("/a", "y")]:
        scene.get(path, host=host)
    assert scene.count == 4


@pytest.mark.parametrize(
    ("headers", "request_headers"),
    [
        ({}, {}),
        ({"cache-control": "no-store, max-age=10"}, {}),
        ({"cache-control": "private, max-age=10"}, {}),
        ({"cache-control": "no-cache, max-age=10"}, {}),
        ({"cache-control": "max-age=0"}, {}),
        ({"cache-control": "max-age=-1"}, {}),
        ({"cache-control": "max-age=soon"}, {}),
        ({"cache-control": "s-maxage=0, max-age=10"}, {}),
        ({"cache-control": "max-age=10", "set-cookie": "a=b"}, {}),
        ({"cache-control": "max-age=10", "vary": "*"}, {}),
        ({"cache-control": "max-age=10"}, {"authorization": "Basic x"}),
    ],
)
def test_keeps_nothing_that_is_not_for_everybody(headers: dict[str, str], request_headers: dict[str, str]) -> None:
    scene = Scene(headers)
    scene.get(**request_headers)
    scene.get(**request_headers)
    assert scene.count == 2
    assert len(scene.store) == 0


def test_what_is_said_to_be_public_is_kept_although_it_was_asked_for_with_a_password() -> None:
    scene = Scene({"cache-control": "public, max-age=10"})
    scene.get(authorization="Basic x")
    scene.get()
    assert scene.count == 1


def test_other_statuses_are_not_kept() -> None:
    scene = Scene(status_code=404)
    scene.get()
    scene.get()
    assert scene.count == 2


def test_what_says_nothing_is_kept_where_that_is_wanted() -> None:
    scene = Scene({}, ttl_s=5)
    scene.get()
    scene.get()
    scene.now_s += 5
    scene.get()
    assert scene.count == 2


@pytest.mark.parametrize("headers", [{"expires": "0"}, {"pragma": "no-cache"}], ids=["expires", "pragma"])
def test_what_says_it_in_the_old_way_says_something(headers: dict[str, str]) -> None:
    scene = Scene(headers, ttl_s=5)
    scene.get()
    assert len(scene.store) == 0


@pytest.mark.parametrize("field", ["cookie", "authorization"])
def test_what_says_nothing_is_not_for_those_who_say_who_they_are(field: str) -> None:
    scene = Scene({}, ttl_s=5)
    for_everybody = scene.get().text
    assert scene.get(**{field: "session=a"}).text != for_everybody
    assert scene.get().text == for_everybody
    assert scene.count == 2


def test_names_of_fields_may_have_capitals() -> None:
    """The specification has them in lower case, servers take any."""
    store = CacheStore()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": iter([(b"Cache-Control", b"private"), (b"X-A", b"1")])})
        await send({"type": "http.response.body"})

    assert TestClient(ResponseCache(app, store, ttl_s=5)).get("/").headers["x-a"] == "1"
    assert len(store) == 0


def test_variants_are_kept_apart() -> None:
    scene = Scene({"cache-control": "max-age=10", "vary": "Accept-Language"})
    assert scene.get(accept_language="de").text == "/ de 1"
    assert scene.get(accept_language="en").text == "/ en 2"
    assert scene.get(accept_language="de").text == "/ de 1"
    assert scene.get(accept_language="en").text == "/ en 2"
    assert len(scene.store) == 2


def test_a_client_that_has_it_gets_a_304() -> None:
    scene = Scene({"cache-control": "max-age=10", "etag": '"1"'})
    scene.get()
    got = scene.get(if_none_match='"1"')
    assert (got.status_code, got.content, got.headers["etag"]) == (304, b"", '"1"')
    assert scene.get(if_none_match='"2"').status_code == 200
    assert scene.count == 1


def test_a_change_forgets_the_path() -> None:
    scene = Scene()
    for path in ("/a", "/a?q=1", "/b"):
        scene.get(path)
    scene.client.post("/a")
    assert len(scene.store) == 1
    scene.store.delete("/b")
    assert len(scene.store) == 0
    scene.get("/c")
    scene.store.clear()
    assert (len(scene.store), scene.store.size) == (0, 0)


def test_ranges_pass_by() -> None:
    scene = Scene()
    scene.get(range="bytes=0-1")
    assert len(scene.store) == 0


def test_holds_its_limits() -> None:
    scene = Scene(entries_max=2)
    for path in ("/a", "/b", "/a", "/c"):
        scene.get(path)
    assert scene.count == 3
    # The least recently used is gone.
    scene.get("/a")
    assert scene.count == 3
    scene.get("/b")
    assert scene.count == 4


@pytest.mark.parametrize(("size", "is_kept"), [(9, True), (10, True), (11, False)])
def test_keeps_no_entry_past_its_size(size: int, is_kept: bool) -> None:
    store = CacheStore(entry_bytes_max=10)
    store.set(("h", "/", ""), StoredResponse(200, [], b"x" * size, 0, float("inf")))
    assert (len(store) == 1) is is_kept


def test_holds_bytes_max() -> None:
    store = CacheStore(bytes_max=25)
    for index in range(5):
        store.set(("h", str(index), ""), StoredResponse(200, [], b"x" * 10, 0, float("inf")))
    assert (len(store), store.size) == (2, 20)
    store.set(("h", "4", ""), StoredResponse(200, [], b"x", 0, float("inf")))
    assert store.size == 11


def test_a_long_stream_passes_without_being_gathered() -> None:
    store = CacheStore(entry_bytes_max=10)
    app = App()
    app.add_middleware(ResponseCache, store=store)
    app.add_route("/", StreamingResponse([b"x" * 6, b"y" * 6], headers={"cache-control": "max-age=9"}))
    assert TestClient(app).get("/").content == b"x" * 6 + b"y" * 6
    assert len(store) == 0


def test_requests_that_come_meanwhile_wait_for_one_answer() -> None:
    count = 0
    release = asyncio.Event()

    async def run() -> list[bytes]:
        app = App()
        app.add_middleware(ResponseCache, ttl_s=10)

        @app.get("/")
        async def slow(request: Request) -> Response:
            nonlocal count
            count += 1
            await release.wait()
            return PlainTextResponse(str(count))

        async def ask() -> bytes:
            bodies: list[bytes] = []

            async def send(message: Any) -> None:
                bodies.append(message.get("body", b""))

            await app({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)  # type: ignore[arg-type]
            return b"".join(bodies)

        asking = [asyncio.ensure_future(ask()) for _ in range(5)]
        await asyncio.sleep(0)
        release.set()
        return await asyncio.gather(*asking)

    assert asyncio.run(run()) == [b"1"] * 5


def test_nobody_waits_for_the_client_of_another() -> None:
    async def run() -> bytes:
        app = App()
        app.add_middleware(ResponseCache, ttl_s=10)
        app.add_route("/", PlainTextResponse("fine"))
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        stuck = asyncio.Event()

        async def send_slowly(message: Any) -> None:
            if message["type"] == "http.response.body":
                stuck.set()
                await asyncio.Event().wait()

        first = asyncio.ensure_future(app({**scope}, None, send_slowly))  # type: ignore[arg-type]
        await stuck.wait()
        bodies: list[bytes] = []

        async def send(message: Any) -> None:
            bodies.append(message.get("body", b""))

        await app({**scope}, None, send)  # type: ignore[arg-type]
        first.cancel()
        return b"".join(bodies)

    assert asyncio.run(run()) == b"fine"


def test_when_the_first_fails_the_others_try_themselves() -> None:
    count = 0

    async def run() -> Any:
        app = App()
        app.add_middleware(ResponseCache, ttl_s=10)

        @app.get("/")
        async def fails_once(request: Request) -> Response:
            nonlocal count
            count += 1
            if count == 1:
                await asyncio.sleep(0)
                raise KeyError("first")
            return PlainTextResponse("fine")

        async def ask() -> Any:
            async def send(message: Any) -> None: ...

            await app({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)  # type: ignore[arg-type]

        return await asyncio.gather(ask(), ask(), ask(), return_exceptions=True)

    results = asyncio.run(run())
    assert [type(result) for result in results] == [KeyError, type(None), type(None)]

import json
import pytest
from collections.abc import Iterator
from typing import Any
from vilya import App, ClientDisconnect, JSONResponse, PlainTextResponse, Request, Response, SyncRequest
from vilya.multipart import MultipartLimits
from vilya.testing import TestClient


def client_of(handler: Any, **options: Any) -> TestClient:
    app = App(**options)
    app.add_route("/{rest:path}", handler, ["GET", "POST"])
    return TestClient(app)


async def wait_for_json(request: Request) -> Response:
    return JSONResponse([await request.json(), await request.json(), (await request.body()).decode()])


def return_json(request: SyncRequest) -> Response:
    return JSONResponse([request.json(), request.json(), request.body().decode()])


async def return_json_in_a_coroutine(request: SyncRequest) -> Response:
    return return_json(request)


@pytest.mark.parametrize("handler", [wait_for_json, return_json, return_json_in_a_coroutine])
def test_json_is_read_once_and_kept(handler: Any) -> None:
    client = client_of(handler)
    assert client.post("/", json={"a": 1}).json() == [{"a": 1}, {"a": 1}, '{"a": 1}']
    assert client.post("/", content=[b'{"a"', b": 1}"]).json()[0] == {"a": 1}
    assert client.post("/", json=0).json()[0] == 0


@pytest.mark.parametrize("handler", [wait_for_json, return_json, return_json_in_a_coroutine])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000 + b"x", b"NaN,"])
def test_what_is_no_json_is_the_clients_fault(handler: Any, body: bytes) -> None:
    got = client_of(handler).post("/", content=body)
    assert got.status_code == 400
    assert got.text.startswith("Cannot read JSON")


@pytest.mark.parametrize("handler", [wait_for_json, return_json, return_json_in_a_coroutine])
def test_holds_body_bytes_max(handler: Any) -> None:
    client = client_of(handler, body_bytes_max=10)
    assert client.post("/", content=b'"12345678"').status_code == 200
    assert client.post("/", content=b'"123456789"').status_code == 413
    # Without a length, too.
    assert client.post("/", content=[b'"1234', b'56789"']).status_code == 413


def test_a_handler_without_annotation_gets_what_fits_its_kind() -> None:
    async def waits(request: Any) -> Response:
        return PlainTextResponse(f"{type(request).__name__} {await request.json()}")

    def returns(request: Any) -> Response:
        return PlainTextResponse(f"{type(request).__name__} {request.json()}")

    async def returns_in_a_coroutine(request: Any) -> Response:
        return PlainTextResponse(f"{type(request).__name__} {request.json()}")

    assert client_of(waits).post("/", json=1).text == "Request 1"
    assert client_of(returns).post("/", json=1).text == "SyncRequest 1"
    assert client_of(returns_in_a_coroutine, request_class=SyncRequest).post("/", json=1).text == "SyncRequest 1"


def test_a_handler_gets_the_subclass_it_asks_for() -> None:
    class Own(Request):
        pass

    class OwnSync(SyncRequest):
        pass

    async def waits(request: Own) -> Response:
        return PlainTextResponse(f"{type(request).__name__} {await request.json()}")

    def returns(request: OwnSync) -> Response:
        return PlainTextResponse(f"{type(request).__name__} {request.json()}")

    async def returns_in_a_coroutine(request: OwnSync) -> Response:
        return returns(request)

    assert client_of(waits).post("/", json=1).text == "Own 1"
    assert client_of(returns).post("/", json=1).text == "OwnSync 1"
    assert client_of(returns_in_a_coroutine).post("/", json=1).text == "OwnSync 1"


def test_reads_the_scope() -> None:
    async def handler(request: Request) -> Response:
        request.set_state("seen", True)
        return JSONResponse(
            {
                "method": request.method,
                "path": request.path,
                "url": request.url,
                "base": request.base_url,
                "query": request.query_params.multi_items(),
                "last": request.query_params["a"],
                "cookies": request.cookies,
                "cookie": request.cookie("b"),
                "client": request.client,
                "seen": request.state.seen,
                "type": request["type"],
                "agent": request.headers["User-Agent"],
                "is_app": request.app is app,
            }
        )

    app = App()
    app.add_route("/{rest:path}", handler)
    client = TestClient(app, cookies={"a": "1", "b": "2"})
    got = client.get("/x%20y/%C3%A9%2F?a=1&a=2&b=%20+%C3%A9&c", headers={"user-agent": "t"}).json()
    assert got == {
        "method": "GET",
        "path": "/x y/é/",
        "url": "http://testserver/x%20y/%C3%A9/?a=1&a=2&b=%20+%C3%A9&c",
        "base": "http://testserver/",
        "query": [["a", "1"], ["a", "2"], ["b", "  é"], ["c", ""]],
        "last": "2",
        "cookies": {"a": "1", "b": "2"},
        "cookie": "2",
        "client": ["testclient", 50000],
        "seen": True,
        "type": "http",
        "agent": "t",
        "is_app": True,
    }


def test_more_parameters_than_allowed_are_refused() -> None:
    async def handler(request: Request) -> Response:
        return PlainTextResponse(str(len(request.query_params.multi_items())))

    client = client_of(handler)
    assert client.get("/?" + "&".join(["a=1"] * 1000)).text == "1000"
    assert client.get("/?" + "&".join(["a=1"] * 1001)).status_code == 400


async def describe_form(request: Request) -> Response:
    form = await request.form(MultipartLimits(fields_max=3, files_max=1))
    uploads = [[upload.filename, upload.content_type, (await upload.read()).decode()] for upload in form.uploads()]
    return JSONResponse([[pair for pair in form.multi_items() if isinstance(pair[1], str)], uploads])


def describe_form_in_a_thread(request: SyncRequest) -> Response:
    form = request.form(MultipartLimits(fields_max=3, files_max=1))
    uploads = [[upload.filename, upload.content_type, upload.read().decode()] for upload in form.uploads()]
    return JSONResponse([[pair for pair in form.multi_items() if isinstance(pair[1], str)], uploads])


@pytest.mark.parametrize("handler", [describe_form, describe_form_in_a_thread])
def test_reads_forms(handler: Any) -> None:
    client = client_of(handler)
    assert client.post("/", data={"a": "é &", "b": ["1", "2"]}).json() == [[["a", "é &"], ["b", "1"], ["b", "2"]], []]
    got = client.post("/", data={"a": "é"}, files={"f": ("ü.txt", b"content", "text/plain")})
    assert got.json() == [[["a", "é"]], [["ü.txt", "text/plain", "content"]]]
    assert client.post("/").json() == [[], []]


@pytest.mark.parametrize("handler", [describe_form, describe_form_in_a_thread])
def test_refuses_forms(handler: Any) -> None:
    client = client_of(handler, form_bytes_max=2000, body_bytes_max=100)
    assert client.post("/", json={}).status_code == 415
    assert client.post("/", data={"a": ["1", "2", "3", "4"]}).status_code == 413
    assert client.post("/", data={"a": "x" * 200}).status_code == 413
    assert client.post("/", files={"a": b"1", "b": b"2"}).status_code == 413
    assert client.post("/", files={"a": b"x" * 500}).status_code == 200
    assert client.post("/", files={"a": b"x" * 2000}).status_code == 413
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert client.post("/", content=b"nothing", headers=broken).status_code == 400
    assert client.post("/", content=b"nothing", headers={"content-type": "multipart/form-data"}).status_code == 400


@pytest.mark.parametrize(("byte_count", "status"), [(100, 200), (101, 413)])
def test_a_form_without_files_has_a_limit_of_its_own(byte_count: int, status: int) -> None:
    async def handler(request: Request) -> Response:
        await request.form(MultipartLimits(urlencoded_bytes_max=100))
        return Response()

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client_of(handler).post("/", content=b"%" * byte_count, headers=kind).status_code == status


def test_files_are_closed_after_the_response() -> None:
    kept: list[Any] = []

    async def handler(request: Request) -> Response:
        kept.extend((await request.form()).uploads())
        return Response()

    client_of(handler).post("/", files={"f": b"1"})
    assert kept[0].file.closed


def test_a_stream_keeps_nothing() -> None:
    async def handler(request: Request) -> Response:
        parts = [part.decode() async for part in request.stream()]
        with pytest.raises(RuntimeError, match="streamed already"):
            await request.body()
        return JSONResponse(parts)

    # Past `body_bytes_max`: what is not kept is not limited by it.
    assert client_of(handler, body_bytes_max=1).post("/", content=[b"a", b"", b"bc"]).json() == ["a", "bc"]


def test_a_body_that_was_read_is_streamed_from_memory() -> None:
    async def handler(request: Request) -> Response:
        await request.body()
        return JSONResponse([part.decode() async for part in request.stream()])

    assert client_of(handler).post("/", content=[b"a", b"b"]).json() == ["ab"]


def test_what_a_middleware_read_is_there_for_the_handler() -> None:
    class Reading:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            assert await Request(scope, receive).json() == {"a": 1}
            await self.app(scope, receive, send)

    assert client_of(wait_for_json, middleware=[Reading]).post("/", json={"a": 1}).json()[0] == {"a": 1}


async def run(app: App, messages: Iterator[dict[str, Any]]) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent


def test_a_client_that_leaves_while_it_sends_is_answered_by_nobody() -> None:
    import asyncio

    seen: list[str] = []

    async def handler(request: Request) -> Response:
        try:
            await request.body()
        except ClientDisconnect:
            seen.append("left")
            assert await request.is_disconnected()
            raise
        return Response()

    app = App()
    app.add_route("/", handler, ["POST"])
    messages: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}])
    assert asyncio.run(run(app, messages)) == []
    assert seen == ["left"]


def test_knows_whether_the_client_has_left() -> None:
    import asyncio

    answers: list[bool] = []

    async def handler(request: Request) -> Response:
        answers.append(await request.is_disconnected())
        await request.body()
        answers.append(await request.is_disconnected())
        return Response()

    app = App()
    app.add_route("/", handler, ["POST"])
    messages: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": b""}, {"type": "http.disconnect"}])
    asyncio.run(run(app, messages))
    assert answers == [False, True]
    answers.clear()
    assert TestClient(app).post("/").status_code == 200
    assert answers == [False, False]


def test_a_request_made_without_a_channel_says_so() -> None:
    import asyncio

    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    with pytest.raises(RuntimeError, match="made without a channel"):
        asyncio.run(request.body())


def test_a_host_that_is_none_is_not_repeated() -> None:
    async def handler(request: Request) -> Response:
        return PlainTextResponse(request.url)

    client = client_of(handler)
    assert client.get("/a", headers={"host": "example.org:8080"}).text == "http://example.org:8080/a"
    assert client.get("/a", headers={"host": "evil/<script>"}).text == "http://testserver/a"
    assert json.dumps(client.get("/a").text) == '"http://testserver/a"'

import asyncio
import pytest
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from vilya import (
    App,
    BackgroundTask,
    BackgroundTasks,
    HTTPException,
    JSONResponse,
    Middleware,
    Mount,
    PlainTextResponse,
    Plugin,
    Request,
    Response,
    Route,
    StreamingResponse,
    SyncRequest,
)
from vilya.plugins import ResponseHead
from vilya.testing import TestClient


class Tag:
    """Notes on which way a request went."""

    def __init__(self, app: Any, name: str = "plain", way: list[str] | None = None) -> None:
        self.app, self.name, self.way = app, name, [] if way is None else way

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.way.append(f"> {self.name}")
        try:
            await self.app(scope, receive, send)
        finally:
            self.way.append(f"< {self.name}")


async def fails(request: Request) -> Response:
    raise KeyError("secret")


async def fine(request: Request) -> Response:
    return PlainTextResponse("fine")


def test_the_middleware_added_last_sees_a_request_first() -> None:
    way: list[str] = []
    app = App([Route("/", fine)], middleware=[Middleware(Tag, "listed", way)])
    app.add_middleware(Tag, "logging", way=way)
    app.add_middleware(Middleware(Tag, name="auth", way=way))
    app.add_middleware(Tag)
    assert TestClient(app).get("/").text == "fine"
    assert way == ["> auth", "> logging", "> listed", "< listed", "< logging", "< auth"]


def test_middleware_of_a_route_goes_around_it_alone() -> None:
    way: list[str] = []
    app = App([Route("/a", fine, middleware=[Middleware(Tag, "a", way)]), Route("/b", fine)])
    app.mount("/m", app=PlainTextResponse("mounted"))
    client = TestClient(app)
    client.get("/b")
    client.get("/m/")
    assert way == []
    client.get("/a")
    assert way == ["> a", "< a"]


def test_middleware_is_added_before_the_first_request() -> None:
    app = App([Route("/", fine)])
    TestClient(app).get("/")
    with pytest.raises(RuntimeError, match="answered requests already"):
        app.add_middleware(Tag)
    with pytest.raises(RuntimeError, match="answered requests already"):
        app.add_plugin(Plugin())


@pytest.mark.parametrize("with_middleware", [False, True])
def test_what_is_raised_is_answered(with_middleware: bool) -> None:
    app = App(middleware=[Tag] if with_middleware else [])

    @app.get("/{status:int}")
    async def raises(request: Request) -> Response:
        raise HTTPException(request.path_params["status"], headers={"x-a": "1"})

    @app.get("/lookup")
    def missing(request: SyncRequest) -> Response:
        raise IndexError("x")

    @app.exception_handler(LookupError)
    def of_lookups(request: SyncRequest, error: LookupError) -> Response:
        return PlainTextResponse(f"{type(error).__name__} at {request.path}", 444)

    @app.exception_handler(410)
    async def of_gone(request: Request, error: HTTPException) -> Any:
        return {"detail": error.detail}

    client = TestClient(app)
    got = client.get("/403")
    assert (got.status_code, got.text, got.headers["x-a"]) == (403, "Forbidden", "1")
    assert client.get("/204").content == b""
    assert (client.get("/499").status_code, client.get("/499").content) == (499, b"")
    assert client.get("/410").json() == {"detail": "Gone"}
    got = client.get("/lookup")
    assert (got.status_code, got.text) == (444, "IndexError at /lookup")


@pytest.mark.parametrize("with_middleware", [False, True])
def test_what_nobody_expected_is_a_500_without_its_words_and_is_raised(with_middleware: bool) -> None:
    app = App([Route("/", fails)], middleware=[Tag] if with_middleware else [])
    with pytest.raises(KeyError):
        TestClient(app).get("/")
    got = TestClient(app, raise_server_exceptions=False).get("/")
    assert (got.status_code, got.text) == (500, "Internal Server Error")


@pytest.mark.parametrize("key", [500, Exception])
@pytest.mark.parametrize("with_middleware", [False, True])
def test_a_handler_of_everything_answers_outside_the_middleware_and_the_error_is_raised_on(key: Any, with_middleware: bool) -> None:
    way: list[str] = []
    app = App([Route("/", fails)], middleware=[Middleware(Tag, "m", way)] if with_middleware else [])

    @app.exception_handler(key)
    async def of_all(request: Request, error: Exception) -> Response:
        way.append("handler")
        return PlainTextResponse("own", 503)

    with pytest.raises(KeyError):
        TestClient(app).get("/")
    assert way == (["> m", "< m"] if with_middleware else []) + ["handler"]
    assert TestClient(app, raise_server_exceptions=False).get("/").text == "own"


def test_a_plain_handler_of_exceptions_may_read_the_body() -> None:
    app = App()

    @app.post("/")
    async def raises(request: Request) -> Response:
        raise KeyError("x")

    @app.exception_handler(KeyError)
    def of_keys(request: SyncRequest, error: KeyError) -> Response:
        return JSONResponse(request.json())

    assert TestClient(app).post("/", content=[b'{"a"', b": 1}"]).json() == {"a": 1}


def test_debug_shows_the_traceback() -> None:
    got = TestClient(App([Route("/", fails)], debug=True), raise_server_exceptions=False).get("/")
    assert got.status_code == 500
    assert "KeyError: 'secret'" in got.text


@pytest.mark.parametrize("with_middleware", [False, True])
def test_after_the_start_nothing_is_answered_any_more(with_middleware: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun"
        raise HTTPException(404)

    app = App(middleware=[Tag] if with_middleware else [])

    @app.get("/")
    async def handler(request: Request) -> Response:
        return StreamingResponse(parts())

    with pytest.raises(HTTPException):
        TestClient(app).get("/")
    got = TestClient(app, raise_server_exceptions=False).get("/")
    assert (got.status_code, got.content, got.is_complete) == (200, b"begun", False)


@pytest.mark.parametrize("with_middleware", [False, True])
def test_an_early_hint_is_no_start(with_middleware: bool) -> None:
    app = App(middleware=[Tag] if with_middleware else [])

    @app.get("/")
    async def handler(request: Request) -> Response:
        with pytest.raises(ValueError, match="control character"):
            await request.early_hints("</a>\r\nset-cookie: a=b")
        await request.early_hints("</a>; rel=preload")
        raise HTTPException(404)

    assert TestClient(app, extensions=("http.response.early_hint",)).get("/").status_code == 404


def test_a_handler_of_exceptions_that_raises_is_a_500() -> None:
    app = App([Route("/", fails)])

    @app.exception_handler(KeyError)
    async def of_keys(request: Request, error: KeyError) -> Response:
        raise ValueError("worse")

    with pytest.raises(ValueError, match="worse"):
        TestClient(app).get("/")


def test_background_tasks_run_after_the_response_one_by_one() -> None:
    done: list[str] = []

    async def later(name: str) -> None:
        done.append(name)

    async def handler(request: Request) -> Response:
        tasks = BackgroundTasks([BackgroundTask(later, "async")])
        tasks.add_task(done.append, "sync")
        return JSONResponse(list(done), background=tasks)

    assert TestClient(App([Route("/", handler)])).get("/").json() == []
    assert done == ["async", "sync"]


def test_a_background_task_that_raises_ends_the_row_but_not_the_response() -> None:
    done: list[str] = []

    def broken() -> None:
        raise KeyError("x")

    async def handler(request: Request) -> Response:
        return PlainTextResponse("sent", background=BackgroundTasks([BackgroundTask(broken), BackgroundTask(done.append, "x")]))

    got = TestClient(App([Route("/", handler)]), raise_server_exceptions=False).get("/")
    assert (got.text, got.is_complete, done) == ("sent", True, [])


def test_plugins_see_requests_and_change_responses() -> None:
    way: list[str] = []

    class First(Plugin):
        async def on_request(self, request: Request) -> Response | None:
            way.append(f"first {request.path}")
            return PlainTextResponse("stopped", 403) if request.path == "/stop" else None

        async def on_response(self, request: Request, response: ResponseHead) -> None:
            response.headers["x-first"] = str(response.status_code)

    class Second(Plugin):
        def on_request(self, request: Request) -> None:
            way.append("second")
            if request.path == "/raise":
                raise HTTPException(418)

        def on_response(self, request: Request, response: ResponseHead) -> None:
            response.status_code = 202

    app = App([Route("/{x}", fine)], plugins=[First()])
    app.add_plugin(Second())
    client = TestClient(app)
    got = client.get("/go")
    assert (got.status_code, got.headers["x-first"], got.text) == (202, "202", "fine")
    got = client.get("/stop")
    assert (got.status_code, got.headers["x-first"]) == (403, "403")
    assert client.get("/raise").status_code == 418
    assert way == ["first /go", "second", "first /stop", "first /raise", "second"]


def test_the_lifespan_goes_around_the_requests_and_mounted_apps_have_theirs() -> None:
    way: list[str] = []

    def lifespan_of(name: str) -> Any:
        @asynccontextmanager
        async def lifespan(app: App) -> AsyncIterator[dict[str, str]]:
            app.state.name = name
            way.append(f"start {name}")
            yield {name: "yielded"}
            way.append(f"stop {name}")

        return lifespan

    async def handler(request: Request) -> Response:
        return JSONResponse([request.app.state.name, request.state.outer, request.state.inner])

    inner = App([Route("/", handler)], lifespan=lifespan_of("inner"))
    app = App([Route("/", handler), Mount("/i", inner)], lifespan=lifespan_of("outer"))
    with TestClient(app) as client:
        assert client.get("/").json() == ["outer", "yielded", "yielded"]
        assert client.get("/i/").json() == ["inner", "yielded", "yielded"]
        assert way == ["start outer", "start inner"]
    assert way[2:] == ["stop inner", "stop outer"]


def test_state_of_a_request_stays_with_it() -> None:
    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[dict[str, int]]:
        yield {"count": 0}

    async def handler(request: Request) -> Response:
        request.state.count += 1
        return JSONResponse([request.state.count, request.state["count"]])

    with TestClient(App([Route("/", handler)], lifespan=lifespan)) as client:
        assert client.get("/").json() == [1, 1]
        assert client.get("/").json() == [1, 1]


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_a_lifespan_that_fails_says_so(phase: str) -> None:
    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        if phase == "startup":
            raise KeyError("no database")
        yield
        raise KeyError("no database")

    sent: list[Any] = []

    async def run() -> None:
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message)

        with pytest.raises(KeyError):
            await App(lifespan=lifespan)({"type": "lifespan"}, receive, send)

    asyncio.run(run())
    assert sent[-1]["type"] == f"lifespan.{phase}.failed"
    assert "no database" in sent[-1]["message"]


def test_state_needs_a_server_that_keeps_it() -> None:
    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[dict[str, int]]:
        yield {"a": 1}

    async def run() -> None:
        async def receive() -> Any:
            return {"type": "lifespan.startup"}

        async def send(message: Any) -> None: ...

        await App(lifespan=lifespan)({"type": "lifespan"}, receive, send)

    with pytest.raises(RuntimeError, match="no lifespan state"):
        asyncio.run(run())


def test_a_blocking_handler_does_not_hold_up_the_others() -> None:
    import threading

    release = threading.Event()
    app = App()

    @app.get("/blocks")
    def blocks(request: SyncRequest) -> Response:
        assert release.wait(60)
        return PlainTextResponse("released")

    @app.get("/releases")
    async def releases(request: Request) -> Response:
        release.set()
        return PlainTextResponse("fine")

    async def run() -> tuple[bytes, bytes]:
        async def ask(path: str) -> bytes:
            body = b""

            async def send(message: Any) -> None:
                nonlocal body
                body += message.get("body", b"")

            await app({"type": "http", "method": "GET", "path": path, "headers": []}, None, send)  # type: ignore[arg-type]
            return body

        return await asyncio.gather(ask("/blocks"), ask("/releases"))

    assert [*asyncio.run(run())] == [b"released", b"fine"]

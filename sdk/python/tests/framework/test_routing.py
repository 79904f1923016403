import pytest
from functools import partial
from typing import Any
from vilya import App, HTTPException, JSONResponse, Mount, PlainTextResponse, Request, Response, Route, Router, SyncRequest, WebSocket
from vilya.exceptions import NoMatchFound
from vilya.testing import TestClient


async def echo(request: Request) -> Response:
    return JSONResponse([request.method, request.path_params, request.scope.get("root_path")])


def test_parameters_are_converted() -> None:
    client = TestClient(App([Route("/{a}/{b:int}/{c:path}", echo), Route("/f/{x:float}", echo)]))
    assert client.get("/x%2Fy/7/z").status_code == 404
    assert client.get("/x%20y/7/z/%C3%A9").json() == ["GET", {"a": "x y", "b": 7, "c": "z/é"}, ""]
    assert client.get("/f/1.5").json()[1] == {"x": 1.5}


def test_head_is_answered_by_get_and_options_by_itself() -> None:
    client = TestClient(App([Route("/", echo, ["GET", "POST"])]))
    got = client.head("/")
    assert (got.status_code, got.content) == (200, b"")
    got = client.options("/")
    assert (got.status_code, got.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_a_route_of_head_goes_before_that_of_get() -> None:
    async def head(request: Request) -> Response:
        return Response(headers={"x-head": "own"})

    client = TestClient(App([Route("/", echo), Route("/", head, ["HEAD"])]))
    assert client.head("/").headers["x-head"] == "own"
    assert client.get("/").json()[0] == "GET"


def test_other_methods_are_told_what_is_allowed() -> None:
    client = TestClient(App([Route("/a", echo), Route("/{x}", echo, ["PUT"])]))
    got = client.post("/a")
    assert (got.status_code, got.headers["allow"], got.text) == (405, "GET, HEAD, OPTIONS, PUT", "Method Not Allowed")
    assert client.put("/a").json()[1] == {"x": "a"}
    assert client.request("BREW", "/b").headers["allow"] == "OPTIONS, PUT"
    assert client.get("/a/b").status_code == 404


def test_a_missing_slash_is_redirected_to_and_the_query_kept() -> None:
    routes = [Route("/a/", echo), Route("/b", echo, ["POST"])]
    client = TestClient(App(routes), follow_redirects=False)
    assert client.get("/a?x=1").headers["location"] == "http://testserver/a/?x=1"
    assert client.post("/b/").headers["location"] == "http://testserver/b"
    assert client.get("/b/").status_code == 404
    assert TestClient(App(routes, redirect_slashes=False)).get("/a").status_code == 404


def test_a_redirect_never_leads_to_another_host() -> None:
    client = TestClient(App([Route("/{rest:path}/", echo)]), follow_redirects=False)
    location = client.get("http://testserver//evil.example").headers["location"]
    assert location == "http://testserver//evil.example/"


def test_decorators_leave_functions_as_they_are() -> None:
    app = App()

    @app.get("/g")
    @app.post("/p")
    @app.put("/u", name="put")
    @app.patch("/a")
    @app.delete("/d")
    @app.route("/r", methods=["BREW"])
    async def handler(request: Request) -> Response:
        return PlainTextResponse(request.method)

    client = TestClient(app)
    for method, path in [("GET", "/g"), ("POST", "/p"), ("PUT", "/u"), ("PATCH", "/a"), ("DELETE", "/d"), ("BREW", "/r")]:
        assert client.request(method, path).text == method
    assert handler.__name__ == "handler"
    assert app.url_path_for("put") == "/u"


def test_handlers_may_be_methods_partials_and_applications() -> None:
    class Views:
        async def method(self, request: Request) -> Response:
            return PlainTextResponse("method")

        def blocking(self, request: SyncRequest) -> Response:
            return PlainTextResponse(f"blocking {request.json()}")

    async def named(name: str, request: Request) -> Response:
        return PlainTextResponse(name)

    app = App()
    app.add_route("/method", Views().method)
    app.add_route("/blocking", Views().blocking, ["POST"])
    app.add_route("/partial", partial(named, "partial"))
    app.add_route("/app", PlainTextResponse("app"))
    app.add_route(Route("/route", echo))
    client = TestClient(app)
    assert client.get("/method").text == "method"
    assert client.post("/blocking", json=1).text == "blocking 1"
    assert client.get("/partial").text == "partial"
    assert client.delete("/app").text == "app"
    assert client.get("/route").status_code == 200


def test_dicts_and_lists_become_json_and_the_rest_is_an_error() -> None:
    async def answer(request: Request) -> Any:
        return {"dict": {"a": 1}, "list": [1], "none": None}[request.path_params["kind"]]

    client = TestClient(App([Route("/{kind}", answer)]))
    assert client.get("/dict").json() == {"a": 1}
    assert client.get("/list").json() == [1]
    with pytest.raises(TypeError, match="NoneType"):
        client.get("/none")


def test_mounts_know_their_root() -> None:
    async def outside(scope: Any, receive: Any, send: Any) -> None:
        await JSONResponse([scope["path"], scope["root_path"], scope["path_params"]])(scope, receive, send)

    app = App([Mount("/m", outside), Mount("/t/{tenant:int}", outside), Mount("/r", routes=[Route("/{x}", echo), Mount("/deep", outside)])])
    client = TestClient(app)
    assert client.get("/m/a/b").json() == ["/m/a/b", "/m", {}]
    assert client.get("/m").json() == ["/m/", "/m", {}]
    assert client.get("/t/7/x").json() == ["/t/7/x", "/t/7", {"tenant": 7}]
    assert client.get("/r/1").json() == ["GET", {"x": "1"}, "/r"]
    assert client.get("/r/deep/x").json() == ["/r/deep/x", "/r/deep", {}]
    assert client.get("/r/a/b").status_code == 404


@pytest.mark.parametrize("prefixes_path", [True, False])
def test_a_root_path_is_taken_off_where_the_server_left_it_on(prefixes_path: bool) -> None:
    import asyncio

    app = App([Route("/a", echo), Mount("/m", App([Route("/a", echo)]))])

    async def ask(path: str) -> Any:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": ("/root" if prefixes_path else "") + path, "root_path": "/root", "headers": []}
        await app(scope, None, send)  # type: ignore[arg-type]
        return sent[1]["body"]

    assert asyncio.run(ask("/a")) == b'["GET",{},"/root"]'
    assert asyncio.run(ask("/m/a")) == b'["GET",{},"/root/m"]'


def test_a_mounted_app_answers_for_itself() -> None:
    inner = App()

    @inner.exception_handler(404)
    async def missing(request: Request, error: HTTPException) -> Response:
        return PlainTextResponse("inner", 404)

    @inner.get("/", name="home")
    async def home(request: Request) -> Response:
        return JSONResponse([request.app is inner, request.url_for("home"), request.base_url])

    app = App([Mount("/i", inner, name="inner"), Route("/{x}", echo, name="outer")])
    client = TestClient(app)
    assert client.get("/i/").json() == [True, "http://testserver/i/", "http://testserver/i/"]
    assert client.get("/i/none").text == "inner"
    assert client.get("/none/none").text == "Not Found"
    assert app.url_path_for("inner:home") == "/i/"
    assert app.url_path_for("inner") == "/i/"
    assert app.url_path_for("outer", x="a b") == "/a%20b"
    for name, params in [("outer", {}), ("outer", {"x": 1, "y": 2}), ("none", {}), ("inner:none", {})]:
        with pytest.raises(NoMatchFound):
            app.url_path_for(name, **params)


def test_links_of_mounted_routes_begin_where_the_application_does() -> None:
    async def links(request: Request) -> Response:
        return JSONResponse([request.base_url, request.url_for("home"), request.url_for("r:links")])

    app = App([Route("/", echo, name="home"), Mount("/r", routes=[Route("/links", links)], name="r")])
    found = ["http://testserver/", "http://testserver/", "http://testserver/r/links"]
    assert TestClient(app).get("/r/links").json() == found
    rooted = [url.replace("testserver", "testserver/root") for url in found]
    assert TestClient(app, root_path="/root").get("/r/links").json() == rooted
    assert TestClient(App([Mount("/deep", app)])).get("/deep/r/links").json() == [url.replace("/root", "/deep") for url in rooted]


def test_routers_are_included_below_a_prefix() -> None:
    router = Router([Route("/users/{id:int}", echo, name="user"), Mount("/files", PlainTextResponse("files"))])
    app = App()
    app.include(router, "/v1")
    client = TestClient(app)
    assert client.get("/v1/users/3").json() == ["GET", {"id": 3}, ""]
    assert client.get("/v1/files/x").text == "files"
    assert app.url_path_for("user", id=3) == "/v1/users/3"
    assert client.get("/users/3").status_code == 404


def test_routes_may_be_added_while_requests_are_served() -> None:
    app = App()
    client = TestClient(app)
    assert client.get("/late").status_code == 404
    app.add_route("/late", echo)
    assert client.get("/late").status_code == 200


def test_a_websocket_finds_no_route_of_requests() -> None:
    async def accept(websocket: WebSocket) -> None:
        await websocket.accept()

    app = App([Route("/http", echo)])
    app.add_websocket_route("/ws/{x:int}", accept)
    client = TestClient(app)
    assert client.get("/ws/1").status_code == 404
    with client.websocket_connect("/ws/1"):
        pass


@pytest.mark.parametrize("options", [{}, {"app": echo, "routes": [Route("/", echo)]}])
def test_a_mount_is_of_an_application_or_of_routes(options: Any) -> None:
    with pytest.raises(ValueError, match="one of them"):
        Mount("/x", **options)


def test_a_convertor_that_refuses_after_all_is_a_404() -> None:
    client = TestClient(App([Route("/{x:float}", echo)]))
    assert client.get("/1.").status_code == 404

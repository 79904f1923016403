"""The client itself: requests, WebSockets and the lifespan, for tests that are plain functions."""

from __future__ import annotations

from ..headers import Headers
from ..responses import URL_SAFE
from ..types import ASGIApp, Scope
from ..url import URL
from .exchange import Exchange, new_scope
from .form_encoding import FieldSource
from .lifespan_session import LifespanSession
from .loop_thread import LoopThread
from .request_options import FollowingOptions, HeaderSource, RequestOptions, check_options, encode_body
from .response import TestResponse
from .websocket_session import WebSocketSession
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes, urlencode, urljoin

if TYPE_CHECKING:
    from typing_extensions import Unpack

# Redirects that are followed before that is taken for a loop.
REDIRECTS_MAX = 20


class TestClient:
    """Runs an ASGI application in this process. Inside `with` its lifespan runs, too.

    What the application raises is raised in the test, unless `raise_server_exceptions` is false; then it is a 500, as for a client.
    `timeout_s` bounds each wait. Cookies are kept by name, whatever their path.
    """

    # What pytest would take for a test otherwise.
    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://testserver",
        *,
        raise_server_exceptions: bool = True,
        follow_redirects: bool = True,
        root_path: str = "",
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        extensions: Sequence[str] = ("websocket.http.response",),
        timeout_s: float = 30.0,
    ) -> None:
        self.app = app
        self.base_url = URL(base_url)
        self.raise_server_exceptions = raise_server_exceptions
        self.follow_redirects = follow_redirects
        self.root_path = root_path
        self.headers = dict(headers or {})
        self.cookies = dict(cookies or {})
        self._extensions = extensions
        self._state: dict[str, Any] = {}
        self._loop = LoopThread(timeout_s)
        self._lifespan: LifespanSession | None = None

    def __enter__(self) -> TestClient:
        self._lifespan = LifespanSession(self.app, self._state)
        try:
            self._loop.run(self._lifespan.start())
        except BaseException:
            self._loop.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._lifespan is not None:
                self._loop.run(self._lifespan.stop())
        finally:
            self._loop.close()

    def request(self, method: str, url: str, *, follow_redirects: bool | None = None, **options: Unpack[RequestOptions]) -> TestResponse:
        """Sends a request and returns when the application is done with it, background tasks included.

        `options` are `params` and `headers`; the body is `content` (an iterable is sent in parts), `json`, or a form of `data` and `files`.
        """
        target, fields, body = self._prepare(url, options)
        follows = self.follow_redirects if follow_redirects is None else follow_redirects
        history: list[TestResponse] = []
        while True:
            response = self._send(method, target, fields, [body] if isinstance(body, bytes) else body)
            response.history = list(history)
            location = response.headers.get("location")
            if not follows or location is None or response.status_code not in (301, 302, 303, 307, 308):
                return response
            if len(history) == REDIRECTS_MAX:
                raise RuntimeError(f"Cannot follow: more than {REDIRECTS_MAX} redirects, the last one to {location}")
            history.append(response)
            target = URL(urljoin(target, location))
            if response.status_code in (301, 302, 303) and method not in ("GET", "HEAD"):
                method, body, fields = "GET", b"", [pair for pair in fields if not pair[0].startswith("content-")]

    def get(self, url: str, **options: Unpack[FollowingOptions]) -> TestResponse:
        """`request` with GET."""
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Unpack[FollowingOptions]) -> TestResponse:
        """`request` with HEAD."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Unpack[FollowingOptions]) -> TestResponse:
        """`request` with OPTIONS."""
        return self.request("OPTIONS", url, **options)

    def post(self, url: str, **options: Unpack[FollowingOptions]) -> TestResponse:
        """`request` with POST."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Unpack[FollowingOptions]) -> TestResponse:
        """`request` with PUT."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Unpack[FollowingOptions]) -> TestResponse:
        """`request` with PATCH."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Unpack[FollowingOptions]) -> TestResponse:
        """`request` with DELETE."""
        return self.request("DELETE", url, **options)

    @contextmanager
    def stream(self, method: str, url: str, **options: Unpack[RequestOptions]) -> Iterator[TestResponse]:
        """A response to be read while it is made; leaving `with` is the client's leaving. Redirects are not followed.

        `options` are those of `request`.
        """
        target, fields, body = self._prepare(url, options)
        exchange = self._open(method, target, fields, [body] if isinstance(body, bytes) else body)
        try:
            yield self._response(exchange, target)
        finally:
            error = self._loop.run(exchange.leave())
            if error is not None and self.raise_server_exceptions:
                raise error

    def websocket_connect(
        self, url: str, subprotocols: Sequence[str] = (), headers: Mapping[str, str] | None = None, params: FieldSource | None = None
    ) -> WebSocketSession:
        """A WebSocket to be used with `with`."""
        target = self._target(url, params)
        scheme = "wss" if target.scheme in ("https", "wss") else "ws"
        scope = self._scope("websocket", target, self._fields(headers, None, None), scheme)
        scope["subprotocols"] = list(subprotocols)
        return WebSocketSession(self.app, scope, self._loop)

    def _prepare(self, url: str, options: RequestOptions) -> tuple[URL, list[tuple[str, str]], bytes | list[bytes]]:
        check_options(options)
        body, kind = encode_body(options)
        fields = self._fields(options.get("headers"), kind, body if isinstance(body, bytes) else None)
        return self._target(url, options.get("params")), fields, body

    def _send(self, method: str, target: URL, fields: list[tuple[str, str]], body: Iterable[bytes]) -> TestResponse:
        exchange = self._open(method, target, fields, body)
        response = self._response(exchange, target)
        response.read()
        error = self._loop.run(exchange.finish())
        if error is not None and self.raise_server_exceptions:
            raise error
        return response

    def _open(self, method: str, target: URL, fields: list[tuple[str, str]], body: Iterable[bytes]) -> Exchange:
        scope = {**self._scope("http", target, fields, target.scheme), "method": method}

        async def begin() -> tuple[Exchange, BaseException | None]:
            exchange = Exchange(self.app, scope, body)
            return exchange, await exchange.start()

        exchange, error = self._loop.run(begin())
        if error is not None and self.raise_server_exceptions:
            raise error
        if exchange.status_code == 0 and error is None:
            raise RuntimeError("Cannot respond: the application returned without a response")
        return exchange

    def _response(self, exchange: Exchange, target: URL) -> TestResponse:
        def parts() -> Iterator[bytes]:
            while (part := self._loop.run(exchange.read())) is not None:
                yield part

        headers = Headers(raw=exchange.raw_headers)
        # What raised before the start is a 500, as every server answers it.
        response = TestResponse(exchange.status_code or 500, headers, target, parts(), lambda: exchange.is_complete)
        for cookie in headers.getlist("set-cookie"):
            pair, _, attributes = cookie.partition(";")
            name, _, value = pair.partition("=")
            if "max-age=0" in attributes.lower().replace(" ", ""):
                self.cookies.pop(name, None)
            else:
                response.cookies[name] = self.cookies[name] = value
        return response

    def _target(self, url: str, params: FieldSource | None) -> URL:
        target = URL(urljoin(self.base_url, quote(url, safe=URL_SAFE)))
        if params:
            query = urlencode(params, doseq=True)
            target = target.with_parts(query=f"{target.query}&{query}" if target.query else query)
        return target

    def _fields(self, headers: HeaderSource | None, kind: str | None, body: bytes | None) -> list[tuple[str, str]]:
        given = headers.items() if isinstance(headers, Mapping) else headers or ()
        fields = [(name.lower(), value) for name, value in given]
        known = {name for name, _ in fields}
        defaults = {"accept": "*/*", "user-agent": "vilya-test-client", **{name.lower(): value for name, value in self.headers.items()}}
        if kind is not None:
            defaults["content-type"] = kind
        if body:
            defaults["content-length"] = str(len(body))
        return [*((name, value) for name, value in defaults.items() if name not in known), *fields]

    def _scope(self, kind: str, target: URL, fields: list[tuple[str, str]], scheme: str) -> Scope:
        names = {name for name, _ in fields}
        fields = fields if "host" in names else [("host", target.netloc), *fields]
        if self.cookies and "cookie" not in names:
            fields = [*fields, ("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))]
        raw_path = (target.path or "/").encode("ascii")
        return new_scope(
            kind,
            http_version="1.1",
            scheme=scheme,
            path=self.root_path + unquote_to_bytes(raw_path).decode("utf-8", "replace"),
            raw_path=raw_path,
            query_string=target.query.encode("ascii"),
            root_path=self.root_path,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields],
            client=("testclient", 50000),
            server=(target.hostname or "testserver", target.port or (443 if scheme in ("https", "wss") else 80)),
            extensions={name: {} for name in self._extensions},
            state=dict(self._state),
        )

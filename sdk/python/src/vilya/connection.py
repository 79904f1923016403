"""What HTTP requests and WebSockets have in common, read from the ASGI scope when it is asked for."""

from __future__ import annotations

from .cookies import parse_cookies
from .exceptions import HTTPException
from .headers import Headers
from .lazy import lazy
from .params import QueryParams
from .state import State
from .types import Receive, Scope, Send
from .url import URL, host_of_scope
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Address(NamedTuple):
    """Where a peer is: a host and a port."""

    host: str
    port: int


async def _refuse_receive() -> Any:
    raise RuntimeError("Cannot receive: this request was made without a channel, pass `receive` to it")


async def _refuse_send(message: Any) -> None:
    raise RuntimeError("Cannot send: this request was made without a channel, pass `send` to it")


class Connection(Mapping[str, Any]):
    """One request or WebSocket. It is also a mapping, of its scope."""

    # The form of a request, once it was read: it may hold files.
    _form: Any = None
    # Most handlers ask for these: written out they cost less than `lazy` does.
    _headers: Headers | None = None
    _query_params: QueryParams | None = None

    def __init__(self, scope: Scope, receive: Receive = _refuse_receive, send: Send = _refuse_send) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    # A mapping is equal to one with the same items; two requests never are.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def app(self) -> Any:
        """The application that answers."""
        return self.scope["app"]

    @property
    def path(self) -> str:
        """Decoded, with the path of the mount, without the query."""
        path: str = self.scope["path"]
        return path

    @property
    def path_params(self) -> dict[str, Any]:
        """The parameters of the route, converted."""
        params: dict[str, Any] = self.scope.setdefault("path_params", {})
        return params

    @lazy
    def url(self) -> URL:
        """A text with parts: `request.url.path`."""
        return URL.of_scope(self.scope)

    @property
    def base_url(self) -> URL:
        """Where the application is: its scheme, its host and `root_path` with a slash."""
        scheme = self.scope.get("scheme", "http")
        root = self.scope.get("app_root_path", self.scope.get("root_path", "")).rstrip("/")
        return URL(f"{scheme}://{host_of_scope(self.scope, scheme)}{root}/")

    @property
    def headers(self) -> Headers:
        """All fields, by name in any case."""
        if self._headers is None:
            self._headers = Headers.of_scope(self.scope)
        return self._headers

    @property
    def query_params(self) -> QueryParams:
        """Raises HTTPException(400) past `params.FIELDS_MAX` parameters."""
        if self._query_params is None:
            try:
                self._query_params = QueryParams(self.scope.get("query_string", b""))
            except ValueError:
                raise HTTPException(400, "Too many query parameters") from None
        return self._query_params

    @lazy
    def cookies(self) -> dict[str, str]:
        """Name and value of each."""
        return parse_cookies("; ".join(self.headers.getlist("cookie")))

    def cookie(self, name: str) -> str | None:
        """The value of one cookie, None without it."""
        return self.cookies.get(name)

    @property
    def client(self) -> Address | None:
        """The peer, None where the server does not know: behind a Unix socket, say."""
        client = self.scope.get("client")
        return None if client is None else Address(*client)

    @lazy
    def state(self) -> State:
        """What this request carries, beginning with what the lifespan yielded."""
        return State(self.scope.setdefault("state", {}))

    def set_state(self, key: str, value: Any) -> None:
        """The same as `request.state[key] = value`."""
        self.state[key] = value

    def url_for(self, name: str, /, **params: Any) -> URL:
        """The absolute URL of a route of the application."""
        path = self.scope["app"].url_path_for(name, **params)
        return URL(str(self.base_url).rstrip("/") + path)

"""What an ASGI application is told of a connection."""

from __future__ import annotations

from .codec import Wire
from .form_body import form_facts
from .request import Pair, Request, connection_of, request_of
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

Scope = dict[str, Any]

#: The engine's HTTP/3 sends no trailers, HTTP/1.0 knows none.
_VERSIONS_WITH_TRAILERS = frozenset(("1.1", "2"))

#: The usual ones need no decoding.
_METHODS = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}

_EXTENSIONS_OF_1_0: dict[str, dict[str, Any]] = {"http.response.pathsend": {}}
_EXTENSIONS: dict[str, dict[str, Any]] = {**_EXTENSIONS_OF_1_0, "http.response.early_hint": {}}

SpecVersion = Literal["2.3", "2.5"]

#: Of http and websocket.
SPEC_VERSIONS: tuple[SpecVersion, ...] = ("2.3", "2.5")


@dataclass(slots=True)
class ScopeSettings:
    """What all scopes of a worker share."""

    root_path: str = ""
    #: From 2.4 on ``send`` raises OSError once the client has left; before, it does nothing then.
    spec_version: SpecVersion = "2.5"
    #: What the app has put there in its lifespan; None without one. Each scope gets a copy.
    state: dict[str, Any] | None = None
    #: The engine takes trailers.
    has_trailers: bool = False

    @property
    def raises_on_disconnect(self) -> bool:
        return self.spec_version != "2.3"


def http_scope(request: Request, settings: ScopeSettings) -> Scope:
    method, raw_path, query, fields, connection, extras, _ = request
    scheme, http_version, client, server = connection_of(connection)
    headers = list(fields)
    extensions = (_EXTENSIONS_OF_1_0 if http_version == "1.0" else _EXTENSIONS).copy()
    if settings.has_trailers and http_version in _VERSIONS_WITH_TRAILERS and _accepts_trailers(headers):
        extensions["http.response.trailers"] = {}
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": settings.spec_version},
        "http_version": http_version,
        "method": _METHODS.get(method) or method.decode("latin-1").upper(),
        "scheme": scheme,
        "path": decode_path(raw_path) if b"%" in raw_path else raw_path.decode("utf-8", "replace"),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": settings.root_path,
        "headers": headers,
        "client": client,
        "server": server,
        "extensions": extensions,
    }
    if settings.state is not None:
        scope["state"] = settings.state.copy()
    if extras is not None:
        if b"match" in extras:
            # With what it was found for: middleware may change the scope.
            scope["vilya.match"] = scope["path"], scope["method"], extras[b"match"]
        _add_engine_facts(scope, extras)
    return scope


def websocket_scope(frame: Wire, settings: ScopeSettings) -> Scope:
    scope = http_scope(request_of(frame), settings)
    del scope["method"]
    scope["type"] = "websocket"
    scope["scheme"] = "wss" if scope["scheme"] == "https" else "ws"
    scope["subprotocols"] = [name.decode("latin-1") for name in frame.get(b"protocols") or ()]
    facts = scope["extensions"].get("vilya")
    scope["extensions"] = {"websocket.http.response": {}} if facts is None else {"websocket.http.response": {}, "vilya": facts}
    return scope


def decode_path(path: bytes) -> str:
    """Percent-decoded; bytes that are not UTF-8 become U+FFFD."""
    return (unquote_to_bytes(path) if b"%" in path else path).decode("utf-8", "replace")


def _accepts_trailers(headers: list[Pair]) -> bool:
    """RFC 9110 §10.1.4: ``trailers`` is a member of a list, not its whole value."""
    fields = [value for name, value in headers if name == b"te"]
    # Few have any.
    return len(fields) > 0 and any(member.strip().lower() == b"trailers" for value in fields for member in value.split(b","))


def _add_engine_facts(scope: Scope, extras: Wire) -> None:
    """What the engine knows and ASGI has no name for: its route, a form that it has read, the certificate of the client, the socket."""
    facts: dict[str, Any] = {}
    if b"route" in extras:
        facts["route"] = extras[b"route"].decode("utf-8", "replace")
        facts["params"] = {
            name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in (extras.get(b"params") or {}).items()
        }
    if b"form" in extras:
        facts["form"] = form_facts(extras)
    if b"tls" in extras:
        facts["tls"] = {name.decode("latin-1"): value.decode("utf-8", "replace") for name, value in extras[b"tls"].items()}
    if b"socket" in extras:
        facts["socket"] = extras[b"socket"].decode("latin-1")
    if facts:
        scope["extensions"]["vilya"] = facts

"""What an ASGI application is told of a connection."""

from __future__ import annotations

from .codec import Wire
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

Scope = dict[str, Any]

#: A client asks more than once over its connection.
_ADDRESS_COUNT_MAX = 4_096

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
    #: Those that the engine has agreed to.
    features: frozenset[str] = field(default_factory=frozenset)

    @property
    def raises_on_disconnect(self) -> bool:
        return self.spec_version != "2.3"


def http_scope(request: Wire, settings: ScopeSettings) -> Scope:
    scope = _connection_scope(request, settings)
    scope["type"] = "http"
    scope["method"] = request[b"method"].decode("latin-1").upper()
    scope["scheme"] = request[b"scheme"].decode("latin-1")
    extensions = scope["extensions"]
    extensions["http.response.pathsend"] = {}
    if scope["http_version"] != "1.0":
        extensions["http.response.early_hint"] = {}
    if "trailers" in settings.features and _accepts_trailers(scope["headers"]):
        extensions["http.response.trailers"] = {}
    return scope


def websocket_scope(request: Wire, settings: ScopeSettings) -> Scope:
    scope = _connection_scope(request, settings)
    scope["type"] = "websocket"
    scope["scheme"] = "wss" if request[b"scheme"] == b"https" else "ws"
    scope["subprotocols"] = [name.decode("latin-1") for name in request.get(b"protocols") or ()]
    scope["extensions"]["websocket.http.response"] = {}
    return scope


def _connection_scope(request: Wire, settings: ScopeSettings) -> Scope:
    path = request[b"path"]
    headers = request[b"headers"]
    scope: Scope = {
        "asgi": {"version": "3.0", "spec_version": settings.spec_version},
        "http_version": request.get(b"http_version", b"1.1").decode("latin-1"),
        "path": decode_path(path),
        "raw_path": path,
        "query_string": request[b"query"],
        "root_path": settings.root_path,
        "headers": [(name.lower(), value) for name, values in headers.items() for value in values],
        "client": _client_of(request),
        "server": _server_of(request),
        "extensions": {},
    }
    if settings.state is not None:
        scope["state"] = settings.state.copy()
    if b"route" in request or b"tls" in request or b"socket" in request:
        scope["extensions"]["vilya"] = _engine_facts(request)
    return scope


def decode_path(path: bytes) -> str:
    """Percent-decoded; bytes that are not UTF-8 become U+FFFD."""
    return (unquote_to_bytes(path) if b"%" in path else path).decode("utf-8", "replace")


@lru_cache(_ADDRESS_COUNT_MAX)
def address_of(address: bytes) -> tuple[str, int | None] | None:
    """``192.0.2.1:50000`` or ``[2001:db8::1]:50000`` as a pair; a Unix socket's path has no port. None where there is nothing."""
    if not address:
        return None
    host, colon, port = address.rpartition(b":")
    if not colon or not port.isdigit():
        return address.decode("utf-8", "replace"), None
    return host.strip(b"[]").decode("latin-1"), int(port)


def _client_of(request: Wire) -> tuple[str, int | None] | None:
    """Whoever has asked; None for a client of a Unix socket, which has no address."""
    address = address_of(request[b"remote_addr"])
    return None if address is None or address[1] is None else address


def _server_of(request: Wire) -> tuple[str, int | None] | None:
    """The address that the client has connected to; where the engine does not say it, the authority that the request is for."""
    address = request.get(b"server_addr")
    return authority_of(request) if address is None else address_of(address)


def authority_of(request: Wire) -> tuple[str, int] | None:
    """Host and port that the request is for; None for a request that does not say."""
    host = request[b"host"]
    if not host:
        return None
    default_port = 443 if request[b"scheme"] == b"https" else 80
    name, colon, port = host.rpartition(b":")
    if colon and port.isdigit():
        return name.strip(b"[]").decode("latin-1"), int(port)
    return host.strip(b"[]").decode("latin-1"), default_port


def _accepts_trailers(headers: list[tuple[bytes, bytes]]) -> bool:
    """RFC 9110 §10.1.4: ``trailers`` is a member of a list, not its whole value."""
    return any(member.strip().lower() == b"trailers" for name, value in headers if name == b"te" for member in value.split(b","))


def _engine_facts(request: Wire) -> dict[str, Any]:
    """What the engine knows and ASGI has no name for: the route that it has matched, and the client's certificate."""
    facts: dict[str, Any] = {}
    if b"route" in request:
        facts["route"] = request[b"route"].decode("utf-8", "replace")
        facts["params"] = {
            name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in (request.get(b"params") or {}).items()
        }
    if b"tls" in request:
        facts["tls"] = {name.decode("latin-1"): value.decode("utf-8", "replace") for name, value in request[b"tls"].items()}
    if b"socket" in request:
        facts["socket"] = request[b"socket"].decode("latin-1")
    return facts

"""A request as the engine tells it, in either of its two forms. docs/reference/wire.md W1.20, W2.90."""

from __future__ import annotations

from .codec import Wire
from .form_body import form_headers
from collections.abc import Iterable
from functools import lru_cache

Address = tuple[str, "int | None"]
Pair = tuple[bytes, bytes]

#: Scheme, version of HTTP, and the addresses of client and server.
ClientConnection = tuple[str, str, "Address | None", "Address | None"]

#: A client asks more than once over its connection.
_CONNECTION_COUNT_MAX = 4_096

#: Method, path, query, header fields with names in lower case, the connection as ``connection_of`` takes it, what only some requests
#: have by its keys, and the body.
Request = tuple[bytes, bytes, bytes, Iterable[Pair], bytes, "Wire | None", bytes]


def request_of(frame: Wire) -> Request:
    """Of a short request as it came, of any other one made."""
    short: Request | None = frame.get(b"request")
    if short is not None:
        return short
    fields = form_headers(frame) if b"form" in frame else frame[b"headers"]
    headers = [(name.lower(), value) for name, values in fields.items() for value in values]
    server = frame.get(b"server_addr") or _server_of(frame)
    connection = b" ".join((frame[b"scheme"], frame.get(b"http_version", b"1.1"), frame[b"remote_addr"], server))
    return frame[b"method"], frame[b"path"], frame[b"query"], headers, connection, frame, frame[b"body"]


@lru_cache(_CONNECTION_COUNT_MAX)
def connection_of(text: bytes) -> ClientConnection:
    """Takes its four parts with a space between each; a Unix socket's path may have more."""
    scheme, http_version, client, server = text.split(b" ", 3)
    return scheme.decode("latin-1"), http_version.decode("latin-1"), _client_of(client), address_of(server)


def _client_of(text: bytes) -> Address | None:
    """None for a client of a Unix socket, which has no address."""
    address = address_of(text)
    return None if address is None or address[1] is None else address


def address_of(address: bytes) -> Address | None:
    """``192.0.2.1:50000`` or ``[2001:db8::1]:50000`` as a pair; a Unix socket's path has no port. None where there is nothing."""
    if not address:
        return None
    host, colon, port = address.rpartition(b":")
    if not colon or not port.isdigit():
        return address.decode("utf-8", "replace"), None
    return host.strip(b"[]").decode("latin-1"), int(port)


def authority_of(frame: Wire) -> tuple[str, int] | None:
    """Host and port that the request is for; None for a request that does not say. Not of short requests."""
    host = frame[b"host"]
    if not host:
        return None
    default_port = 443 if frame[b"scheme"] == b"https" else 80
    name, colon, port = host.rpartition(b":")
    if colon and port.isdigit():
        return name.strip(b"[]").decode("latin-1"), int(port)
    return host.strip(b"[]").decode("latin-1"), default_port


def _server_of(frame: Wire) -> bytes:
    """Where the engine does not say what the client has connected to, it is what the request is for."""
    authority = authority_of(frame)
    return b"" if authority is None else b"[%s]:%d" % (authority[0].encode("latin-1"), authority[1])

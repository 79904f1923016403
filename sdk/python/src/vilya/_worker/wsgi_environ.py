"""What a WSGI application is told of a request. PEP 3333."""

from __future__ import annotations

import os
import sys
from .codec import Wire
from .form_body import form_headers
from .request import authority_of, request_of
from .scope import ScopeSettings, http_scope
from .wsgi_file import FileWrapper
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]


def environ_of(request: Wire, body: BinaryIO, settings: ScopeSettings) -> Environ:
    """Texts are bytes as Latin-1, as PEP 3333 wants them."""
    root = settings.root_path.encode().decode("latin-1")
    path = unquote_to_bytes(request[b"path"]).decode("latin-1")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    scope = http_scope(request_of(request), settings)
    server_name, server_port = _server_of(request, scope["server"])
    client = scope["client"] or ("", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root,
        "PATH_INFO": path if path.startswith("/") else "",  # `*` is about the server as a whole.
        "QUERY_STRING": request[b"query"].decode("latin-1"),
        "REQUEST_URI": request[b"uri"].decode("latin-1"),
        "RAW_URI": request[b"uri"].decode("latin-1"),
        "SERVER_NAME": server_name,
        "SERVER_PORT": str(server_port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_SOFTWARE": "vilya",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1] or ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_fields(environ, form_headers(request) if b"form" in request else request[b"headers"])
    _add_length(environ, request)
    # Only names with a dot may hold what is no text.
    environ.update({f"vilya.{name}": fact for name, fact in scope["extensions"].get("vilya", {}).items()})
    return environ


def _server_of(request: Wire, address: tuple[str, int | None] | None) -> tuple[str, int]:
    """Name and port are never empty: a Unix socket has no port, so there they are what the request is for."""
    if address is not None and address[1] is not None:
        return address[0], address[1]
    return authority_of(request) or ("localhost", 443 if request[b"scheme"] == b"https" else 80)


def _add_length(environ: Environ, request: Wire) -> None:
    """A body that is there as a whole has a length, whether the client has announced one or not; without it many programs read nothing."""
    if "CONTENT_LENGTH" in environ or request.get(b"body_stream") is True:
        return
    path = request.get(b"body_file")
    length = len(request[b"body"]) if path is None else os.path.getsize(path)
    if length > 0:
        environ["CONTENT_LENGTH"] = str(length)
        environ.pop("HTTP_TRANSFER_ENCODING", None)  # RFC 9112 §7.1.3: it is undone.


def _add_fields(environ: Environ, headers: dict[bytes, tuple[bytes, ...]]) -> None:
    for name, values in headers.items():
        # X_User would become the same variable as X-User, which a proxy may vouch for: CVE-2015-0219.
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        separator = b"; " if key == "COOKIE" else b","
        value = separator.join(values).decode("latin-1")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    environ.pop("HTTP_PROXY", None)  # CVE-2016-5385: programs take it for a setting of theirs.

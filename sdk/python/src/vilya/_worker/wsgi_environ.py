"""What a WSGI application is told of a request. PEP 3333."""

from __future__ import annotations

import sys
from .codec import Wire
from .scope import ScopeSettings, address_of, http_scope
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]


def environ_of(request: Wire, body: BinaryIO, settings: ScopeSettings) -> Environ:
    """Texts are bytes as Latin-1, as PEP 3333 wants them."""
    root = settings.root_path.encode().decode("latin-1")
    path = unquote_to_bytes(request[b"path"]).decode("latin-1")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    scope = http_scope(request, settings)
    server = scope["server"] or ("localhost", None)
    client = address_of(request[b"remote_addr"]) or ("", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root,
        "PATH_INFO": path,
        "QUERY_STRING": request[b"query"].decode("latin-1"),
        "REQUEST_URI": request[b"uri"].decode("latin-1"),
        "RAW_URI": request[b"uri"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_SOFTWARE": "vilya",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1] or ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_fields(environ, request[b"headers"])
    facts = scope["extensions"].get("vilya")
    if facts is not None:
        environ["vilya"] = facts
    return environ


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

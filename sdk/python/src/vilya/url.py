"""The URL of a request, rebuilt from its scope: a text that knows its parts."""

from __future__ import annotations

import re
from .types import Scope
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

# RFC 3986 §3.2.2 and a port. Anything else in `Host` is not repeated to the application.
_HOST = re.compile(r"(?:[A-Za-z0-9.\-_~%!$&'()*+,;=]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# RFC 3986 §3.3: what a path may hold as it is.
PATH_SAFE = "/:@!$&'()*+,;=~"


class URL(str):
    """A URL. It equals its text, and has its parts as properties."""

    @classmethod
    def of_scope(cls, scope: Scope) -> URL:
        """What the client asked for. `Host` is taken if it is a host, otherwise the address of the server."""
        scheme = scope.get("scheme", "http")
        path = quote(scope["path"], safe=PATH_SAFE)
        query = scope.get("query_string", b"").decode("latin-1")
        return cls(f"{scheme}://{host_of_scope(scope, scheme)}{path}{'?' + query if query else ''}")

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(str(self))

    @property
    def scheme(self) -> str:
        return self._parts.scheme

    @property
    def netloc(self) -> str:
        return self._parts.netloc

    @property
    def hostname(self) -> str | None:
        return self._parts.hostname

    @property
    def port(self) -> int | None:
        return self._parts.port

    @property
    def path(self) -> str:
        """Percent-encoded."""
        return self._parts.path

    @property
    def query(self) -> str:
        return self._parts.query

    @property
    def fragment(self) -> str:
        return self._parts.fragment

    @property
    def is_secure(self) -> bool:
        """Whether the client came over TLS, as far as the server knows."""
        return self.scheme in ("https", "wss")

    def with_parts(self, **parts: str) -> URL:
        """A copy with other parts: `scheme`, `netloc`, `path`, `query`, `fragment`."""
        return URL(self._parts._replace(**parts).geturl())

    def include_query_params(self, **params: Any) -> URL:
        """A copy with these parameters set, the others kept."""
        kept = [pair for pair in parse_qsl(self.query, keep_blank_values=True) if pair[0] not in params]
        return self.with_parts(query=urlencode(kept + [(name, str(value)) for name, value in params.items()]))


def host_of_scope(scope: Scope, scheme: str) -> str:
    """The host with its port, where that is not the scheme's own."""
    for name, value in scope["headers"]:
        if name == b"host":
            host: str = value.decode("latin-1")
            if _HOST.fullmatch(host):
                return host
            break
    server = scope.get("server")
    if not server or server[1] is None:
        return "localhost"
    name, port = server
    name = f"[{name}]" if ":" in name else name
    return name if port == _PORTS.get(scheme) else f"{name}:{port}"


def path_below_root(scope: Scope) -> str:
    """The path below `root_path`. Servers differ in whether `path` begins with it: where it does, it is taken off."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :] or "/"
    return path

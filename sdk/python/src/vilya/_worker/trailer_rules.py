"""Which fields may follow a body. RFC 9110 §6.5.1."""

from __future__ import annotations

from collections.abc import Iterable

#: They frame, route, authenticate, or say how to handle what has been handled by then; the conditions of a request (`if-…`) besides.
_FORBIDDEN = frozenset(
    (
        b"age authorization cache-control connection content-encoding content-length content-range content-type date expect expires host "
        b"keep-alive location max-forwards pragma proxy-authenticate proxy-authorization proxy-connection range retry-after set-cookie te "
        b"trailer transfer-encoding upgrade vary warning www-authenticate"
    ).split()
)


def assert_trailers(names: Iterable[bytes]) -> None:
    """Raises RuntimeError for a name that may not follow a body; names are in lower case."""
    for name in names:
        if name in _FORBIDDEN or name.startswith(b"if-"):
            raise RuntimeError(f"Cannot send the trailer {name.decode('latin-1')}: it belongs into the head, RFC 9110 §6.5.1 allows others")

"""Header fields: many values a name, names in any case, and never a line break in either.

Kept as ASGI has them, pairs of bytes in the order they came, so that nothing is converted before it is asked for.
"""

from __future__ import annotations

import re
from .types import Scope
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeVar, overload

T = TypeVar("T")

RawHeaders = list[tuple[bytes, bytes]]
HeaderSource = Mapping[str, str] | Iterable[tuple[str, str]]

# RFC 9110 §5.6.2
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# RFC 9110 §5.5: what ends a field, or what a peer may take for its end.
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@lru_cache(maxsize=512)
def encode_name(name: str) -> bytes:
    """The name in lower case. Raises ValueError for what is no token."""
    if _TOKEN.fullmatch(name) is None:
        raise ValueError(f"Cannot set header {name!r}: its name must be a token, letters, digits and !#$%&'*+-.^_`|~")
    return name.lower().encode("ascii")


def encode_value(value: str) -> bytes:
    """Raises ValueError for line breaks and other control characters, and for what Latin-1 does not have."""
    if _FORBIDDEN_IN_VALUE.search(value) is not None:
        raise ValueError(f"Cannot set header value {value[:80]!r}: it holds a control character, text without line breaks is allowed")
    return value.strip(" \t").encode("latin-1")


def encode_headers(source: HeaderSource) -> RawHeaders:
    """Pairs of bytes, checked, in order."""
    if isinstance(source, Headers):
        return list(source.raw)
    pairs = source.items() if isinstance(source, Mapping) else source
    return [(encode_name(name), encode_value(value)) for name, value in pairs]


def lowered(headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    """Fields as an application may give them: once only, and with names in any case."""
    return [(bytes(name).lower(), bytes(value)) for name, value in headers]


@lru_cache(maxsize=512)
def _key(name: str) -> bytes:
    """What to look for. Handlers ask for the same few names again and again."""
    return name.lower().encode("latin-1", "replace")


class Headers(Mapping[str, str]):
    """Reads header fields by name in any case. `headers["x"]` is the first value, `getlist("x")` has all of them."""

    __slots__ = ("raw",)

    def __init__(self, headers: HeaderSource | None = None, *, raw: Iterable[tuple[bytes, bytes]] | None = None) -> None:
        if raw is None:
            self.raw: RawHeaders = [] if headers is None else encode_headers(headers)
        else:
            self.raw = raw if isinstance(raw, list) else list(raw)

    @staticmethod
    def of_scope(scope: Scope) -> Headers:
        """Those of a request, as they are: what writes to the scope writes to them."""
        headers = Headers.__new__(Headers)
        headers.raw = scope["headers"]
        return headers

    def __getitem__(self, name: str) -> str:
        key = _key(name)
        for field, value in self.raw:
            if field == key:
                return value.decode("latin-1")
        raise KeyError(name)

    @overload
    def get(self, name: str) -> str | None: ...

    @overload
    def get(self, name: str, default: T) -> str | T: ...

    def get(self, name: str, default: T | None = None) -> str | T | None:
        """The first value of the name."""
        key = _key(name)
        for field, value in self.raw:
            if field == key:
                return value.decode("latin-1")
        return default

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        key = _key(name)
        return any(field == key for field, _ in self.raw)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(field.decode("latin-1") for field, _ in self.raw))

    def __len__(self) -> int:
        return len({field for field, _ in self.raw})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and sorted(self.raw) == sorted(other.raw)

    # They change: what is equal now may not be later.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.multi_items()!r})"

    def getlist(self, name: str) -> list[str]:
        """Every value of the name, in order."""
        key = _key(name)
        return [value.decode("latin-1") for field, value in self.raw if field == key]

    def multi_items(self) -> list[tuple[str, str]]:
        """All fields in order, names in lower case, as often as they came."""
        return [(field.decode("latin-1"), value.decode("latin-1")) for field, value in self.raw]

    def contains(self, name: str) -> bool:
        """The same as `name in headers`."""
        return name in self

    def mutablecopy(self) -> MutableHeaders:
        """A copy that may be written to."""
        return MutableHeaders(raw=list(self.raw))


class MutableHeaders(Headers):
    """Header fields of a response. Names and values are checked as they are set: a line break raises ValueError."""

    __slots__ = ()

    def __setitem__(self, name: str, value: str) -> None:
        key, encoded = encode_name(name), encode_value(value)
        for index, (field, _) in enumerate(self.raw):
            if field == key:
                self.raw[index] = (key, encoded)
                self.raw[index + 1 :] = [pair for pair in self.raw[index + 1 :] if pair[0] != key]
                return
        self.raw.append((key, encoded))

    def __delitem__(self, name: str) -> None:
        key = encode_name(name)
        self.raw[:] = [pair for pair in self.raw if pair[0] != key]

    def set(self, name: str, value: str) -> None:
        """Replaces every value of the name."""
        self[name] = value

    def append(self, name: str, value: str) -> None:
        """Adds a value beside those that the name has."""
        self.raw.append((encode_name(name), encode_value(value)))

    def setdefault(self, name: str, value: str) -> str:
        """Sets the value only where the name has none, and returns the one it has then."""
        if name not in self:
            self[name] = value
        return self[name]

    def update(self, other: Mapping[str, str]) -> None:
        """Sets every field of the other."""
        for name, value in other.items():
            self[name] = value

    def add_vary(self, name: str) -> None:
        """Adds a name to `Vary`, once."""
        names = [part.strip() for value in self.getlist("vary") for part in value.split(",")]
        if name.lower() not in (known.lower() for known in names) and "*" not in names:
            self["vary"] = ", ".join([*names, name])

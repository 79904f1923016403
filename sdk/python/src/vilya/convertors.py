"""What a path parameter may look like, and what it becomes: `{id:int}`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID


@dataclass(frozen=True)
class Convertor:
    """A kind of parameter.

    `pattern` is what a value looks like, `decode` makes it of a text that matched, `encode` the text of a URL.
    Of two routes that fit, the one with the lower `rank` is asked first.
    """

    name: str
    pattern: str
    decode: Callable[[str], Any]
    encode: Callable[[Any], str]
    rank: int


def _encode_segment(value: Any) -> str:
    text = str(value)
    if not text or "/" in text:
        raise ValueError(f"Cannot put {text!r} into a URL: one segment of a path is allowed, use {{name:path}} for more")
    return quote(text, safe="")


def _encode_path(value: Any) -> str:
    return quote(str(value), safe="/")


def _encode_number(value: float) -> str:
    if value < 0:
        raise ValueError(f"Cannot put {value} into a URL: numbers in paths are not negative")
    return str(value) if isinstance(value, int) else f"{value:.20f}".rstrip("0").rstrip(".")


CONVERTORS: dict[str, Convertor] = {
    # As many digits as fit into 64 bits: a longer one is no number of anybody's.
    "int": Convertor("int", r"[0-9]{1,19}", int, _encode_number, 0),
    "float": Convertor("float", r"[0-9]{1,19}(?:\.[0-9]{1,19})?", float, _encode_number, 1),
    "uuid": Convertor("uuid", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", UUID, str, 2),
    "str": Convertor("str", r"[^/]+", str, _encode_segment, 8),
    "path": Convertor("path", r".*", str, _encode_path, 9),
}


def register_convertor(name: str, pattern: str, decode: Callable[[str], Any], encode: Callable[[Any], str] = _encode_segment) -> None:
    """Adds a kind of parameter for routes made after this. The pattern is matched against one segment, whole."""
    if not name.isidentifier() or name in CONVERTORS:
        raise ValueError(f"Cannot register convertor {name!r}: a new identifier is allowed")
    re.compile(pattern)
    CONVERTORS[name] = Convertor(name, pattern, decode, encode, 5)

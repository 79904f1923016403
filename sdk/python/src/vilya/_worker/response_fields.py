"""Header fields as applications give them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: Header fields by their names in lower case; of a field that occurs more than once a list.
Fields = dict[bytes, Any]


def fields_of(headers: Iterable[Any]) -> Fields:
    """Pairs of name and value as the wire has them: names in lower case, of those that occur more than once a list of values.

    Raises TypeError for what is not bytes: to guess an encoding would hide the mistake.
    """
    fields: Fields = {}
    for name, value in headers:
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            raise TypeError(
                f"Cannot send the header field {name!r}: its name and value are {type(name).__name__} and "
                f"{type(value).__name__}, bytes are needed"
            )
        key = name.lower()
        known = fields.get(key)
        if known is None:
            fields[key] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            fields[key] = [known, value]
    return fields


def content_length_of(fields: Fields) -> int | None:
    """What the app announces; None where it does not, or says it so that nobody can tell."""
    value = fields.get(b"content-length")
    return int(value) if isinstance(value, bytes) and value.isdigit() else None


def count_down(left: int, byte_count: int, *, is_last: bool) -> int:
    """What is left of an announced length behind so many bytes. Raises RuntimeError for a body that is longer or shorter than that."""
    left -= byte_count
    if left < 0:
        raise RuntimeError("Cannot send a body: it is longer than its Content-Length")
    if is_last and left > 0:
        raise RuntimeError("Cannot end a body: it is shorter than its Content-Length")
    return left

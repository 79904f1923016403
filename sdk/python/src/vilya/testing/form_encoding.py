"""Forms as browsers send them, for tests."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import urlencode

Content = bytes | BinaryIO
# A content, or with a name, or with a name and a type.
FileSource = Content | tuple[str, Content] | tuple[str, Content, str]
FilesSource = Mapping[str, FileSource] | Sequence[tuple[str, FileSource]]
FieldSource = Mapping[str, Any] | Sequence[tuple[str, Any]]


def encode_form(fields: FieldSource, files: FilesSource | None) -> tuple[bytes, str]:
    """The body and its type: multipart where there are files."""
    pairs = _pairs(fields)
    if not files:
        return urlencode(pairs).encode("ascii"), "application/x-www-form-urlencoded"
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{_escape(name)}"', None, str(value).encode("utf-8")) for name, value in pairs]
    for name, source in files.items() if isinstance(files, Mapping) else files:
        named = source if isinstance(source, tuple) else (name, source)
        kind = named[2] if len(named) == 3 else "application/octet-stream"
        content = named[1] if isinstance(named[1], bytes) else named[1].read()
        parts.append(_part(boundary, f'name="{_escape(name)}"; filename="{_escape(named[0])}"', kind, content))
    return b"".join(parts) + f"--{boundary}--\r\n".encode("ascii"), f"multipart/form-data; boundary={boundary}"


def _pairs(fields: FieldSource) -> list[tuple[str, Any]]:
    items: Iterable[tuple[str, Any]] = fields.items() if isinstance(fields, Mapping) else fields
    return [(name, value) for name, values in items for value in (values if isinstance(values, (list, tuple)) else [values])]


def _part(boundary: str, options: str, kind: str | None, content: bytes) -> bytes:
    described = "" if kind is None else f"\r\nContent-Type: {kind}"
    return f"--{boundary}\r\nContent-Disposition: form-data; {options}{described}\r\n\r\n".encode() + content + b"\r\n"


def _escape(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")

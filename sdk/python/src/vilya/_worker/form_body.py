"""The body of a form that the engine has read (docs/reference/wire.md W2.61), made again for applications that read it themselves.

Fields come before files. Nothing is opened before it is read.
"""

from __future__ import annotations

import io
from ..media_type import parse_options
from .codec import Wire
from .request_body import FileBody, Part, RequestBody, WholeBody
from collections import deque
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote_plus

_CONTENT_TYPE = b"Content-Type"
_CONTENT_LENGTH = b"Content-Length"
# Beside what the engine sends.
_PIECES = b"\x00pieces"


@dataclass(frozen=True, slots=True)
class FilePiece:
    """The content of a file, where it stands in a body."""

    path: bytes
    byte_length: int

    def __len__(self) -> int:
        return self.byte_length


Piece = bytes | FilePiece


def form_facts(request: Wire) -> dict[str, Any]:
    """The form as text, for scopes: what is not UTF-8 becomes U+FFFD."""
    return {
        "fields": [(_text(name), _text(value)) for name, values in (request[b"form"] or {}).items() for value in values],
        "files": [
            {
                "name": _text(file[b"name"]),
                "filename": _text(file[b"filename"]),
                "type": _text(file[b"type"]),
                "path": file[b"path"].decode("utf-8", "surrogateescape"),
                "size": file[b"size"],
            }
            for file in request[b"files"] or ()
        ],
    }


def form_pieces(request: Wire) -> list[Piece]:
    """The body in its order, in the type and with the boundary that the client has announced. Made once for a request."""
    pieces: list[Piece] | None = request.get(_PIECES)
    if pieces is None:
        pieces = request[_PIECES] = _make_pieces(request)
    return pieces


def _make_pieces(request: Wire) -> list[Piece]:
    headers = request[b"headers"]
    kind, options = parse_options(b"".join(headers.get(_CONTENT_TYPE, ())).decode("latin-1"))
    is_multipart = kind == "multipart/form-data"
    return _multipart(request, options.get("boundary", "").encode("latin-1")) if is_multipart else _urlencoded(request)


def form_headers(request: Wire) -> dict[bytes, tuple[bytes, ...]]:
    """The header fields with the length of that body: it is there as a whole, however it came."""
    length = sum(len(piece) for piece in form_pieces(request))
    others = {name: values for name, values in request[b"headers"].items() if name != b"Transfer-Encoding"}
    return {**others, _CONTENT_LENGTH: (str(length).encode(),)}


class FormBody:
    """Such a body for ASGI: a `RequestBody`."""

    __slots__ = ("_current", "_pieces", "is_aborted")

    def __init__(self, pieces: list[Piece]) -> None:
        self.is_aborted = False
        self._pieces = deque(pieces)
        self._current: RequestBody | None = None

    def take(self) -> Part | None:
        while True:
            if self._current is None:
                if not self._pieces:
                    return b"", False
                piece = self._pieces.popleft()
                self._current = FileBody(piece.path) if isinstance(piece, FilePiece) else WholeBody(piece)
            part = self._current.take()
            if part is None:
                return None
            content, has_more = part
            if not has_more:
                self._current.close()
                self._current = None
            if content:
                return content, has_more or bool(self._pieces)

    async def wait(self) -> None:
        if self._current is not None:
            await self._current.wait()

    def close(self) -> None:
        self._pieces.clear()
        if self._current is not None:
            self._current.close()


class FormInput(io.RawIOBase):
    """Such a body for WSGI: a file that blocks."""

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = deque(pieces)
        self._current: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]
        while self._current is not None or self._pieces:
            if self._current is None:
                piece = self._pieces.popleft()
                self._current = open(piece.path, "rb") if isinstance(piece, FilePiece) else io.BytesIO(piece)  # noqa: SIM115 - closed below
            content = self._current.read(len(target))
            if content:
                target[: len(content)] = content
                return len(content)
            self._current.close()
            self._current = None
        return 0

    def close(self) -> None:
        self._pieces.clear()
        if self._current is not None:
            self._current.close()
        super().close()


def _urlencoded(request: Wire) -> list[Piece]:
    pairs = [(name, value) for name, values in (request[b"form"] or {}).items() for value in values]
    return ["&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode("ascii")]


def _multipart(request: Wire, boundary: bytes) -> list[Piece]:
    """None of its contents has the boundary: they have come between the same ones."""
    pieces: list[Piece] = []
    for name, values in (request[b"form"] or {}).items():
        for value in values:
            pieces.append(b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (boundary, _quoted(name), value))
    for file in request[b"files"] or ():
        disposition = b'form-data; name="%b"; filename="%b"' % (_quoted(file[b"name"]), _quoted(file[b"filename"]))
        kind = b"Content-Type: %b\r\n" % file[b"type"] if file[b"type"] else b""
        pieces.append(b"--%b\r\nContent-Disposition: %b\r\n%b\r\n" % (boundary, disposition, kind))
        pieces.append(FilePiece(file[b"path"], file[b"size"]))
        pieces.append(b"\r\n")
    return [*pieces, b"--%b--\r\n" % boundary]


def _quoted(name: bytes) -> bytes:
    """As browsers write it: WHATWG HTML §4.10.21.8."""
    return name.replace(b"\r", b"%0D").replace(b"\n", b"%0A").replace(b'"', b"%22")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")

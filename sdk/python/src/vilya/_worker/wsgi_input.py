"""``wsgi.input``: a body as a file that blocks."""

from __future__ import annotations

import io
from .codec import Wire
from .form_body import FormInput, form_pieces
from .request_body import Part
from collections.abc import Callable
from typing import BinaryIO

_BUFFER_BYTES = 65_536


def open_input(request: Wire, read_part: Callable[[], Part]) -> BinaryIO:
    """``read_part`` waits for the next part of a body that arrives in parts; for the others the engine has sent all there is."""
    if request.get(b"body_stream") is True:
        return io.BufferedReader(_PartReader(read_part), _BUFFER_BYTES)
    if b"form" in request:
        return io.BufferedReader(FormInput(form_pieces(request)), _BUFFER_BYTES)
    path = request.get(b"body_file")
    return io.BytesIO(request[b"body"]) if path is None else open(path, "rb")


class _PartReader(io.RawIOBase):
    """Reads parts one after the other. Raises BodyAborted where the client has broken off: what came is not the whole."""

    def __init__(self, read_part: Callable[[], Part]) -> None:
        self._read_part = read_part
        self._rest = memoryview(b"")
        self._has_more = True

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]
        while not self._rest and self._has_more:
            part, self._has_more = self._read_part()
            self._rest = memoryview(part)
        length = min(len(target), len(self._rest))
        target[:length] = self._rest[:length]
        self._rest = self._rest[length:]
        return length

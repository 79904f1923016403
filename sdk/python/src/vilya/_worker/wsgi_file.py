"""``wsgi.file_wrapper``: a file as the body of a response. PEP 3333, "Optional Platform-Specific File Handling"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

#: Frameworks suggest parts of a few kilobytes; each part costs a change of threads.
PART_BYTES_MIN = 65_536


class Readable(Protocol):
    """What PEP 3333 asks of a file."""

    def read(self, byte_count: int, /) -> bytes: ...


class FileWrapper:
    """An iterable of what is in the file from where it stands."""

    def __init__(self, file: Readable, block_bytes: int = PART_BYTES_MIN) -> None:
        self._file = file
        self._part_bytes = max(block_bytes, PART_BYTES_MIN)

    def __iter__(self) -> FileWrapper:
        return self

    def __next__(self) -> bytes:
        part = self._file.read(self._part_bytes)
        if not part:
            raise StopIteration
        return part

    def close(self) -> None:
        """Closes the file, where it can be closed."""
        close: Callable[[], None] | None = getattr(self._file, "close", None)
        if close is not None:
            close()

"""A file of a form: in memory while small, in a temporary file past that."""

from __future__ import annotations

import os
import shutil
from .headers import Headers
from .threads import run_in_thread
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

# Up to this an upload stays in memory.
SPOOL_BYTES_MAX = 1024 * 1024


class Upload:
    """What every uploaded file has. `filename` is what the client says and may be anything: never a path to write to."""

    __slots__ = ("_file", "filename", "headers", "path", "size")

    def __init__(
        self,
        filename: str,
        content_type: str | None = None,
        content: bytes = b"",
        *,
        headers: Headers | None = None,
        path: str | None = None,
        size: int | None = None,
    ) -> None:
        self.filename = filename
        self.headers = headers or Headers({"content-type": content_type} if content_type else {})
        #: Where the engine has put it, until the request is answered: move it from there to keep it. None for one that was parsed here.
        self.path = path
        self.size = len(content) if size is None else size
        self._file: BinaryIO | None = None
        if content:
            self.file.write(content)
            self.file.seek(0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(filename={self.filename!r}, size={self.size}, content_type={self.content_type!r})"

    @property
    def file(self) -> BinaryIO:
        """Its content; opened when it is first asked for."""
        if self._file is None:
            spool = SpooledTemporaryFile(max_size=SPOOL_BYTES_MAX) if self.path is None else open(self.path, "rb")  # noqa: SIM115 - it lives as long as the upload
            self._file = cast(BinaryIO, spool)
        return self._file

    @property
    def content_type(self) -> str | None:
        """As the client says it, not as the content is."""
        return self.headers.get("content-type")

    def discard(self) -> None:
        """Removes what was spooled to disk."""
        if self._file is not None:
            self._file.close()

    def _save(self, path: str | os.PathLike[str]) -> None:
        self.file.seek(0)
        with open(path, "xb") as target:
            shutil.copyfileobj(self.file, target)


class UploadFile(Upload):
    """An uploaded file for handlers that are coroutines."""

    __slots__ = ()

    async def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes from where the file stands, all of them by default."""
        if self.size <= SPOOL_BYTES_MAX:
            return self.file.read(size)
        return await run_in_thread(self.file.read, size)

    async def seek(self, offset: int) -> None:
        """Moves to an offset from the start, in bytes."""
        self.file.seek(offset)

    async def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the whole file to a path of yours. Raises FileExistsError rather than replace a file."""
        await run_in_thread(self._save, path)

    async def close(self) -> None:
        """Removes what was spooled to disk."""
        self.discard()


class SyncUploadFile(Upload):
    """An uploaded file for handlers that are no coroutines."""

    __slots__ = ()

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes from where the file stands, all of them by default."""
        return self.file.read(size)

    def seek(self, offset: int) -> None:
        """Moves to an offset from the start, in bytes."""
        self.file.seek(offset)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the whole file to a path of yours. Raises FileExistsError rather than replace a file."""
        self._save(path)

    def close(self) -> None:
        """Removes what was spooled to disk."""
        self.discard()

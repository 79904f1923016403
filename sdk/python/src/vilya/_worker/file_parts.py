"""Files of an application, read beside the loop."""

from __future__ import annotations

import asyncio
import os
import stat
from .response_stream import CHUNK_BYTES_MAX
from collections.abc import AsyncIterator
from typing import BinaryIO


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Raises OSError, for everything but plain files, too: a pipe that nobody writes to would hold the loop."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"Cannot send {os.fspath(path)!r}: it is no plain file, which is needed")
    return open(descriptor, "rb")


async def file_parts(file: BinaryIO) -> AsyncIterator[bytes]:
    """What is in a file from where it stands, in parts that are one chunk each."""
    loop = asyncio.get_running_loop()
    while part := await loop.run_in_executor(None, file.read, CHUNK_BYTES_MAX):
        yield part

"""Files of an application, read beside the loop."""

from __future__ import annotations

import asyncio
from .response_stream import CHUNK_BYTES_MAX
from collections.abc import AsyncIterator
from typing import BinaryIO


async def file_parts(file: BinaryIO) -> AsyncIterator[bytes]:
    """What is in a file from where it stands, in parts that are one chunk each."""
    loop = asyncio.get_running_loop()
    while part := await loop.run_in_executor(None, file.read, CHUNK_BYTES_MAX):
        yield part

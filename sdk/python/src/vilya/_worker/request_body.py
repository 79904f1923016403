"""The body of a request, by value, in a file, or in parts that arrive while the app runs.

Each kind has ``take``, which returns the next part and whether more follow, or None when there is none yet, and ``wait``, which returns
when it is worth to look again. A task that is cancelled while it waits loses nothing.
"""

from __future__ import annotations

import asyncio
import os
from .wakeup import WakeUp
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Protocol

#: Bytes that are read of a file at a time.
FILE_PART_BYTES = 262_144

Part = tuple[bytes, bool]


class BodyAborted(OSError):
    """The body will never be whole: the client broke it off, was too slow, or sent too much. docs/reference/wire.md W2.34."""

    def __init__(self) -> None:
        super().__init__("Cannot read the request's body: the client broke it off")


class RequestBody(Protocol):
    """What all kinds of bodies have in common."""

    #: The client has broken it off.
    is_aborted: bool

    def take(self) -> Part | None:
        """The next part. Raises BodyAborted."""

    async def wait(self) -> None:
        """Returns when ``take`` may have something, or raises."""

    def close(self) -> None:
        """Nobody reads the rest. Who waits is woken."""


class WholeBody:
    """A body that came with its request."""

    __slots__ = ("_bytes", "is_aborted")

    def __init__(self, body: bytes) -> None:
        self.is_aborted = False
        self._bytes = body

    def take(self) -> Part | None:
        return self._bytes, False

    async def wait(self) -> None:
        return

    def close(self) -> None:
        return


#: Has no state that could be shared by mistake.
NO_BODY = WholeBody(b"")


class StreamedBody:
    """A body in parts. docs/reference/wire.md W2.30 to W2.34.

    Invariant: what the app has taken is granted again when it is half of the window, and nothing is granted behind the end.
    """

    __slots__ = ("_changed", "_grant", "_is_closed", "_is_complete", "_owed", "_parts", "_window", "is_aborted")

    def __init__(self, grant: Callable[[int], None], window: int) -> None:
        """``window`` is what the engine sends before anything is granted, in bytes."""
        self._grant = grant
        self._window = window
        self._parts: deque[bytes] = deque()
        self._owed = 0
        self.is_aborted = False
        self._is_complete = self._is_closed = False
        self._changed = WakeUp()

    def push(self, part: bytes) -> None:
        if not self._is_closed:
            self._parts.append(part)
            self._changed.notify()

    def end(self) -> None:
        self._is_complete = True
        self._changed.notify()

    def abort(self) -> None:
        if not self._is_complete:
            self.is_aborted = True
            self._parts.clear()
            self._changed.notify()

    def take(self) -> Part | None:
        if self.is_aborted:
            raise BodyAborted
        if self._parts:
            part = self._parts.popleft()
            self._owe(len(part))
            return part, bool(self._parts) or not self._is_complete
        return (b"", False) if self._is_complete else None

    async def wait(self) -> None:
        if not (self._parts or self._is_complete or self.is_aborted or self._is_closed):
            await self._changed.wait()

    def close(self) -> None:
        self._is_closed = True
        self._parts.clear()
        self._changed.notify()

    def _owe(self, byte_count: int) -> None:
        self._owed += byte_count
        if self._owed * 2 >= self._window and not (self._is_complete or self._is_closed):
            self._grant(self._owed)
            self._owed = 0


class FileBody:
    """A body that the engine has put into a file. docs/reference/wire.md W2.35.

    It is opened by who reads it first: that it cannot be, with too many files open, is the error of this request alone.
    """

    __slots__ = ("_file", "_left", "_path", "_reading", "is_aborted")

    def __init__(self, path: bytes) -> None:
        self.is_aborted = False
        self._path = path
        self._file: BinaryIO | None = None
        #: Bytes; None before it is opened.
        self._left: int | None = None
        self._reading: asyncio.Future[bytes] | None = None

    def take(self) -> Part | None:
        if self._left is None:
            self._file = open(self._path, "rb")  # noqa: SIM115 - closed with the request
            self._left = os.fstat(self._file.fileno()).st_size
        if self._left <= 0:
            return b"", False
        if self._reading is None or not self._reading.done():
            return None
        part, self._reading = self._reading.result(), None
        self._left = self._left - len(part) if part else 0
        return part, self._left > 0

    async def wait(self) -> None:
        # Whoever waits may be cancelled: what is read then is for the next one.
        if self._reading is None:
            assert self._file is not None, "who waits has looked before"
            loop = asyncio.get_running_loop()
            self._reading = loop.run_in_executor(None, self._file.read, FILE_PART_BYTES)
        await asyncio.shield(self._reading)

    def close(self) -> None:
        self._left = 0
        file = self._file
        if file is None:
            return
        if self._reading is None:
            file.close()
        else:
            self._reading.add_done_callback(lambda _: file.close())

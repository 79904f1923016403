"""Parts of a body on their way from the application's thread to the loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any

#: The application makes so many bytes ahead of what the engine has taken.
AHEAD_BYTES_MAX = 65_536


class PartSender:
    """Used by one thread. Parts stay in order.

    PEP 3333 lets the application go on while a part is sent. To wait for each would cost two changes of threads a part, and many frameworks
    make parts of a few kilobytes.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, send: Callable[[bytes], Coroutine[Any, Any, None]]) -> None:
        self._loop = loop
        self._send = send
        #: With the bytes of each.
        self._sent: deque[tuple[Future[None], int]] = deque()
        self._byte_count = 0
        self.is_begun = False

    def send(self, part: bytes) -> None:
        """Returns when there is room for the next part. Raises what has become of this one or of one before it."""
        self.is_begun = True
        self._sent.append((asyncio.run_coroutine_threadsafe(self._send(part), self._loop), len(part)))
        self._byte_count += len(part)
        while self._sent and (self._byte_count > AHEAD_BYTES_MAX or self._sent[0][0].done()):
            self._settle()

    def finish(self) -> None:
        """Returns when all has been sent. Raises what has become of it."""
        while self._sent:
            self._settle()

    def drain(self) -> None:
        """As ``finish``, for whom it does not matter."""
        wait(future for future, _ in self._sent)
        self._sent.clear()

    def _settle(self) -> None:
        future, byte_count = self._sent.popleft()
        self._byte_count -= byte_count
        future.result()

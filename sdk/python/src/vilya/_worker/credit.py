"""What one side may still send. docs/reference/wire.md W2.14, W2.53."""

from __future__ import annotations

from .wakeup import WakeUp


class Credit:
    """Bytes that the engine takes of one response or WebSocket. Closed when there is nobody to send to any more."""

    __slots__ = ("_changed", "is_closed", "is_open", "left")

    def __init__(self) -> None:
        self.left = 0
        #: The engine has said its first word: before it nothing may follow a head.
        self.is_open = False
        self.is_closed = False
        self._changed = WakeUp()

    def add(self, byte_count: int) -> None:
        self.left += byte_count
        self.is_open = True
        self._changed.notify()

    def close(self) -> None:
        self.is_open = self.is_closed = True
        self._changed.notify()

    async def available(self) -> None:
        """Returns when something may be sent, or nothing ever will be."""
        while self.left <= 0 and not self.is_closed:
            await self._changed.wait()

    async def opened(self) -> None:
        """Returns when the engine has answered a head."""
        while not self.is_open:
            await self._changed.wait()

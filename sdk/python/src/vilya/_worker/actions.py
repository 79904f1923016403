"""What the application has the engine do beside answering. docs/reference/wire.md W2.46."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from .report import report
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine_link import EngineLink

Action = dict[str, Any]

#: What may wait for the engine to say that it takes actions: hooks run before there is a connection.
WAITING_COUNT_MAX = 1_000
#: What a frame holds besides the message and the names in it, at most.
_OVERHEAD_BYTES = 512


class ActionError(RuntimeError):
    """Nobody takes it: no worker runs in this process, or its engine knows no actions."""


class Actions:
    """The way of actions from any thread to the engine: while it is entered, what `act` is told goes this way.

    Invariant: those of one thread arrive in their order; only the loop's own thread touches the link.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread_id = threading.get_ident()
        #: None as soon as it is known whether the engine takes any.
        self._waiting: list[Action] | None = []
        self._link: EngineLink | None = None

    def __enter__(self) -> Actions:
        global _current
        _current = self
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        global _current
        self._waiting = self._link = None
        # Where one process holds several workers, its next one has begun before this one ends.
        if _current is self:
            _current = None

    def open(self, link: EngineLink, *, is_agreed: bool) -> None:
        """The engine has said whether it takes them; what has waited leaves."""
        waiting, self._waiting = self._waiting or [], None
        if not is_agreed:
            return
        self._link = link
        for action in waiting:
            try:
                _send(link, action)
            except ValueError as error:
                report("A start hook has asked for what cannot be sent", error)

    def add(self, action: Action) -> None:
        """Sends one as soon as it can. Raises ActionError, and ValueError for one that is larger than a frame."""
        byte_count = _byte_count(action)
        if self._waiting is None:
            _check_size(self._open_link(), byte_count)
        if threading.get_ident() == self._thread_id:
            self._take(action)
            return
        self._loop.call_soon_threadsafe(self._take_late, action)

    def _take(self, action: Action) -> None:
        if self._waiting is None:
            _send(self._open_link(), action)
        elif len(self._waiting) < WAITING_COUNT_MAX:
            self._waiting.append(action)
        else:
            raise ActionError(f"Cannot reach the engine: {WAITING_COUNT_MAX} actions wait for the worker to be ready, more are not kept")

    def _take_late(self, action: Action) -> None:
        """What another thread has been told is on its way; the worker may have ended since."""
        with contextlib.suppress(ActionError):
            self._take(action)

    def _open_link(self) -> EngineLink:
        if self._link is None:
            raise ActionError("Cannot reach the engine: it takes no actions of this worker")
        return self._link


def _send(link: EngineLink, action: Action) -> None:
    link.send({"type": "actions", "actions": [action]})


def _byte_count(action: Action) -> int:
    """What its frame may take. Raises UnicodeEncodeError for text that is none: half of a character."""
    values = [value.encode() if isinstance(value, str) else value for value in action.values()]
    return sum(len(value) for value in values if isinstance(value, bytes)) + _OVERHEAD_BYTES


def _check_size(link: EngineLink, byte_count: int) -> None:
    if byte_count > link.frame_bytes_max:
        raise ValueError(
            f"Cannot send a message: its frame takes {byte_count} bytes, at most {link.frame_bytes_max} are allowed (workers.frame_size)"
        )


_current: Actions | None = None


def act(action: Action) -> None:
    """Has the engine do something. Raises ActionError and ValueError."""
    if _current is None:
        raise ActionError("Cannot reach the engine: no worker of Vilya runs in this process")
    _current.add(action)

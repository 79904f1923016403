"""The connection to the engine: the handshake, then frames both ways."""

from __future__ import annotations

import asyncio
import os
import struct
from .codec import Wire, pack, unpack
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any, cast

HANDSHAKE = b"NARYA1"
#: Until the welcome says another one. docs/reference/wire.md W1.8.
FRAME_BYTES_MAX_DEFAULT = 10 << 20
_LENGTH = struct.Struct(">I")
#: What every whole response begins with: its length, the header of a map of 4, the key ``id`` and the header of its value, the value.
_ANSWER = struct.Struct(">I5sQ")
_ANSWER_MAP = b"\x84\xa2id\xcf"
_ANSWER_BYTES = _ANSWER.size - _LENGTH.size
#: The headers of short binary values, by their length.
_BIN_8 = tuple(bytes((0xC4, length)) for length in range(256))
_BIN_32 = struct.Struct(">BI")
#: How long an answer waits for those to requests behind it, in seconds: they leave in one write.
WAIT_MAX_SECONDS = 0.000_2
#: What of long responses is handed to the socket at a time.
_BULK_BYTES_MAX = 262_144


class ProtocolError(Exception):
    """The engine has sent what cannot be read: nothing behind it can be trusted."""


class FrameTooLargeError(ValueError):
    """The engine would take it for a broken worker: it must not be sent. What was to be said can be said otherwise."""

    def __init__(self, byte_count: int, byte_count_max: int) -> None:
        super().__init__(f"Cannot send a frame: it has {byte_count} bytes, at most {byte_count_max} are allowed (workers.frame_size)")


class EngineLink(asyncio.Protocol):
    """Cuts what arrives into frames, and sends what was written in one turn of the loop in one write.

    Invariant: parts of long responses leave only while the engine keeps up, and everything else goes before them: however many clients
    download, a small answer waits for no more than what the socket holds.
    """

    def __init__(
        self,
        hello: dict[str, Any],
        on_frame: Callable[[Wire], None],
        on_end: Callable[[Exception | None], None],
    ) -> None:
        self.frame_bytes_max = FRAME_BYTES_MAX_DEFAULT
        self._hello = hello
        self._on_frame = on_frame
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._is_greeted = False
        self._held = bytearray()
        self._parts: list[bytes] = []
        #: Frames that wait for the engine to keep up, with their lengths.
        self._bulk: deque[bytes] = deque()
        self._is_paused = False
        self._is_flush_due = False
        #: When the answers to requests that came together wait no longer for the others.
        self._flush_at = 0.0

    def send(self, frame: dict[str, Any]) -> None:
        """Writes a frame; it leaves at the end of this turn of the loop. Nothing happens once the connection is closed.

        Raises FrameTooLargeError.
        """
        payload = self.encode(frame)
        self._parts.append(_LENGTH.pack(len(payload)))
        self._parts.append(payload)
        self._plan_flush()

    def send_answer(self, request_id: int, head: bytes, body: bytes) -> None:
        """As ``send`` for a whole response; ``head`` are its entries between ``id`` and the value of ``body``, encoded."""
        byte_count = len(body)
        header = _BIN_8[byte_count] if byte_count < 256 else _BIN_32.pack(0xC6, byte_count)
        length = _ANSWER_BYTES + len(head) + len(header) + byte_count
        if length > self.frame_bytes_max:
            raise FrameTooLargeError(length, self.frame_bytes_max)
        self._parts += (_ANSWER.pack(length, _ANSWER_MAP, request_id), head, header, body)
        if not self._is_flush_due:
            self._plan_flush()

    def encode(self, frame: dict[str, Any]) -> bytes:
        """A frame for ``send_bulk``. Raises FrameTooLargeError."""
        payload = pack(frame)
        if len(payload) > self.frame_bytes_max:
            raise FrameTooLargeError(len(payload), self.frame_bytes_max)
        return payload

    def send_bulk(self, payload: bytes) -> None:
        """Writes a frame behind all others, in order with those that were written like this. Its request must have none left before it."""
        self._bulk.append(_LENGTH.pack(len(payload)))
        self._bulk.append(payload)
        self._plan_flush()

    def close(self) -> None:
        """Sends what is left and closes."""
        self._parts.extend(self._bulk)
        self._bulk.clear()
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        # What is written leaves at once, and long responses wait as soon as the engine does not keep up.
        self._transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._plan_flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._on_end(None)

    def data_received(self, data: bytes) -> None:
        # What frames are answered with at once leaves below, or before that when it has waited for long.
        self._is_flush_due = True
        self._flush_at = perf_counter() + WAIT_MAX_SECONDS
        try:
            self._receive(data)
        except Exception as error:
            if self._transport is not None:
                self._transport.abort()
            self._on_end(error)
        else:
            self._flush()

    def _receive(self, data: bytes) -> None:
        if self._held or not self._is_greeted:
            self._held += data
            taken = self._take(self._held)
            del self._held[:taken]
        else:
            taken = self._take(data)
            if taken < len(data):
                self._held += memoryview(data)[taken:]

    def _take(self, source: bytes | bytearray) -> int:
        """Hands on what is complete; returns how many bytes that was."""
        at = 0
        if not self._is_greeted:
            at = self._greet(source)
            if at == 0:
                return 0
        end = len(source)
        while end - at >= 4:
            (length,) = _LENGTH.unpack_from(source, at)
            if not 0 < length <= self.frame_bytes_max:
                raise ProtocolError(f"Cannot read a frame: its length is {length}, 1 to {self.frame_bytes_max} is allowed")
            start = at + 4
            if start + length > end:
                break
            at = start + length
            self._on_frame(unpack(source[start:at]))
            if perf_counter() >= self._flush_at:
                self._flush_early()
        return at

    def _greet(self, source: bytes | bytearray) -> int:
        """Answers the handshake and says hello in one write. docs/reference/wire.md W1.3, W2.1."""
        if not HANDSHAKE.startswith(bytes(source[: len(HANDSHAKE)])):
            raise ProtocolError("Cannot greet: no engine listens here")
        if len(source) < len(HANDSHAKE):
            return 0
        if int(os.environ.get("VILYA_WORKER_LEVEL", "1")) < 2:
            raise ProtocolError("Cannot serve: the engine is too old, level 2 of its protocol is needed")
        self._is_greeted = True
        self._parts.append(b"OK")
        self.send(self._hello)
        return len(HANDSHAKE)

    def _plan_flush(self) -> None:
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        parts, self._parts = self._parts, []
        if self._bulk and not self._is_paused:
            self._take_bulk(parts)
        if parts and self._transport is not None:
            self._transport.write(b"".join(parts))

    def _flush_early(self) -> None:
        """In the middle of a batch: the engine can pass answers on while the rest of it is worked on."""
        self._flush()
        self._is_flush_due = True
        self._flush_at = perf_counter() + WAIT_MAX_SECONDS

    def _take_bulk(self, parts: list[bytes]) -> None:
        bulk, byte_count = self._bulk, 0
        while bulk and byte_count < _BULK_BYTES_MAX:
            part = bulk.popleft()
            byte_count += len(part)
            parts.append(part)
        if bulk:
            self._plan_flush()

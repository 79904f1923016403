"""The process that workers are forked from: it has imported the application and serves nothing. docs/reference/wire.md W2.65 to W2.70."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import sys
from .codec import Wire, pack, unpack
from .engine_link import FRAME_BYTES_MAX_DEFAULT, HANDSHAKE, ProtocolError
from .fork_order import ForkOrder
from typing import Any

_LENGTH = struct.Struct(">I")
_READ_BYTES_MAX = 65_536


class Prototype:
    """Forks when the engine says so, and tells it which workers have ended.

    Invariant: only processes that were forked here are waited for; what the application has started is the application's.
    """

    def __init__(self, socket_path: str, sdk: str) -> None:
        """Greets the engine. Raises OSError when there is none, and ProtocolError when it is something else or too old."""
        self._running: set[int] = set()
        self._held = bytearray()
        with contextlib.ExitStack() as unless_greeted:
            self._connection = unless_greeted.enter_context(socket.socket(socket.AF_UNIX))
            self._connection.connect(socket_path)
            greeting = self._connection.recv(len(HANDSHAKE), socket.MSG_WAITALL)
            if greeting != HANDSHAKE or int(os.environ.get("VILYA_WORKER_LEVEL", "1")) < 2:
                raise ProtocolError("Cannot greet: an engine that speaks level 2 of the worker protocol is needed")
            hello = {"type": "hello", "level": 2, "sdk": sdk, "features": ["fork"], "concurrency": 1}
            self._connection.sendall(b"OK" + _framed(hello))
            unless_greeted.pop_all()

    def run(self) -> ForkOrder | None:
        """Returns in every worker, with what it was forked for, and in the prototype itself with None once the engine has let it go.

        Raises ProtocolError and MessagePackError when the engine sends what cannot be read.
        """
        woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        previous_handler = signal.signal(signal.SIGCHLD, lambda *_: None)
        previous_waker = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        try:
            return self._serve(woken)
        finally:
            signal.set_wakeup_fd(previous_waker)
            signal.signal(signal.SIGCHLD, previous_handler)
            os.close(woken)
            os.close(waker)
            self._connection.close()

    def _serve(self, woken: int) -> ForkOrder | None:
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        poll.register(woken, select.POLLIN)
        while True:
            for ready, _ in poll.poll():
                if ready == woken:
                    os.read(woken, _READ_BYTES_MAX)
                    self._reap()
                    continue
                received = self._receive()
                if not received:
                    return None
                self._held += received
            while (message := self._next_message()) is not None:
                if message.get(b"type") == b"stop":
                    return None
                if message.get(b"type") == b"fork":
                    order = ForkOrder.read(message)
                    if self._fork(order):
                        return order

    def _receive(self) -> bytes:
        """Empty when the engine is gone, in good order or not."""
        try:
            return self._connection.recv(_READ_BYTES_MAX)
        except ConnectionResetError:
            return b""

    def _next_message(self) -> Wire | None:
        held = self._held
        if len(held) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(held)
        if not 0 < length <= FRAME_BYTES_MAX_DEFAULT:
            raise ProtocolError(f"Cannot read a frame: its length is {length}, 1 to {FRAME_BYTES_MAX_DEFAULT} is allowed")
        end = _LENGTH.size + length
        if len(held) < end:
            return None
        message = unpack(bytes(held[_LENGTH.size : end]))
        del held[:end]
        return message

    def _fork(self, order: ForkOrder) -> bool:
        """True in the worker, False in the prototype."""
        # What waits in a buffer would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            process_id = os.fork()
        except OSError as error:
            self._tell({"type": "fork_failed", "worker_id": order.worker_id, "error": str(error)})
            return False
        if process_id == 0:
            return True
        # Both sides do it: whoever signals the group from here on finds it.
        with contextlib.suppress(OSError):
            os.setpgid(process_id, process_id)
        self._running.add(process_id)
        self._tell({"type": "forked", "worker_id": order.worker_id, "pid": process_id})
        return False

    def _reap(self) -> None:
        for process_id in tuple(self._running):
            ended, status = os.waitpid(process_id, os.WNOHANG)
            if ended == 0:
                continue
            self._running.discard(process_id)
            code = os.waitstatus_to_exitcode(status)
            ending = {"code": code, "signal": None} if code >= 0 else {"code": None, "signal": -code}
            self._tell({"type": "exited", "pid": process_id, **ending})

    def _tell(self, message: dict[str, Any]) -> None:
        # An engine that has left cannot be told: the next read says that it has.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._connection.sendall(_framed(message))


def _framed(message: dict[str, Any]) -> bytes:
    payload = pack(message)
    return _LENGTH.pack(len(payload)) + payload

"""What a worker is forked for. docs/reference/wire.md W2.67."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
from .codec import Wire
from dataclasses import dataclass


@dataclass(frozen=True)
class ForkOrder:
    """What one that is executed reads from its command line and environment, and where it prints."""

    worker_id: int
    socket_path: str
    #: Takes its STDOUT as its first connection and its STDERR as its second one.
    output_path: str

    @staticmethod
    def read(message: Wire) -> ForkOrder:
        return ForkOrder(message[b"worker_id"], os.fsdecode(message[b"sock"]), os.fsdecode(message[b"output"]))

    def become_worker(self) -> None:
        """Makes a process that was just forked what one that is executed would be, but for the application it has imported already."""
        os.setpgid(0, 0)
        self._redirect_output()
        os.environ["VILYA_WORKER_ID"] = str(self.worker_id)
        _reseed()
        gc.enable()

    def _redirect_output(self) -> None:
        """An engine that has left reads no output: then it stays that of the prototype."""
        with contextlib.suppress(OSError):
            for descriptor in (1, 2):
                with socket.socket(socket.AF_UNIX) as output:
                    output.connect(self.output_path)
                    os.dup2(output.fileno(), descriptor)


def _reseed() -> None:
    """Or all workers would draw the same numbers. Python's own generator does it by itself at a fork, NumPy's global one does not."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()

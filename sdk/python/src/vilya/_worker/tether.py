"""Runs a program that ends with the process that has started it: ``tether.py PID PROGRAM ARGUMENT…``.

Python's standard library alone: it is run by its path.

Linux tells a process that its parent is gone (`PR_SET_PDEATHSIG`), through `exec` as well. Elsewhere the program is on its own.
"""

import contextlib
import ctypes
import os
import signal
import sys

#: prctl(2)
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Becomes the program, unless the parent was faster."""
    parent, *command = sys.argv[1:]
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == int(parent):
        os.execv(command[0], command)


if __name__ == "__main__":
    main()

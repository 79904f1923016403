"""What the engine starts for a worker that runs in another process: ``attach.py MEETING --sock PATH``.

It tells that process, which listens at MEETING, the socket that the engine has made, and stays until the worker there has ended. Python's
standard library alone: it is run by its path.
"""

import argparse
import os
import signal
import socket


def main() -> None:
    """Returns when the worker has ended."""
    # The engine asks a blocked worker where it is; the worker is not here.
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    parser = argparse.ArgumentParser()
    parser.add_argument("meeting")
    parser.add_argument("--sock", required=True)
    options, _ = parser.parse_known_args()
    with socket.socket(socket.AF_UNIX) as meeting:
        meeting.connect(options.meeting)
        meeting.sendall(f"{os.environ.get('VILYA_WORKER_LEVEL', '1')} {options.sock}\n".encode())
        while meeting.recv(1):
            pass


if __name__ == "__main__":
    main()

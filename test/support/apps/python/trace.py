"""Lines that tests wait for, and one that must not be written."""

from __future__ import annotations

import os
from pathlib import Path


def trace(line: str) -> None:
    """Fails where FAIL_AT names the line."""
    if line == os.environ.get("FAIL_AT"):
        raise RuntimeError(f"the {line} has failed")
    with Path("trace.txt").open("a") as file:
        file.write(f"{line}\n")

"""Lines that tests wait for, and one that must not be written."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path


def trace(line: str) -> None:
    """Fails where FAIL_AT names the line."""
    if line == os.environ.get("FAIL_AT"):
        raise RuntimeError(f"the {line} has failed")
    with Path("trace.txt").open("a") as file:
        file.write(f"{line}\n")


def collect_from_now_on() -> None:
    """A generator that a framework drops in the middle of a send is closed by the collector, which an idle process does not run."""
    gc.collect()
    asyncio.get_running_loop().call_later(0.5, collect_from_now_on)

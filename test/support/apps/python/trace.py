"""Lines that tests wait for."""

from __future__ import annotations

from pathlib import Path


def trace(line: str) -> None:
    with Path("trace.txt").open("a") as file:
        file.write(f"{line}\n")

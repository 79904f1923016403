"""The end of a forked worker."""

from __future__ import annotations

import pytest
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "src"

PROGRAM = """
from vilya._worker import quick_exit
quick_exit.prepare()
import atexit, sys, threading

class Kept:
    def __del__(self):
        print("taken apart")

kept = Kept()
atexit.register(print, "registered")
threading.Thread(target=lambda: print("joined")).start()
print("half a line", end=" ")
{last}
"""


@pytest.mark.parametrize(
    ("last", "expected", "exit_code"),
    [("quick_exit.leave_with(7)", [], 7), ("sys.exit(5)", ["taken apart"], 5)],
    ids=["at once", "as always where nobody asks for it"],
)
def test_it_ends_behind_what_was_registered_for_its_exit(last: str, expected: list[str], exit_code: int) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(last=last)], env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=False
    )
    assert (run.stdout.replace("half a line ", "").splitlines(), run.stderr, run.returncode) == (
        ["joined", "registered", *expected],
        "",
        exit_code,
    )

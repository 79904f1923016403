"""The package as it is installed."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_builds_a_wheel_and_an_sdist_with_its_types(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    (sdist,) = tmp_path.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    assert {"vilya/py.typed", "vilya/__main__.py", "vilya/_worker/worker.py"} <= set(names)
    assert not any("tests" in name or "__pycache__" in name for name in names)
    with tarfile.open(sdist) as file:
        assert any(name.endswith("/pyproject.toml") for name in file.getnames())
    # From the wheel alone, without anything that is installed.
    run = subprocess.run(
        [sys.executable, "-S", "-m", "vilya", "nowhere:app", "--sock", "x"],
        env={"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, "Cannot load 'nowhere'" in run.stderr) == (3, True)

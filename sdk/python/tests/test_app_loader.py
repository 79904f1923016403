"""From an entry to an application."""

from __future__ import annotations

import pytest
import traceback
from pathlib import Path
from vilya._worker.app_loader import LoadError, load_app


@pytest.fixture(autouse=True)
def _modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "loader_site.py").write_text(
        "app = 'the app'\ndef create(): return 'made'\ndef broken(): raise ValueError('not today')\nclass holder:\n    inner = 'held'\n"
    )
    (tmp_path / "loader_wsgi.py").write_text("application = 'wsgi'\n")
    (tmp_path / "loader_bare.py").write_text("")
    (tmp_path / "loader_torn.py").write_text("app = (\n")
    (tmp_path / "loader_needy.py").write_text("import nowhere_to_be_found\n")


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("loader_site", "the app"),
        ("loader_site:app", "the app"),
        ("loader_site:holder.inner", "held"),
        ("loader_site:create()", "made"),
        ("loader_wsgi", "wsgi"),
    ],
)
def test_finds_what_an_entry_names(entry: str, found: str) -> None:
    assert load_app(entry) == found


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("nowhere_at_all:app", "there is no module 'nowhere_at_all'"),
        ("loader_site.below:app", "loader_site"),
        ("loader_site:gone", "the module has no 'gone'"),
        ("loader_bare", "neither app nor application"),
        ("loader_site:create(1)", "module:name and module:factory() are allowed"),
        (":app", "module:name and module:factory() are allowed"),
    ],
)
def test_says_why_an_entry_names_nothing(entry: str, reason: str) -> None:
    with pytest.raises(LoadError, match="Cannot load") as raised:
        load_app(entry)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("entry", "error", "line"),
    [
        ("loader_needy:app", "No module named 'nowhere_to_be_found'", "import nowhere_to_be_found"),
        ("loader_site:broken()", "not today", "raise ValueError"),
        ("loader_torn:app", "was never closed", None),
    ],
)
def test_an_error_of_the_module_is_the_cause_and_begins_where_the_module_does(entry: str, error: str, line: str | None) -> None:
    with pytest.raises(LoadError, match="it fails") as raised:
        load_app(entry)
    cause = raised.value.__cause__
    assert error in str(cause)
    frames = traceback.extract_tb(cause.__traceback__ if cause is not None else None)
    assert [line in str(frame.line) for frame in frames] == [True] if line is not None else frames == []

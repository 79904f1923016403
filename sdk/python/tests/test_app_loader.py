"""From an entry to an application."""

from __future__ import annotations

import pytest
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


def test_leaves_errors_of_the_module_as_they_are() -> None:
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        load_app("loader_needy:app")
    with pytest.raises(ValueError, match="not today"):
        load_app("loader_site:broken()")

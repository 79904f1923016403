"""What every test may ask for."""

from __future__ import annotations

import pytest
from vilya import hooks
from vilya.hooks import Hooks


@pytest.fixture
def fresh_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks of this test alone: those of an application last as long as its process."""
    for name in ("before_fork", "on_start", "on_shutdown"):
        monkeypatch.setattr(hooks, name, Hooks(name, may_wait=name != "before_fork"))

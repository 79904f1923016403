"""Functions that block, in threads of the framework's own."""

from __future__ import annotations

import asyncio
import contextvars
import pytest
from typing import Any
from vilya.threads import run_in_thread, set_threads_max

name = contextvars.ContextVar("name", default="nobody")


def run(function: Any, *arguments: Any) -> Any:
    async def wait() -> Any:
        name.set("somebody")
        return await asyncio.wait_for(run_in_thread(function, *arguments), 60)

    return asyncio.run(wait())


def test_has_the_context_of_its_caller() -> None:
    assert run(name.get) == "somebody"


def test_a_bare_next_raises_as_in_a_coroutine() -> None:
    with pytest.raises(RuntimeError, match="raised StopIteration") as raised:
        run(next, iter(()))
    assert isinstance(raised.value.__cause__, StopIteration)


def test_no_threads_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or more is allowed"):
        set_threads_max(0)

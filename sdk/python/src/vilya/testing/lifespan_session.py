"""The lifespan of an application under test."""

from __future__ import annotations

import asyncio
from ..types import ASGIApp, Message
from .exchange import new_scope
from typing import Any


class LifespanSession:
    """Starts an application and stops it. One that knows no lifespan is left alone, as servers do."""

    def __init__(self, app: ASGIApp, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._is_supported = False

    async def start(self) -> None:
        """Raises what the application raised when it fails to start."""
        scope = new_scope("lifespan", state=self._state)
        self._task = asyncio.ensure_future(_awaited(self._app(scope, self._to_app.get, self._from_app.put)))
        message = await self._ask("lifespan.startup")
        if message is not None and message["type"] == "lifespan.startup.failed":
            raise self._failure() or RuntimeError(message.get("message", ""))
        self._is_supported = message is not None

    async def stop(self) -> None:
        """Raises what the application raised when it fails to stop."""
        if self._is_supported:
            await self._ask("lifespan.shutdown")
            assert self._task is not None, "it was started"
            await self._task

    async def _ask(self, kind: str) -> Message | None:
        """The answer, None where the application ended without one."""
        assert self._task is not None, "it was started"
        await self._to_app.put({"type": kind})
        answer = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0)
        if answer.done():
            if answer.result()["type"].endswith("failed"):
                await asyncio.wait({self._task})
            return answer.result()
        answer.cancel()
        return None

    def _failure(self) -> BaseException | None:
        assert self._task is not None, "it was started"
        return self._task.exception()


async def _awaited(awaitable: Any) -> None:
    await awaitable

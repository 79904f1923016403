"""Start and end of an ASGI application. https://asgi.readthedocs.io/en/latest/specs/lifespan.html"""

from __future__ import annotations

import asyncio
from .call import AsgiApp, Message
from .report import report
from typing import Any, Literal

LifespanMode = Literal["auto", "on", "off"]


class StartError(Exception):
    """The application cannot start; its text says why."""


class Lifespan:
    """Runs beside all requests, in one task of the same loop.

    Invariant: an app that fails before it has answered the start knows no lifespan and is left alone, unless the mode is ``on``; one that
    says itself that its start has failed is believed.
    """

    def __init__(self, app: AsgiApp, mode: LifespanMode) -> None:
        self.state: dict[str, Any] = {}
        self.is_supported = False
        self._app = app
        self._mode = mode
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._answer: asyncio.Future[Message] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises StartError."""
        if self._mode == "off":
            return
        self._task = asyncio.create_task(self._run(), name="vilya lifespan")
        answer = await self._ask("lifespan.startup")
        if answer is None:
            return
        if answer["type"] == "lifespan.startup.failed":
            raise StartError(f"Cannot start the application: {answer.get('message') or 'its start-up has failed'}")
        self.is_supported = True

    async def stop(self) -> None:
        """Returns when the app has shut down; that it failed to is reported."""
        if not self.is_supported or self._task is None or self._task.done():
            return
        answer = await self._ask("lifespan.shutdown")
        if answer is not None and answer["type"] == "lifespan.shutdown.failed":
            report(f"The application's shutdown has failed: {answer.get('message') or 'it does not say why'}")

    async def _ask(self, kind: str) -> Message | None:
        """The app's answer; None when it has ended without one."""
        assert self._task is not None, "an app is asked while it runs"
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._messages.put_nowait({"type": kind})
        either: list[asyncio.Future[Any]] = [self._task, answer]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        if kind == "lifespan.startup" and self._mode == "on":
            raise StartError("Cannot start the application: it knows no lifespan, which is switched on") from _error_of(self._task)
        return None

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._messages.get, self._send)
        except Exception as error:
            if self.is_supported:
                report("The application's lifespan has failed", error)
            elif self._mode == "on":
                raise

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if not kind.startswith("lifespan."):
            raise RuntimeError(f"Cannot send {kind}: a message of the lifespan is expected")
        if self._answer is None or self._answer.done():
            raise RuntimeError(f"Cannot send {kind}: nothing is asked")
        self._answer.set_result(message)


def _error_of(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()

"""The lifespan of an application: what it opens before its first request and closes after its last."""

from __future__ import annotations

import traceback
from .types import Receive, Scope, Send
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

# `@asynccontextmanager async def lifespan(app): ... yield {"db": db} ...`: what is yielded becomes `request.state`.
Lifespan = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]


async def run_lifespan(entered: Sequence[tuple[Any, Lifespan]], scope: Scope, receive: Receive, send: Send) -> None:
    """Speaks ASGI's lifespan: enters the contexts in order, and leaves them in the opposite one. A failure is told, and raised."""
    await receive()
    phase = "startup"
    try:
        async with AsyncExitStack() as stack:
            for app, lifespan in entered:
                state = await stack.enter_async_context(lifespan(app))
                if state:
                    if "state" not in scope:
                        raise RuntimeError("Cannot keep state: the server has no lifespan state, yield nothing and use app.state")
                    scope["state"].update(state)
            await send({"type": "lifespan.startup.complete"})
            phase = "shutdown"
            await receive()
    except BaseException:
        await send({"type": f"lifespan.{phase}.failed", "message": traceback.format_exc()})
        raise
    await send({"type": "lifespan.shutdown.complete"})

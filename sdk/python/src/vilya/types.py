"""The shapes of ASGI 3.0, as every part of this package passes them on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


def spec_version(scope: Scope) -> tuple[int, ...]:
    """The ASGI version that the server announces, `(2, 0)` where it does not."""
    try:
        return tuple(int(part) for part in scope["asgi"]["spec_version"].split("."))
    except (KeyError, ValueError, AttributeError):
        return (2, 0)

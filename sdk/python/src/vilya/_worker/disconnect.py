"""The client has left."""

from __future__ import annotations

from .request_body import BodyAborted

#: Starlette turns every OSError of ``send`` into an error of this name.
_FRAMEWORK_NAMES = frozenset({"ClientDisconnect", "WebSocketDisconnect"})


class ClientDisconnected(OSError):
    """``send`` was called for a client that has left, or that waits no longer. The ASGI specification asks for an OSError from 2.4 on."""

    def __init__(self) -> None:
        super().__init__("Cannot send: the client has left, or the time for its request is over")


def is_disconnect(error: BaseException) -> bool:
    """Whether an error only says that the client has left: by itself, in a group of such errors, or as the cause of a framework's own."""
    if isinstance(error, (ClientDisconnected, BodyAborted)) or type(error).__name__ in _FRAMEWORK_NAMES:
        return True
    members: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return len(members) > 0 and all(is_disconnect(member) for member in members)

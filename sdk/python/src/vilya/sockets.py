"""WebSockets and topics from anywhere: a request, a WSGI application, a background task, a thread.

    from vilya import sockets

    sockets.subscribe(sockets.id_of(websocket.scope), "lobby")
    sockets.publish("lobby", "Tea is ready")

The engine holds all WebSockets: ids are those of any worker of this app, topics those of all apps. Text is sent as text, bytes as a
binary message. What is addressed to a socket that is gone, or to a topic that nobody has, reaches nobody. Outside of a worker these
functions raise RuntimeError.
"""

from __future__ import annotations

from ._worker.actions import act
from collections.abc import Mapping
from typing import Any

#: Unless the engine allows fewer: ``server.websocket.max_topic_size``.
TOPIC_BYTES_MAX = 65_536

#: RFC 6455 §5.5: a control frame has 125 bytes, two of them are the code.
REASON_BYTES_MAX = 123


def publish(topic: str, message: str | bytes, *, exclude: str | None = None) -> None:
    """Sends to every WebSocket that has subscribed to ``topic``, but for the one with the id ``exclude``.

    Raises ValueError for a topic without a name and a message that is larger than ``workers.frame_size``.
    """
    action = {"do": "publish", "topic": _topic(topic), **_message(message)}
    act(action if exclude is None else {**action, "except": exclude})


def send(socket_id: str, message: str | bytes) -> None:
    """Sends to one WebSocket, wherever its client is. Raises ValueError for a message that is larger than ``workers.frame_size``."""
    act({"do": "send", "socket": socket_id, **_message(message)})


def close(socket_id: str, code: int = 1000, reason: str = "") -> None:
    """Closes a WebSocket in good order. Raises ValueError for a code that is not sent, and for a reason of more than 123 bytes."""
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError(f"Cannot close a WebSocket: its code is {code}, 1000 to 1003, 1007 to 1014 and 3000 to 4999 are allowed")
    if len(reason.encode()) > REASON_BYTES_MAX:
        raise ValueError(f"Cannot close a WebSocket: its reason is longer than {REASON_BYTES_MAX} bytes")
    act({"do": "close", "socket": socket_id, "code": code, "reason": reason})


def subscribe(socket_id: str, topic: str) -> None:
    """What is published to ``topic`` goes to this WebSocket from now on. Raises ValueError for a topic without a name."""
    act({"do": "subscribe", "socket": socket_id, "topic": _topic(topic)})


def unsubscribe(socket_id: str, topic: str) -> None:
    """What is published to ``topic`` goes to this WebSocket no more. Raises ValueError for a topic without a name."""
    act({"do": "unsubscribe", "socket": socket_id, "topic": _topic(topic)})


def id_of(scope: Mapping[str, Any]) -> str:
    """The id of the WebSocket with this ASGI scope. Raises LookupError for what is none, or has another server."""
    extensions = scope.get("extensions") or {}
    try:
        return str(extensions["vilya"]["socket"])
    except KeyError:
        raise LookupError("Cannot name a WebSocket: the scope is none of a WebSocket that Vilya holds") from None


def _message(message: str | bytes) -> dict[str, Any]:
    if isinstance(message, str):
        return {"data": message.encode(), "binary": False}
    return {"data": bytes(memoryview(message)), "binary": True}


def _topic(topic: str) -> str:
    if not 0 < len(topic.encode()) <= TOPIC_BYTES_MAX:
        raise ValueError(f"Cannot use a topic: its name has {len(topic.encode())} bytes, 1 to {TOPIC_BYTES_MAX} are allowed")
    return topic

"""Messages of ASGI, for tests."""

from __future__ import annotations

from engine import App
from typing import Any

START = {"type": "http.response.start", "status": 200}


def app_of(*messages: Any) -> App:
    """An application that sends these."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def body(content: Any = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}

"""A client for tests: it runs any ASGI application in this process, without a server or a socket."""

from .client import TestClient
from .response import TestResponse
from .websocket_session import WebSocketDenied, WebSocketSession

__all__ = ["TestClient", "TestResponse", "WebSocketDenied", "WebSocketSession"]

"""What handlers raise to answer, and what is raised to them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

_KNOWN = frozenset(HTTPStatus)


class HTTPException(Exception):
    """Answers with a status. `detail` is sent to the client; default: the status' own phrase, where it has one."""

    def __init__(self, status_code: int, detail: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        if detail is None:
            detail = HTTPStatus(status_code).phrase if status_code in _KNOWN else ""
        super().__init__(status_code, detail)
        self.status_code = status_code
        self.detail = detail
        self.headers = headers

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"


class WebSocketException(Exception):
    """Closes a WebSocket with a code, 1008 (policy violation) being the one for most refusals."""

    def __init__(self, code: int = 1008, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class InvalidMessage(WebSocketException, ValueError, TypeError):
    """The client's message is not what the handler needs: the WebSocket is closed, and nobody has to look into it."""


class WebSocketDisconnect(Exception):
    """The peer closed the WebSocket, or was lost (1006)."""

    def __init__(self, code: int = 1000, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class ClientDisconnect(Exception):
    """The client left before its request was read or its response was sent."""


class NoMatchFound(LookupError):
    """No route has the name with these parameters."""


class InvalidBody(HTTPException, ValueError):
    """The client's body is not what it says it is, or not what the handler needs: 400."""

    def __init__(self, detail: str) -> None:
        HTTPException.__init__(self, 400, detail)

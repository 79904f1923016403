"""What a test sees of a response."""

from __future__ import annotations

import json
from ..headers import Headers
from ..media_type import parse_options
from ..url import URL
from collections.abc import Callable, Iterator
from typing import Any


class TestResponse:
    """A response. `history` has the redirects that led to it."""

    # What pytest would take for a test otherwise.
    __test__ = False

    def __init__(self, status_code: int, headers: Headers, url: URL, parts: Iterator[bytes], is_complete: Callable[[], bool]) -> None:
        self.status_code = status_code
        self.headers = headers
        self.url = url
        self.history: list[TestResponse] = []
        self.cookies: dict[str, str] = {}
        self._parts = parts
        self._content: bytes | None = None
        self._is_complete = is_complete

    def __repr__(self) -> str:
        return f"<TestResponse {self.status_code}>"

    @property
    def is_complete(self) -> bool:
        """Whether the application sent the end of its response. One that raised after the start did not."""
        return self._is_complete()

    def iter_bytes(self) -> Iterator[bytes]:
        """The parts as the application sends them, once."""
        return self._parts

    def read(self) -> bytes:
        """The whole body."""
        if self._content is None:
            self._content = b"".join(self._parts)
        return self._content

    @property
    def content(self) -> bytes:
        """The whole body."""
        return self.read()

    @property
    def text(self) -> str:
        """The body in the charset of its type, UTF-8 by default."""
        charset = parse_options(self.headers.get("content-type", ""))[1].get("charset", "utf-8")
        return self.read().decode(charset, "replace")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.read())

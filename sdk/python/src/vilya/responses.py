"""Responses that are whole when they are sent. `StreamingResponse`, `FileResponse` and `EventSourceResponse` have modules of their own."""

from __future__ import annotations

from .background import BackgroundTask
from .cookies import SameSite, render_cookie
from .headers import HeaderSource, MutableHeaders, RawHeaders, encode_headers, encode_value
from .serialization import dumps
from .types import Receive, Scope, Send
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

# RFC 9110 §8.6: these have no content, and no length of any.
_WITHOUT_CONTENT = frozenset({204, 304})
_JSON = "application/json"
_JSON_TYPE = (b"content-type", b"application/json")
# RFC 3986 §2: what may stand in a URL as it is, `%` included: it may be encoded already.
URL_SAFE = ":/?#[]@!$&'()*+,;=~%"


class Response:
    """A status, headers and a body. It is an ASGI application that answers with them.

    `content` is text, bytes or None. Headers are checked: a line break in a name or a value raises ValueError.
    """

    media_type: str | None = None
    charset = "utf-8"

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: HeaderSource | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        self.background = background
        if media_type is not None:
            self.media_type = media_type
        self.body = self.render(content)
        raw: RawHeaders = [] if headers is None else encode_headers(headers)
        if status_code not in _WITHOUT_CONTENT:
            self._describe(raw)
        self.raw_headers = raw

    def render(self, content: Any) -> bytes:
        """The body of the content. Subclasses say what they take."""
        if content is None:
            return b""
        if isinstance(content, str):
            return content.encode(self.charset)
        if isinstance(content, (bytes, bytearray, memoryview)):
            return bytes(content)
        raise TypeError(f"Cannot send {type(content).__name__}: text and bytes are allowed, JSONResponse sends the rest")

    @property
    def headers(self) -> MutableHeaders:
        """What will be sent. Writing to it changes the response."""
        return MutableHeaders(raw=self.raw_headers)

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: int | None = None,
        expires: datetime | int | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Adds a cookie. `max_age` in seconds, `expires` in seconds from now or as a time."""
        cookie = render_cookie(
            key,
            value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )
        self.raw_headers.append((b"set-cookie", cookie.encode("latin-1")))

    def delete_cookie(
        self,
        key: str,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
    ) -> None:
        """Makes the browser forget a cookie: path and domain must be those it was set with."""
        self.set_cookie(key, "", 0, 0, path, domain, secure, httponly, samesite)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})
        if self.background is not None:
            await self.background()

    def _describe(self, raw: RawHeaders) -> None:
        """Adds type and length where they were not given."""
        names = {name for name, _ in raw} if raw else ()
        if b"content-length" not in names:
            raw.append((b"content-length", b"%d" % len(self.body)))
        if b"content-type" not in names and self.media_type is not None:
            raw.append((b"content-type", content_type(self.media_type, self.charset)))


class PlainTextResponse(Response):
    """Text."""

    media_type = "text/plain"


class HTMLResponse(Response):
    """A page. What users wrote must be escaped before it is in it."""

    media_type = "text/html"


class JSONResponse(Response):
    """What `json.dumps` takes, and what orjson takes where it is installed. NaN is no JSON: it is refused, by orjson made null."""

    media_type = _JSON

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: HeaderSource | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        if headers is not None or media_type is not None or status_code != 200 or type(self) is not JSONResponse:
            super().__init__(content, status_code, headers, media_type, background)
            return
        # Most responses are this one: nothing has to be looked up.
        self.status_code = 200
        self.background = background
        self.body = body = dumps(content)
        self.raw_headers = [(b"content-length", b"%d" % len(body)), _JSON_TYPE]

    def render(self, content: Any) -> bytes:
        return dumps(content)


class RedirectResponse(Response):
    """Leads elsewhere. 307 by default: the method and the body are sent again. A URL of a user's must be checked before."""

    def __init__(
        self,
        url: str,
        status_code: int = HTTPStatus.TEMPORARY_REDIRECT,
        headers: HeaderSource | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(None, int(status_code), headers, None, background)
        self.headers["location"] = quote(url, safe=URL_SAFE)


def content_type(media_type: str, charset: str = "utf-8") -> bytes:
    """The header's value: texts are given their charset."""
    if media_type.startswith("text/") and "charset=" not in media_type.lower():
        media_type = f"{media_type}; charset={charset}"
    return encode_value(media_type)

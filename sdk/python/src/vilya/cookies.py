"""Cookies: read from `Cookie`, written as `Set-Cookie` (RFC 6265bis)."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Literal

SameSite = Literal["lax", "strict", "none"]

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# RFC 6265 §4.1.1: cookie-octet. Other values are quoted.
_PLAIN_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
_ATTRIBUTE = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
_ESCAPED = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")


def parse_cookies(header: str) -> dict[str, str]:
    """Name and value of each cookie. Of two with one name the first wins: its path is the longer one (RFC 6265 §5.4)."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, separator, value = pair.partition("=")
        name = name.strip()
        if separator and name and name not in cookies:
            cookies[name] = _unquote(value.strip())
    return cookies


def render_cookie(
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    expires: datetime | int | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: SameSite | None = "lax",
    partitioned: bool = False,
) -> str:
    """One `Set-Cookie` value. `expires` in seconds from now or as a time. Raises ValueError for what could end an attribute."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"Cannot set cookie {name!r}: its name must be a token")
    parts = [f"{name}={_quote(value)}"]
    if max_age is not None:
        parts.append(f"Max-Age={max_age:d}")
    if expires is not None:
        parts.append(f"Expires={_render_time(expires)}")
    for attribute, text in (("Domain", domain), ("Path", path)):
        if text is not None:
            if _ATTRIBUTE.fullmatch(text) is None:
                raise ValueError(f"Cannot set cookie {name!r}: {attribute} holds a ';' or a control character")
            parts.append(f"{attribute}={text}")
    if samesite is not None:
        site = samesite.lower()
        if site not in ("lax", "strict", "none"):
            raise ValueError(f"Cannot set cookie {name!r}: SameSite is {samesite!r}, lax, strict or none is allowed")
        # Browsers drop `SameSite=None` without `Secure`, without a word.
        secure = secure or site == "none"
        parts.append(f"SameSite={site.capitalize()}")
    if secure or partitioned:
        parts.append("Secure")
    if httponly:
        parts.append("HttpOnly")
    if partitioned:
        parts.append("Partitioned")
    return "; ".join(parts)


def _render_time(expires: datetime | int) -> str:
    if isinstance(expires, int):
        expires = datetime.fromtimestamp(datetime.now(timezone.utc).timestamp() + expires, timezone.utc)
    return format_datetime(expires.astimezone(timezone.utc), usegmt=True)


def _quote(value: str) -> str:
    """As Python's http.cookies does it, so that both read each other's cookies."""
    if _PLAIN_VALUE.fullmatch(value):
        return value
    return '"' + "".join(_escape(octet) for octet in value.encode("utf-8")) + '"'


def _escape(octet: int) -> str:
    if octet in b'"\\':
        return "\\" + chr(octet)
    # `,` and `;` split cookies for readers that know no quotes.
    return f"\\{octet:03o}" if octet < 0x20 or octet > 0x7E or octet in b",;" else chr(octet)


def _unquote(value: str) -> str:
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    inner = _ESCAPED.sub(lambda match: chr(int(match[1], 8)) if match[1] else match[2], value[1:-1])
    try:
        return inner.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return inner

"""Conditional requests (RFC 9110 §13): whether what the client has is still what there is."""

from __future__ import annotations

from .headers import Headers
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal

Outcome = Literal["send", "not_modified", "precondition_failed"]


def evaluate(request: Headers, method: str, etag: str, modified: datetime | None) -> Outcome:
    """What the request's conditions ask for, in the order of RFC 9110 §13.2.2. `etag` with its quotes."""
    if "if-match" in request:
        if not _matches(request, "if-match", etag, is_weak=False):
            return "precondition_failed"
    elif modified is not None:
        bound = _time(request.get("if-unmodified-since"))
        if bound is not None and modified > bound:
            return "precondition_failed"
    if "if-none-match" in request:
        if _matches(request, "if-none-match", etag, is_weak=True):
            return "not_modified" if method in ("GET", "HEAD") else "precondition_failed"
    elif method in ("GET", "HEAD") and modified is not None:
        since = _time(request.get("if-modified-since"))
        if since is not None and modified <= since:
            return "not_modified"
    return "send"


def is_range_current(request: Headers, etag: str, modified: datetime) -> bool:
    """Whether a `Range` may be answered: `If-Range` is absent or names exactly what there is (RFC 9110 §13.1.5)."""
    bound = request.get("if-range")
    if bound is None:
        return True
    if bound.startswith(('"', "W/")):
        return bound == etag and not etag.startswith("W/")
    return _time(bound) == modified


def http_time(time: datetime) -> str:
    """As `Last-Modified` and its like have it."""
    return format_datetime(time, usegmt=True)


def _matches(request: Headers, name: str, etag: str, *, is_weak: bool) -> bool:
    tags = [tag.strip() for value in request.getlist(name) for tag in value.split(",")]
    if "*" in tags:
        return True
    if is_weak:
        return etag.removeprefix("W/") in (tag.removeprefix("W/") for tag in tags)
    return not etag.startswith("W/") and etag in tags


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)

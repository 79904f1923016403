"""Status and header fields of a response, made ready to be sent."""

from __future__ import annotations

from .codec import pack
from .response_fields import Fields, content_length_of, fields_of
from collections.abc import Iterable
from typing import Any

#: Applications answer with the same few heads again and again: so many are kept, and only short ones without cookies.
KEPT_COUNT_MAX = 256
KEPT_BYTES_MAX = 1_024

#: RFC 9110 §6.4.1.
BODILESS_STATUSES = frozenset({204, 304})
#: In a map of fewer than 16 keys the map's own header is one byte.
_MAP_HEADER_BYTES = 1
_KEY_BODY = pack("body")


class ResponseHead:
    """What an application has said before the body. Never changes: many responses share it."""

    __slots__ = ("content_length", "encoded", "fields", "is_bodiless", "is_event_stream", "status")

    def __init__(self, status: int, fields: Fields) -> None:
        self.status = status
        #: By their names in lower case; of a field that occurs more than once a list.
        self.fields = fields
        #: As the app announces it; None where it does not.
        self.content_length = content_length_of(fields)
        self.is_bodiless = status in BODILESS_STATUSES
        content_type = fields.get(b"content-type")
        self.is_event_stream = isinstance(content_type, bytes) and content_type.startswith(b"text/event-stream")
        #: The entries ``status`` and ``headers`` of a whole response, and the key ``body`` behind them.
        self.encoded = pack({"status": status, "headers": fields})[_MAP_HEADER_BYTES:] + _KEY_BODY


_kept: dict[tuple[int, tuple[Any, ...]], ResponseHead] = {}


def head_of(status: Any, headers: Iterable[Any]) -> ResponseHead:
    """Raises RuntimeError for a status that is none, and TypeError for fields that are not bytes."""
    if not isinstance(status, int) or not 200 <= status <= 999:
        raise RuntimeError(f"Cannot begin a response: its status is {status!r}, 200 to 999 is allowed")
    pairs = tuple(headers)
    key = (status, pairs)
    try:
        head = _kept.get(key)
    except (TypeError, ValueError):
        # Lists, for one, cannot be looked up.
        return ResponseHead(int(status), fields_of(pairs))
    if head is None:
        head = ResponseHead(int(status), fields_of(pairs))
        if len(head.encoded) <= KEPT_BYTES_MAX and b"set-cookie" not in head.fields:
            if len(_kept) >= KEPT_COUNT_MAX:
                _kept.clear()
            _kept[key] = head
    return head

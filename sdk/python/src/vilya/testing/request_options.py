"""What a request of the client may have beside its method and its address, and the body that this makes."""

from __future__ import annotations

import json
from .form_encoding import FieldSource, FilesSource, encode_form
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

HeaderSource = Mapping[str, str] | Sequence[tuple[str, str]]


class RequestOptions(TypedDict, total=False):
    """Each may be missing or None. Of a body there is `content` (an iterable is sent in parts), `json`, or a form of `data` and `files`."""

    params: FieldSource | None
    headers: HeaderSource | None
    content: bytes | str | Iterable[bytes] | None
    json: Any
    data: FieldSource | None
    files: FilesSource | None


class FollowingOptions(RequestOptions, total=False):
    """Of a request whose redirects may be followed: None has the client decide."""

    follow_redirects: bool | None


def check_options(options: RequestOptions) -> None:
    """Raises TypeError for one that there is not, as any function does for an argument: no type checker may have looked."""
    unknown = options.keys() - RequestOptions.__optional_keys__
    if unknown:
        allowed = ", ".join(sorted(RequestOptions.__optional_keys__))
        raise TypeError(f"Cannot send a request: {', '.join(sorted(unknown))} is no option, {allowed} are allowed")


def encode_body(options: RequestOptions) -> tuple[bytes | list[bytes], str | None]:
    """The body, in parts where it is given so, and its type where that is known."""
    document, fields, files, content = options.get("json"), options.get("data"), options.get("files"), options.get("content")
    if document is not None:
        return json.dumps(document).encode("utf-8"), "application/json"
    if fields is not None or files:
        return encode_form(fields or {}, files)
    if isinstance(content, str):
        return content.encode("utf-8"), None
    return content or b"" if isinstance(content, bytes) or content is None else list(content), None

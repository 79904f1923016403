"""Files: whole or in ranges, on conditions, and without passing through this process where the server can read them itself."""

from __future__ import annotations

import os
import secrets
import stat
from .background import BackgroundTask
from .byte_ranges import parse_ranges
from .conditions import evaluate, http_time, is_range_current
from .exceptions import HTTPException
from .headers import Headers, HeaderSource, MutableHeaders, RawHeaders, encode_headers
from .responses import Response, content_type
from .streaming import send_while_connected
from .threads import run_in_thread
from .types import Receive, Scope, Send
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from mimetypes import guess_type
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

# What is read from a file at a time.
CHUNK_BYTES = 64 * 1024


class FileResponse(Response):
    """Sends a regular file. It is looked up when the response is sent: if it is not there, that is a 404.

    `filename` makes browsers save it under that name. Ranges, `If-None-Match` and their like are answered (RFC 9110 §13, §14).
    The path is yours to check: `StaticFiles` serves what a client names.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        status_code: int = 200,
        headers: HeaderSource | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        filename: str | None = None,
        content_disposition_type: str = "attachment",
    ) -> None:
        self.path = os.path.abspath(path)
        self.status_code = status_code
        self.background = background
        self.body = b""
        self.media_type = media_type or _guess_type(filename or self.path)
        self.raw_headers = [] if headers is None else encode_headers(headers)
        if filename is not None:
            self.headers.setdefault("content-disposition", _disposition(content_disposition_type, filename))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = await run_in_thread(_stat, self.path)
        await self._answer(scope, receive, send, status)
        if self.background is not None:
            await self.background()

    async def _answer(self, scope: Scope, receive: Receive, send: Send, status: os.stat_result) -> None:
        headers = MutableHeaders(raw=list(self.raw_headers))
        modified = datetime.fromtimestamp(int(status.st_mtime), timezone.utc)
        headers.setdefault("etag", f'"{status.st_mtime_ns:x}-{status.st_size:x}"')
        headers.setdefault("last-modified", http_time(modified))
        headers.setdefault("accept-ranges", "bytes")
        request, method, status_code = Headers(raw=scope["headers"]), scope["method"], self.status_code
        kind = content_type(self.media_type or "application/octet-stream", self.charset).decode("latin-1")
        ranges: list[tuple[int, int]] | None = None
        if status_code == 200:
            outcome = evaluate(request, method, headers["etag"], modified)
            if outcome != "send":
                return await _send_bare(send, 304 if outcome == "not_modified" else 412, headers)
            if method == "GET" and "range" in request and is_range_current(request, headers["etag"], modified):
                ranges = parse_ranges(request["range"], status.st_size)
                if ranges == []:
                    headers["content-range"] = f"bytes */{status.st_size}"
                    return await _send_bare(send, 416, headers)
        if ranges is None:
            parts: list[bytes | tuple[int, int]] = [(0, status.st_size)]
            headers.setdefault("content-type", kind)
        else:
            status_code = 206
            parts = _describe_ranges(headers, headers.get("content-type", kind), ranges, status.st_size)
        headers["content-length"] = str(sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in parts))
        start = {"type": "http.response.start", "status": status_code, "headers": headers.raw}
        if method == "HEAD":
            await send(start)
            await send({"type": "http.response.body", "body": b""})
        elif ranges is None and "http.response.pathsend" in (scope.get("extensions") or {}):
            await send(start)
            await send({"type": "http.response.pathsend", "path": self.path})
        else:
            await send_while_connected(scope, receive, send, lambda checked: _send_parts(checked, self.path, start, parts))
        return None


async def _send_bare(send: Send, status_code: int, headers: MutableHeaders) -> None:
    raw: RawHeaders = [pair for pair in headers.raw if not pair[0].startswith(b"content-") or pair[0] in _KEPT_WITHOUT_CONTENT]
    if status_code != 304:
        raw.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": status_code, "headers": raw})
    await send({"type": "http.response.body", "body": b""})


# RFC 9110 §15.4.5 and §15.5.17: what belongs to the file even where it is not sent.
_KEPT_WITHOUT_CONTENT = frozenset({b"content-location", b"content-range", b"content-security-policy"})


def _describe_ranges(headers: MutableHeaders, kind: str, ranges: list[tuple[int, int]], size: int) -> list[bytes | tuple[int, int]]:
    """Sets type and range of a partial answer, and returns what it is made of."""
    if len(ranges) == 1:
        start, end = ranges[0]
        headers["content-type"] = kind
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
        return [ranges[0]]
    # Random, so that it does not occur in the file.
    boundary = secrets.token_hex(16)
    headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
    parts: list[bytes | tuple[int, int]] = []
    for start, end in ranges:
        parts.append(f"\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: bytes {start}-{end - 1}/{size}\r\n\r\n".encode("latin-1"))
        parts.append((start, end))
    parts.append(f"\r\n--{boundary}--\r\n".encode("latin-1"))
    return parts


async def _send_parts(send: Send, path: str, start: dict[str, object], parts: list[bytes | tuple[int, int]]) -> None:
    file = await run_in_thread(_open, path)
    try:
        await send(start)
        for part in parts:
            if isinstance(part, bytes):
                await send({"type": "http.response.body", "body": part, "more_body": True})
                continue
            async for chunk in _read(file, *part):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        file.close()


async def _read(file: BinaryIO, start: int, end: int) -> AsyncIterator[bytes]:
    file.seek(start)
    while start < end:
        chunk = await run_in_thread(file.read, min(CHUNK_BYTES, end - start))
        if not chunk:
            # Whole it cannot be any more, and the length was announced: the server cuts the connection.
            raise RuntimeError("Cannot send a file to its end: it became shorter while it was sent")
        start += len(chunk)
        yield chunk


def _stat(path: str) -> os.stat_result:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        raise HTTPException(404) from None
    # Reading a pipe or a device may never end.
    if not stat.S_ISREG(status.st_mode):
        raise HTTPException(404)
    return status


def _open(path: str) -> BinaryIO:
    try:
        return open(path, "rb")
    except OSError:
        raise HTTPException(404) from None


def _guess_type(name: str) -> str:
    kind, encoding = guess_type(name)
    # What is compressed is not of the type inside it.
    return "application/octet-stream" if kind is None or encoding is not None else kind


def _disposition(kind: str, filename: str) -> str:
    """RFC 6266: the name as it is where ASCII has it, and as UTF-8 otherwise."""
    if filename.isascii() and filename.isprintable() and '"' not in filename and "\\" not in filename:
        return f'{kind}; filename="{filename}"'
    return f"{kind}; filename*=UTF-8''{quote(filename, safe='')}"

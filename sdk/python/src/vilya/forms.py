"""Forms: what browsers send as `application/x-www-form-urlencoded` and `multipart/form-data`."""

from __future__ import annotations

from .body import BodyReader
from .exceptions import HTTPException, InvalidBody
from .media_type import parse_options
from .multipart import MultipartError, MultipartLimits, MultipartParser
from .params import FormData, parse_urlencoded
from .uploads import Upload
from collections.abc import Callable
from typing import TypeVar

U = TypeVar("U", bound=Upload)


async def read_form(
    body: BodyReader,
    content_type: str,
    upload_type: Callable[..., U],
    *,
    limits: MultipartLimits,
    body_bytes_max: int,
    form_bytes_max: int,
) -> FormData[U]:
    """Reads the body as the form it says it is.

    Raises InvalidBody (400) for one that is broken, HTTPException 413 past a limit and 415 for a body of another type.
    """
    kind, options = parse_options(content_type)
    if kind == "multipart/form-data":
        return await _read_multipart(body, options.get("boundary", ""), upload_type, limits, form_bytes_max)
    if kind == "application/x-www-form-urlencoded":
        content = await body.read(min(body_bytes_max, limits.urlencoded_bytes_max))
        return _parse_urlencoded(content, limits.fields_max)
    if await body.read(body_bytes_max):
        raise HTTPException(415, "A form is expected: application/x-www-form-urlencoded or multipart/form-data")
    return FormData()


async def _read_multipart(
    body: BodyReader, boundary: str, upload_type: Callable[..., U], limits: MultipartLimits, bytes_max: int
) -> FormData[U]:
    try:
        parser = MultipartParser(boundary, upload_type, limits)
        try:
            async for chunk in body.chunks(bytes_max):
                parser.feed(chunk)
            return FormData(parser.finish())
        except BaseException:
            # A client that leaves, a limit, a cancelled request: nothing of it stays on disk.
            parser.abandon()
            raise
    except MultipartError as error:
        if error.is_too_large:
            raise HTTPException(413, str(error)) from None
        raise InvalidBody(str(error)) from None


def _parse_urlencoded(content: bytes, fields_max: int) -> FormData[U]:
    try:
        return FormData(parse_urlencoded(content.decode("utf-8", "replace"), fields_max))
    except ValueError:
        raise HTTPException(413, "Cannot read form: it has too many fields") from None

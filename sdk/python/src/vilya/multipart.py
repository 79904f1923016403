"""`multipart/form-data` (RFC 7578), parsed as it arrives: bytes in, fields and spooled files out, no waiting inside."""

from __future__ import annotations

from .headers import Headers
from .media_type import parse_options
from .uploads import Upload
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

U = TypeVar("U", bound=Upload)


class MultipartError(ValueError):
    """The body is no multipart body, or passes a limit (`is_too_large`)."""

    def __init__(self, message: str, *, is_too_large: bool = False) -> None:
        super().__init__(message)
        self.is_too_large = is_too_large


@dataclass(frozen=True)
class MultipartLimits:
    """What one form may cost. Each answers a client that would fill memory or disk."""

    files_max: int = 100
    fields_max: int = 1000
    field_bytes_max: int = 1024 * 1024
    file_bytes_max: int = 2**63
    header_bytes_max: int = 8 * 1024
    #: Of a form without files: all of it. To undo its escapes holds the loop for up to 0.2 s a megabyte.
    urlencoded_bytes_max: int = 2 * 1024 * 1024


class MultipartParser(Generic[U]):
    """Feed it the body in any pieces, then finish it. After an error it has closed what it had spooled."""

    def __init__(self, boundary: str, upload_type: Callable[..., U], limits: MultipartLimits) -> None:
        if not 1 <= len(boundary) <= 70:  # RFC 2046 §5.1.1
            raise MultipartError("Cannot read form: its boundary has no length of 1 to 70")
        self._delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
        self._upload_type = upload_type
        self._limits = limits
        # The line break before the first delimiter is not there when the body begins with it.
        self._buffer = bytearray(b"\r\n")
        self._step: Callable[[], bool] = self._skip_preamble
        self._pairs: list[tuple[str, str | U]] = []
        self._name = ""
        self._upload: U | None = None
        self._field = bytearray()
        self._is_finished = False
        self._files_count = 0

    def feed(self, chunk: bytes) -> None:
        """Takes the next piece."""
        if self._is_finished:
            return
        self._buffer += chunk
        try:
            while self._step():
                pass
        except MultipartError:
            self.abandon()
            raise

    def finish(self) -> list[tuple[str, str | U]]:
        """Names and values in order. Raises MultipartError if the last delimiter never came."""
        if not self._is_finished:
            self.abandon()
            raise MultipartError("Cannot read form: it ends before its last boundary")
        return self._pairs

    def abandon(self) -> None:
        """Closes every file, that of the part being read included."""
        for value in [self._upload, *(value for _, value in self._pairs)]:
            if value is not None and not isinstance(value, str):
                value.file.close()

    def _skip_preamble(self) -> bool:
        index = self._buffer.find(self._delimiter)
        if index < 0:
            del self._buffer[: -len(self._delimiter)]
            return False
        del self._buffer[: index + len(self._delimiter)]
        self._step = self._read_delimiter_end
        return True

    def _read_delimiter_end(self) -> bool:
        # RFC 2046 §5.1.1: white space may stand between a boundary and its line break.
        line = bytes(self._buffer[:80]).lstrip(b" \t")
        if len(line) < 2:
            return False
        if line.startswith(b"--"):
            self._is_finished = True
            return False
        if not line.startswith(b"\r\n"):
            raise MultipartError("Cannot read form: a boundary is followed by something else than a line break")
        # The line break stays: a part without headers begins with an empty line.
        del self._buffer[: self._buffer.index(b"\r\n")]
        self._step = self._read_headers
        return True

    def _read_headers(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if (len(self._buffer) if end < 0 else end) - 2 > self._limits.header_bytes_max:
            raise MultipartError("Cannot read form: the headers of a part are too long", is_too_large=True)
        if end < 0:
            return False
        self._begin_part(_parse_headers(bytes(self._buffer[2:end])))
        # The second line break may be the one of a delimiter, where the part is empty.
        del self._buffer[: end + 2]
        self._step = self._read_content_start
        return True

    def _read_content_start(self) -> bool:
        if len(self._buffer) < len(self._delimiter):
            return False
        if not self._buffer.startswith(self._delimiter):
            del self._buffer[:2]
        self._step = self._read_content
        return True

    def _read_content(self) -> bool:
        index = self._buffer.find(self._delimiter)
        # What may be the beginning of a delimiter waits for the rest of it.
        end = index if index >= 0 else len(self._buffer) - len(self._delimiter) + 1
        if end > 0:
            self._write(bytes(self._buffer[:end]))
        if index < 0:
            del self._buffer[: max(end, 0)]
            return False
        del self._buffer[: index + len(self._delimiter)]
        self._end_part()
        self._step = self._read_delimiter_end
        return True

    def _begin_part(self, headers: Headers) -> None:
        kind, options = parse_options(_utf8(headers.get("content-disposition", "")))
        if kind != "form-data" or "name" not in options:
            raise MultipartError("Cannot read form: a part has no name")
        self._name = options["name"]
        self._field.clear()
        if "filename" in options:
            self._files_count += 1
            if self._files_count > self._limits.files_max:
                raise MultipartError("Cannot read form: it has too many files", is_too_large=True)
            self._upload = self._upload_type(options["filename"], headers=headers)
        elif len(self._pairs) - self._files_count >= self._limits.fields_max:
            raise MultipartError("Cannot read form: it has too many fields", is_too_large=True)

    def _write(self, content: bytes) -> None:
        if self._upload is None:
            self._field += content
            if len(self._field) > self._limits.field_bytes_max:
                raise MultipartError("Cannot read form: a field is too large", is_too_large=True)
            return
        self._upload.size += len(content)
        if self._upload.size > self._limits.file_bytes_max:
            raise MultipartError("Cannot read form: a file is too large", is_too_large=True)
        self._upload.file.write(content)

    def _end_part(self) -> None:
        if self._upload is None:
            self._pairs.append((self._name, self._field.decode("utf-8", "replace")))
            return
        self._upload.file.seek(0)
        self._pairs.append((self._name, self._upload))
        self._upload = None


def _parse_headers(block: bytes) -> Headers:
    raw = []
    for line in block.split(b"\r\n"):
        name, separator, value = line.partition(b":")
        if line and not separator:
            raise MultipartError("Cannot read form: a part has a header without ':'")
        if line:
            raw.append((name.strip().lower(), value.strip()))
    return Headers(raw=raw)


def _utf8(value: str) -> str:
    """Browsers send the names of fields and files as UTF-8 (HTML §4.10.21.8), where headers are Latin-1."""
    return value.encode("latin-1").decode("utf-8", "replace")

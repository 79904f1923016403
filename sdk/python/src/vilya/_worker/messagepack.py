"""MessagePack in Python alone, for where the C extension ``msgpack`` is not installed.

Invariant: text stays bytes. A *str* is read as the bytes it consists of, because the worker protocol does not say what text they are.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

Bytes = bytes | bytearray | memoryview

#: Levels of arrays and maps, the outermost one included. docs/reference/wire.md W1.10.
DEPTH_MAX = 32

_NUMBERS: dict[int, struct.Struct] = {
    tag: struct.Struct(form)
    for tag, form in {
        0xCA: ">f",
        0xCB: ">d",
        0xCC: ">B",
        0xCD: ">H",
        0xCE: ">I",
        0xCF: ">Q",
        0xD0: ">b",
        0xD1: ">h",
        0xD2: ">i",
        0xD3: ">q",
    }.items()
}
#: How wide the length behind a tag is, in bytes.
_LENGTH_WIDTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_COUNT_WIDTHS = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
_CONSTANTS: dict[int, bool | None] = {0xC0: None, 0xC2: False, 0xC3: True}


class MessagePackError(ValueError):
    """The bytes are not one whole MessagePack value, or a value cannot be written as one."""


def unpack(source: Bytes) -> Any:
    """Reads one value. Maps become dicts, arrays tuples, *str* and *bin* both bytes; extensions are read as ``None``.

    Raises MessagePackError for anything else, and for bytes behind the value.
    """
    reader = _Reader(bytes(source))
    try:
        value = reader.read(DEPTH_MAX)
    except (IndexError, struct.error, TypeError) as error:
        raise MessagePackError("Cannot read a frame: it ends inside a value, or a key is no key") from error
    if reader.at != len(reader.source):
        raise MessagePackError("Cannot read a frame: it has bytes behind its value")
    return value


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0

    def read(self, depth: int) -> Any:
        tag = self.source[self.at]
        self.at += 1
        if tag < 0x80:
            return tag
        if tag >= 0xE0:
            return tag - 0x100
        if 0xA0 <= tag < 0xC0:
            return self._take(tag & 0x1F)
        if tag < 0x90:
            return self._read_map(tag & 0x0F, depth)
        if tag < 0xA0:
            return self._read_array(tag & 0x0F, depth)
        return self._read_tagged(tag, depth)

    def _read_tagged(self, tag: int, depth: int) -> Any:
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if (number := _NUMBERS.get(tag)) is not None:
            return number.unpack(self._take(number.size))[0]
        if (width := _LENGTH_WIDTHS.get(tag)) is not None:
            length = int.from_bytes(self._take(width), "big")
            if 0xC7 <= tag <= 0xC9:
                self._take(length + 1)
                return None
            return self._take(length)
        if (width := _COUNT_WIDTHS.get(tag)) is not None:
            count = int.from_bytes(self._take(width), "big")
            return self._read_array(count, depth) if tag <= 0xDD else self._read_map(count, depth)
        if 0xD4 <= tag <= 0xD8:
            self._take(1 + (1 << (tag - 0xD4)))
            return None
        raise MessagePackError(f"Cannot read a frame: 0x{tag:x} is no MessagePack type")

    def _read_map(self, count: int, depth: int) -> dict[Any, Any]:
        self._check(count * 2, depth)
        return {self.read(depth - 1): self.read(depth - 1) for _ in range(count)}

    def _read_array(self, count: int, depth: int) -> tuple[Any, ...]:
        self._check(count, depth)
        return tuple([self.read(depth - 1) for _ in range(count)])

    def _check(self, value_count: int, depth: int) -> None:
        if depth == 0:
            raise MessagePackError(f"Cannot read a frame: it nests deeper than {DEPTH_MAX} levels")
        # Each value has a byte at least: a count that lies costs nothing.
        if value_count > len(self.source) - self.at:
            raise MessagePackError("Cannot read a frame: it ends inside a value")

    def _take(self, length: int) -> bytes:
        start = self.at
        self.at += length
        if self.at > len(self.source):
            raise MessagePackError("Cannot read a frame: it ends inside a value")
        return self.source[start : self.at]


def pack(value: Any) -> bytes:
    """Writes one value. Bytes of any kind become *bin*, text *str*. Raises MessagePackError for other types and integers over 64 bits."""
    out = bytearray()
    _write(value, out.extend)
    return bytes(out)


def _write(value: Any, put: Callable[[Bytes], None]) -> None:
    if value is None:
        put(b"\xc0")
    elif value is True or value is False:
        put(b"\xc3" if value else b"\xc2")
    elif isinstance(value, int):
        put(_integer(value))
    elif isinstance(value, (bytes, bytearray, memoryview)):
        length = value.nbytes if isinstance(value, memoryview) else len(value)
        put(_head(length, (0xC4, 0xC5, 0xC6)))
        put(value.tobytes() if isinstance(value, memoryview) else value)
    elif isinstance(value, str):
        text = value.encode()
        put(bytes((0xA0 | len(text),)) if len(text) < 32 else _head(len(text), (0xD9, 0xDA, 0xDB)))
        put(text)
    elif isinstance(value, dict):
        put(bytes((0x80 | len(value),)) if len(value) < 16 else _head(len(value), (None, 0xDE, 0xDF)))
        for key, member in value.items():
            _write(key, put)
            _write(member, put)
    elif isinstance(value, (list, tuple)):
        put(bytes((0x90 | len(value),)) if len(value) < 16 else _head(len(value), (None, 0xDC, 0xDD)))
        for member in value:
            _write(member, put)
    else:
        raise MessagePackError(f"Cannot write a {type(value).__name__}: it is no type of the worker protocol")


def _head(length: int, tags: tuple[int | None, int, int]) -> bytes:
    one, two, four = tags
    if one is not None and length < 1 << 8:
        return struct.pack(">BB", one, length)
    return struct.pack(">BH", two, length) if length < 1 << 16 else struct.pack(">BI", four, length)


def _integer(value: int) -> bytes:
    if 0 <= value < 0x80:
        return bytes((value,))
    if -(1 << 63) <= value < 0:
        return struct.pack(">Bq", 0xD3, value)
    if 0 <= value < 1 << 16:
        return struct.pack(">BH", 0xCD, value)
    if 0 <= value < 1 << 32:
        return struct.pack(">BI", 0xCE, value)
    if 0 <= value < 1 << 64:
        return struct.pack(">BQ", 0xCF, value)
    raise MessagePackError(f"Cannot write {value}: it has more than 64 bits")

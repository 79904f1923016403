"""The fastest MessagePack that is installed: the C extension of ``msgpack``, else Python's own in ``messagepack.py``. Both say the same."""

from __future__ import annotations

from . import messagepack
from .messagepack import Bytes, MessagePackError
from collections.abc import Callable
from typing import Any

#: A frame: keys and text are bytes.
Wire = dict[bytes, Any]


def _load() -> Any:
    try:
        from msgpack import _cmsgpack  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return None
    return _cmsgpack


_c = _load()

#: What frames are read and written with, for people.
CODEC_NAME = "python" if _c is None else "msgpack"


def _skip(_code: int, _content: bytes) -> None:
    """Extensions mean nothing in the worker protocol."""


def _unpack_plain(source: Bytes, **_options: Any) -> Any:
    return messagepack.unpack(source)


pack: Callable[[Any], bytes] = messagepack.pack if _c is None else _c.Packer(use_bin_type=True).pack
_unpack: Callable[..., Any] = _unpack_plain if _c is None else _c.unpackb


def unpack(source: Bytes) -> Wire:
    """Reads a frame. Raises MessagePackError when it is not exactly one map."""
    try:
        value = _unpack(source, raw=True, use_list=False, strict_map_key=False, ext_hook=_skip)
    except MessagePackError:
        raise
    except Exception as error:
        raise MessagePackError(f"Cannot read a frame: it is not one MessagePack value ({error!r})") from error
    if type(value) is not dict:
        raise MessagePackError("Cannot read a frame: it is not a map")
    return value

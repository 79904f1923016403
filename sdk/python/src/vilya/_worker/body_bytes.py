"""Parts of bodies as applications give them."""

from __future__ import annotations

from typing import Any


def bytes_of(part: Any) -> bytes:
    """Buffers of all kinds, as they are now. Raises TypeError for what is none."""
    if isinstance(part, bytes):
        return part
    if isinstance(part, str):
        raise TypeError("Cannot send a body: it is str, bytes are needed")
    return bytes(memoryview(part))

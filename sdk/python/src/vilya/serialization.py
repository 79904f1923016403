"""JSON: by orjson where it is installed, by the standard library otherwise, which refuses NaN where orjson writes null."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def _dumps_plain(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")


try:
    import orjson
except ImportError:
    dumps: Callable[[Any], bytes] = _dumps_plain
    loads: Callable[[bytes | str], Any] = json.loads
else:
    loads = orjson.loads

    def _dumps_orjson(value: Any, _dumps: Callable[[Any], bytes] = orjson.dumps) -> bytes:
        try:
            return _dumps(value)
        except TypeError:
            # What only the standard library takes, such as integers past 64 bits and keys that are no text.
            return _dumps_plain(value)

    dumps = _dumps_orjson

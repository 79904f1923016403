"""`Range` requests (RFC 9110 §14): what part of a file a client asks for."""

from __future__ import annotations

import re

# RFC 9110 §14.2 allows to refuse many small ranges. More than this is an attack or a mistake: the whole file is sent.
RANGES_MAX = 16

_RANGE = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")


def parse_ranges(header: str, size: int) -> list[tuple[int, int]] | None:
    """Pairs of first offset and offset behind the last, merged where they touch, in the client's order otherwise.

    None where the header is none of bytes, or malformed, or has too many: it is ignored then. An empty list where no range
    can be satisfied, which answers 416.
    """
    unit, separator, text = header.partition("=")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not separator or not parts or len(parts) > RANGES_MAX:
        return None
    ranges: list[tuple[int, int]] = []
    for part in parts:
        match = _RANGE.fullmatch(part)
        if match is None or part == "-":
            return None
        first, last = match[1], match[2]
        if not first:
            start, end = max(size - int(last), 0), size
        else:
            start, end = int(first), min(int(last) + 1, size) if last else size
            if last and int(last) < start:
                return None
        if start < end:
            ranges.append((start, end))
    return _merge(ranges)


def _merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping ranges would have a client make us send a file many times over."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return ranges if len(merged) == len(ranges) else merged

"""The routes of an application as its server is told them, so that it can find them before a worker is asked.

What the server says is only taken for the request that it has seen: middleware may have changed the path since.
docs/reference/wire.md W2.92.
"""

from __future__ import annotations

import re
import zlib
from .route_tree import ANY_METHOD
from .templates import Segment
from .types import Scope
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

#: With more the application finds its routes by itself.
ROUTES_MAX = 4096
SEGMENTS_MAX = 32

# What both sides compare alike: nothing that is decoded, and no names that paths give a meaning.
_PLAIN_TEXT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~!$&'()+,;=:@-]*")
_KINDS = {"str": "", "int": ":int", "path": ":path"}


R = TypeVar("R")

#: A path, the methods that are asked for it, and the route that answers.
Entry = tuple[tuple[Segment, ...], frozenset[str], R]


class RouteTable(Generic[R]):
    """Routes in the order in which those whose paths have one shape are asked."""

    __slots__ = ("_routes", "id", "paths")

    def __init__(self, paths: list[tuple[str, list[str]]], routes: list[R]) -> None:
        #: Pattern and methods of each; none of these stands for all methods.
        self.paths = paths
        #: Changes with what is in it.
        self.id = zlib.crc32(repr(paths).encode())
        self._routes = routes

    def look_up(self, scope: Scope, path: str, method: str) -> tuple[R, list[str]] | None:
        """The route that the server has found and the texts of its parameters; None where it has found none for just this."""
        found = scope.get("vilya.match")
        if found is None:
            return None
        told_path, told_method, told = found
        if told[0] != self.id or path != told_path or method != told_method:
            return None
        return self._routes[told[1]], list(map(bytes.decode, told[2:]))


def table_of(entries: Sequence[Entry[R]]) -> RouteTable[R] | None:
    """None where a path is none that a server can find as the application would."""
    if len(entries) > ROUTES_MAX:
        return None
    paths, routes = [], []
    for segments, methods, route in entries:
        pattern = _pattern_of(segments)
        if pattern is None:
            return None
        paths.append((pattern, [] if ANY_METHOD in methods else sorted(methods)))
        routes.append(route)
    return RouteTable(paths, routes)


def _pattern_of(segments: tuple[Segment, ...]) -> str | None:
    parts = list(_parts_of(segments))
    return None if None in parts or len(parts) > SEGMENTS_MAX else "/" + "/".join(part for part in parts if part is not None)


def _parts_of(segments: tuple[Segment, ...]) -> Iterator[str | None]:
    """A part for each segment; None for one that cannot be told."""
    for index, segment in enumerate(segments):
        is_last = index == len(segments) - 1
        if not segment.convertors:
            yield segment.text if _PLAIN_TEXT.fullmatch(segment.text) and (segment.text or is_last) else None
            continue
        kind = _KINDS.get(segment.convertors[0].name)
        is_alone = segment.pattern is not None and segment.pattern.pattern == f"({segment.convertors[0].pattern})"
        yield f"{{p{index}{kind}}}" if kind is not None and is_alone and (is_last or not segment.is_tail) else None

"""A radix tree over the segments of paths, searched with backtracking.

Order at each segment: text, then text with parameters in it, then typed parameters, then `{name}`, then `{name:path}`.
A path that fits several routes finds the first in this order that has its method, whatever order they were added in.
Every node stands at one depth, so a search visits each node once at most, or once a slash below a `{name:path}` that has more after it.
"""

from __future__ import annotations

import re
from .templates import PathTemplate, Segment
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

R = TypeVar("R")

# A route for every method, such as a mounted application.
ANY_METHOD = "*"


# What matches a segment whole: its groups are the texts of the parameters in it.
_Match = Callable[[str], "re.Match[str] | None"]


class _Node(Generic[R]):
    __slots__ = ("edges", "is_forked", "plain", "routes", "single", "statics", "tail", "typed")

    def __init__(self) -> None:
        # Whether there is more than one way to try, or a tail.
        self.is_forked = False
        # The edge of a node that has no other way.
        self.single: tuple[_Match, _Node[R]] | None = None
        self.statics: dict[str, _Node[R]] = {}
        self.edges: list[tuple[_Match, _Node[R]]] = []
        self.typed: list[tuple[Segment, _Node[R]]] = []
        self.plain: _Node[R] | None = None
        self.tail: _Node[R] | None = None
        self.routes: dict[str, R] = {}

    def child(self, segment: Segment) -> _Node[R]:
        node = self._child(segment)
        self.edges = [(each.pattern.fullmatch, target) for each, target in self.typed if each.pattern is not None]
        has_one_edge = len(self.edges) == 1 and not (self.statics or self.plain or self.tail)
        self.single = self.edges[0] if has_one_edge else None
        self.is_forked = self.tail is not None or (bool(self.edges) and not has_one_edge)
        return node

    def _child(self, segment: Segment) -> _Node[R]:
        if not segment.convertors:
            return self.statics.setdefault(segment.text, _Node())
        if segment.is_tail:
            self.tail = self.tail or _Node()
            return self.tail
        if segment.rank == _PLAIN_RANK:
            self.plain = self.plain or _Node()
            return self.plain
        for known, node in self.typed:
            if known.key == segment.key:
                return node
        node = _Node[R]()
        self.typed.append((segment, node))
        self.typed.sort(key=lambda edge: edge[0].rank)
        return node


_PLAIN_RANK = PathTemplate("/{name}").segments[0].rank


class RouteTree(Generic[R]):
    """Finds what was added for a path and a method, with the texts of its parameters in order."""

    __slots__ = ("_root", "_statics")

    def __init__(self) -> None:
        self._root: _Node[R] = _Node()
        # Paths without parameters, whole: one look-up instead of a search.
        self._statics: dict[str, dict[str, R]] = {}

    def add(self, template: PathTemplate, methods: frozenset[str], route: R) -> None:
        """Adds a route. Of two with one path and method, the one added first stays."""
        node = self._root
        for segment in template.segments:
            node = node.child(segment)
        for method in methods:
            node.routes.setdefault(method, route)
        if not template.convertors:
            self._statics[template.text] = node.routes

    def find(self, path: str, method: str) -> tuple[R, list[str]] | None:
        """The route and the texts of its parameters. The path is decoded."""
        routes = self._statics.get(path)
        if routes is not None:
            route = routes.get(method)
            if route is not None:
                return route, []
        values: list[str] = []
        found = _search(self._root, path.split("/"), 1, method, values)
        return None if found is None else (found, values)

    def methods(self, path: str) -> frozenset[str]:
        """What methods there are for the path: empty where nothing fits it."""
        methods: set[str] = set()
        _collect(self._root, path.split("/"), 1, methods)
        return frozenset(methods)


def _search(node: _Node[R], segments: list[str], index: int, method: str, values: list[str]) -> R | None:
    count = len(segments)
    # Where there is one way only, nothing has to be undone: no call a segment.
    while index < count and not node.is_forked:
        segment = segments[index]
        following = node.statics.get(segment)
        if node.single is not None:
            match, target = node.single
            matched = match(segment)
            if matched is not None:
                values += matched.groups()
                following = target
        elif node.plain is not None:
            if following is not None:
                break
            if segment:
                values.append(segment)
                following = node.plain
        if following is None:
            return None
        node = following
        index += 1
    if index == count:
        return node.routes.get(method) or node.routes.get(ANY_METHOD)

    mark = len(values)
    for following, texts, end in _ways(node, segments, index):
        values += texts
        found = _search(following, segments, end, method, values)
        if found is not None:
            return found
        del values[mark:]
    return None


def _collect(node: _Node[R], segments: list[str], index: int, methods: set[str]) -> None:
    if index == len(segments):
        methods.update(node.routes)
        return
    for following, _, end in _ways(node, segments, index):
        _collect(following, segments, end, methods)


def _ways(node: _Node[R], segments: list[str], index: int) -> Iterator[tuple[_Node[R], tuple[str | Any, ...], int]]:
    """Where a search may go on, what the parameters on the way there are, and the segment behind it."""
    segment, end = segments[index], index + 1
    child = node.statics.get(segment)
    if child is not None:
        yield child, (), end
    for match, target in node.edges:
        matched = match(segment)
        if matched is not None:
            yield target, matched.groups(), end
    if node.plain is not None and segment:
        yield node.plain, (segment,), end
    if node.tail is not None:
        for tail_end in _tail_ends(node.tail, index, len(segments)):
            yield node.tail, ("/".join(segments[index:tail_end]),), tail_end


def _tail_ends(tail: _Node[R], index: int, count: int) -> range:
    """Where a tail may end: at the end of the path, and where it goes on, at each slash before, the longest first."""
    return range(count, index if _goes_on(tail) else count - 1, -1)


def _goes_on(node: _Node[R]) -> bool:
    return bool(node.statics or node.edges or node.plain)

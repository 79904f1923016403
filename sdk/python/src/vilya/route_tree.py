"""A radix tree over the segments of paths, searched with backtracking.

Order at each segment: text, then text with parameters in it, then typed parameters, then `{name}`, then `{name:path}`.
A path that fits several routes finds the first in this order that has its method, whatever order they were added in.
Every node stands at one depth, so a search visits each node once at most, or once a slash below a `{name:path}` that has more after it.
"""

from __future__ import annotations

from .templates import PathTemplate, Segment
from typing import Generic, TypeVar

R = TypeVar("R")

# A route for every method, such as a mounted application.
ANY_METHOD = "*"


class _Node(Generic[R]):
    __slots__ = ("edges", "is_forked", "plain", "routes", "statics", "tail")

    def __init__(self) -> None:
        # Whether there is more than text and one untyped parameter to try.
        self.is_forked = False
        self.statics: dict[str, _Node[R]] = {}
        self.edges: list[tuple[Segment, _Node[R]]] = []
        self.plain: _Node[R] | None = None
        self.tail: _Node[R] | None = None
        self.routes: dict[str, R] = {}

    def child(self, segment: Segment) -> _Node[R]:
        if not segment.convertors:
            return self.statics.setdefault(segment.text, _Node())
        if segment.is_tail:
            self.is_forked = True
            self.tail = self.tail or _Node()
            return self.tail
        if segment.rank == _PLAIN_RANK:
            self.plain = self.plain or _Node()
            return self.plain
        for known, node in self.edges:
            if known.key == segment.key:
                return node
        node = _Node[R]()
        self.is_forked = True
        self.edges.append((segment, node))
        self.edges.sort(key=lambda edge: edge[0].rank)
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
        child = node.statics.get(segment)
        if node.plain is None:
            if child is None:
                return None
        elif child is None:
            if not segment:
                return None
            values.append(segment)
            child = node.plain
        else:
            break
        node = child
        index += 1
    if index == count:
        return node.routes.get(method) or node.routes.get(ANY_METHOD)

    mark = len(values)
    for child, matched in _ways(node, segments[index]):
        values += matched
        found = _search(child, segments, index + 1, method, values)
        if found is not None:
            return found
        del values[mark:]
    if node.tail is not None:
        for end in _tail_ends(node.tail, index, count):
            values.append("/".join(segments[index:end]))
            found = _search(node.tail, segments, end, method, values)
            if found is not None:
                return found
            del values[mark:]
    return None


def _collect(node: _Node[R], segments: list[str], index: int, methods: set[str]) -> None:
    if index == len(segments):
        methods.update(node.routes)
        return
    for child, _ in _ways(node, segments[index]):
        _collect(child, segments, index + 1, methods)
    if node.tail is not None:
        for end in _tail_ends(node.tail, index, len(segments)):
            _collect(node.tail, segments, end, methods)


def _ways(node: _Node[R], segment: str) -> list[tuple[_Node[R], tuple[str, ...]]]:
    ways: list[tuple[_Node[R], tuple[str, ...]]] = []
    child = node.statics.get(segment)
    if child is not None:
        ways.append((child, ()))
    for edge, target in node.edges:
        match = edge.pattern.fullmatch(segment) if edge.pattern else None
        if match is not None:
            ways.append((target, match.groups()))
    if node.plain is not None and segment:
        ways.append((node.plain, (segment,)))
    return ways


def _tail_ends(tail: _Node[R], index: int, count: int) -> range:
    """Where a tail may end: at the end of the path, and where it goes on, at each slash before, the longest first."""
    return range(count, index if _goes_on(tail) else count - 1, -1)


def _goes_on(node: _Node[R]) -> bool:
    return bool(node.statics or node.edges or node.plain)

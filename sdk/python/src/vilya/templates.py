"""Paths with parameters, `/users/{id:int}/files/{rest:path}`, taken apart once when a route is made."""

from __future__ import annotations

import re
from .convertors import CONVERTORS, Convertor
from .exceptions import NoMatchFound
from dataclasses import dataclass
from typing import Any

_PARAMETER = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Segment:
    """A part of a path between two slashes. Without convertors it is `text`, otherwise what `pattern` matches whole."""

    text: str
    pattern: re.Pattern[str] | None = None
    convertors: tuple[Convertor, ...] = ()

    @property
    def is_tail(self) -> bool:
        """Whether it takes slashes, too."""
        return any(convertor.name == "path" for convertor in self.convertors)

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for segments that match the same."""
        return (self.pattern.pattern if self.pattern else self.text, *(convertor.name for convertor in self.convertors))

    @property
    def rank(self) -> tuple[bool, int]:
        """Parameters with text around them come before those alone, then typed before untyped."""
        is_alone = len(self.convertors) == 1 and self.pattern is not None and self.pattern.pattern == f"({self.convertors[0].pattern})"
        return (is_alone, self.convertors[0].rank if self.convertors else 0)


class PathTemplate:
    """A path with parameters. Raises ValueError for one that is none, saying why."""

    __slots__ = ("convertors", "names", "segments", "text")

    def __init__(self, text: str) -> None:
        if not text.startswith("/"):
            raise ValueError(f"Cannot route {text!r}: a path begins with '/'")
        self.text = text
        names: list[str] = []
        self.segments = tuple(_parse_segment(text, part, names) for part in text.split("/")[1:])
        self.names = tuple(names)
        self.convertors = tuple(convertor for segment in self.segments for convertor in segment.convertors)
        if len(set(names)) < len(names):
            raise ValueError(f"Cannot route {text!r}: two of its parameters have one name")
        # Two of them would match in as many ways as there are slashes, squared.
        if sum(segment.is_tail for segment in self.segments) > 1:
            raise ValueError(f"Cannot route {text!r}: one parameter of kind 'path' is allowed")

    def render(self, params: dict[str, Any]) -> str:
        """The path with values in it, percent-encoded. Raises NoMatchFound for missing or further parameters."""
        if set(params) != set(self.names):
            raise NoMatchFound(f"Cannot build {self.text}: given {sorted(params)}, {sorted(self.names)} are allowed")
        encoded = {name: convertor.encode(params[name]) for name, convertor in zip(self.names, self.convertors, strict=True)}
        return _PARAMETER.sub(lambda match: encoded[match[1]], self.text)


def _parse_segment(template: str, part: str, names: list[str]) -> Segment:
    pattern, position, convertors = "", 0, []
    for match in _PARAMETER.finditer(part):
        name, kind = match[1], match[2] or "str"
        if not name.isidentifier():
            raise ValueError(f"Cannot route {template!r}: {name!r} is no name of a parameter, an identifier is allowed")
        if kind not in CONVERTORS:
            raise ValueError(f"Cannot route {template!r}: {kind!r} is no convertor, {', '.join(CONVERTORS)} are")
        names.append(name)
        convertors.append(CONVERTORS[kind])
        pattern += re.escape(part[position : match.start()]) + f"({CONVERTORS[kind].pattern})"
        position = match.end()
    if "{" in part[position:] or "}" in part[position:]:
        raise ValueError(f"Cannot route {template!r}: a brace is open, '{{name}}' and '{{name:convertor}}' are allowed")
    if not convertors:
        return Segment(part)
    segment = Segment(part, re.compile(pattern + re.escape(part[position:]), re.DOTALL), tuple(convertors))
    if segment.is_tail and _PARAMETER.fullmatch(part) is None:
        raise ValueError(f"Cannot route {template!r}: a parameter of kind 'path' stands alone between slashes")
    return segment

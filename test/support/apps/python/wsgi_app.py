"""A WSGI application that shows each thing a server has to get right at a path of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Environ = dict[str, Any]
Start = Callable[..., Callable[[bytes], object]]
barrier = threading.Barrier(4)


def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
    name = environ["PATH_INFO"].strip("/").split("/")[0]
    handler: Callable[[Environ, Start], Iterable[bytes]] = globals().get(f"get_{name}", get_nothing)
    return handler(environ, start_response)


def get_nothing(environ: Environ, start_response: Start) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"nothing here"]


def get_environ(environ: Environ, start_response: Start) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({key: value for key, value in environ.items() if isinstance(value, (str, bool))}).encode()]


def get_echo(environ: Environ, start_response: Start) -> Iterable[bytes]:
    start_response("201 Created", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Latin", "caf\xe9")])
    return [environ["wsgi.input"].read()]


def get_length(environ: Environ, start_response: Start) -> Iterable[bytes]:
    start_response("200 OK", [])
    source = environ["wsgi.input"]
    return [str(sum(len(part) for part in iter(lambda: source.read(65_536), b""))).encode()]


def get_lines(environ: Environ, start_response: Start) -> Iterable[bytes]:
    source = environ["wsgi.input"]
    lines = [source.readline(), *source.readlines(1), *source, source.read(), source.read(5)]
    start_response("200 OK", [])
    return [json.dumps([line.decode() for line in lines]).encode()]


def get_parts(environ: Environ, start_response: Start) -> Iterable[bytes]:
    start_response("200 OK", [])
    return Closing(iter([b"", b"one ", b"two ", b"three"]))


def get_write(environ: Environ, start_response: Start) -> Iterable[bytes]:
    write = start_response("200 OK", [])
    write(b"written, ")
    return [b"returned"]


def get_meet(environ: Environ, start_response: Start) -> Iterable[bytes]:
    barrier.wait()
    start_response("200 OK", [])
    return [b"met"]


def get_raise(environ: Environ, start_response: Start) -> Iterable[bytes]:
    start_response("200 OK", [])
    raise ValueError("the secret reason")


def get_break(environ: Environ, start_response: Start) -> Iterable[bytes]:
    start_response("200 OK", [])
    yield b"half"
    raise ValueError("in the middle")


def get_silent(environ: Environ, start_response: Start) -> Iterable[bytes]:
    return [b"never started"]


def get_ticks(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Goes on for as long as its client."""
    start_response("200 OK", [])
    return Closing(iter(lambda: b"tick" * 4_096, b""))


class Closing:
    """Tells in the trace that it was closed."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        with Path("trace.txt").open("a") as file:
            file.write("closed\n")

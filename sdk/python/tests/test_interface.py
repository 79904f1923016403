"""Which interface an object has."""

from __future__ import annotations

import asyncio
import pytest
from typing import Any
from vilya._worker.interface import InterfaceError, as_asgi, detect_interface


async def asgi(scope: Any, receive: Any, send: Any) -> None: ...


def asgi_without_async(scope: Any, receive: Any, send: Any) -> Any:
    return asgi(scope, receive, send)


def asgi2(scope: Any) -> Any: ...


def wsgi(environ: Any, start_response: Any) -> Any: ...


class AsgiObject:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class WsgiObject:
    def __call__(self, environ: Any, start_response: Any, extra: str = "") -> Any: ...


class Asgi2Class:
    def __init__(self, scope: Any) -> None: ...


class WsgiClass:
    def __init__(self, environ: Any, start_response: Any) -> None: ...

    def __iter__(self) -> Any: ...


def anything(*arguments: Any) -> Any: ...


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (asgi, "asgi"),
        (asgi_without_async, "asgi"),
        (AsgiObject(), "asgi"),
        (asgi2, "asgi2"),
        (Asgi2Class, "asgi2"),
        (WsgiClass, "wsgi"),
        (wsgi, "wsgi"),
        (WsgiObject(), "wsgi"),
    ],
)
def test_tells_by_what_it_takes(app: Any, expected: str) -> None:
    assert detect_interface(app) == expected


@pytest.mark.parametrize("app", ["text", None, anything])
def test_refuses_what_does_not_say_what_it_is(app: Any) -> None:
    with pytest.raises(InterfaceError, match="Cannot"):
        detect_interface(app)


def test_says_how_a_function_that_makes_the_application_is_named() -> None:
    with pytest.raises(InterfaceError, match=r"with \(\) behind its name"):
        detect_interface(lambda: asgi)


def test_an_application_of_asgi_2_is_told_that_version() -> None:
    seen: list[Any] = []

    def app(scope: Any) -> Any:
        async def instance(receive: Any, send: Any) -> None:
            seen.append((scope["asgi"]["version"], receive, send))

        return instance

    asyncio.run(as_asgi(app, "asgi2")({"asgi": {"version": "3.0"}}, "receive", "send"))
    assert seen == [("2.0", "receive", "send")]

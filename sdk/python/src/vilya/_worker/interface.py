"""Which of the interfaces of Python's web applications an object has."""

from __future__ import annotations

import inspect
from typing import Any, Literal

Interface = Literal["asgi", "asgi2", "wsgi"]

INTERFACES: tuple[Interface, ...] = ("asgi", "asgi2", "wsgi")

#: By how many arguments a plain callable takes.
_BY_ARGUMENT_COUNT: dict[int, Interface] = {1: "asgi2", 2: "wsgi", 3: "asgi"}


class InterfaceError(Exception):
    """The object is no application, or does not say of which kind."""


def detect_interface(app: Any) -> Interface:
    """Tells by the signature; nothing is called. Raises InterfaceError."""
    if not callable(app):
        raise InterfaceError(f"Cannot serve {app!r}: it cannot be called, an ASGI or WSGI application is needed")
    if inspect.isclass(app):
        # PEP 3333 has classes, too: an instance is what is sent.
        is_wsgi = _argument_count(app) == 2 and hasattr(app, "__iter__")
        return "asgi" if hasattr(app, "__await__") else "wsgi" if is_wsgi else "asgi2"
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(app.__call__):
        return "asgi"
    count = _argument_count(app)
    if count == 0:
        raise InterfaceError(
            f"Cannot serve {app!r}: it needs no arguments, "
            "a function that makes the application is written with () behind its name, or run with --factory"
        )
    found = _BY_ARGUMENT_COUNT.get(count)
    if found is None:
        raise InterfaceError(
            f"Cannot tell what {app!r} is: it takes neither (scope, receive, send) nor (environ, start_response), "
            f"python.interface says it: one of {', '.join(INTERFACES)}"
        )
    return found


def as_asgi(app: Any, interface: Interface) -> Any:
    """An ASGI 3 application for one of ASGI 2, which is called twice and looks at the version for that."""
    if interface != "asgi2":
        return app

    async def call_twice(scope: Any, receive: Any, send: Any) -> None:
        scope["asgi"]["version"] = "2.0"
        await app(scope)(receive, send)

    return call_twice


def _argument_count(app: Any) -> int:
    """How many arguments it has to be given; -1 where nobody can tell."""
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return -1
    if all(each.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD) for each in parameters) and parameters:
        return -1
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(1 for each in parameters if each.kind in positional and each.default is inspect.Parameter.empty)

"""Middleware: ASGI applications around others. `class M: def __init__(self, app, **options)` with `async def __call__`."""

from __future__ import annotations

from .types import ASGIApp
from collections.abc import Callable, Sequence
from typing import Any

# A class or function that takes the application it goes around, and options by name.
MiddlewareFactory = Callable[..., ASGIApp]


class Middleware:
    """A middleware with its options, for lists of them."""

    __slots__ = ("args", "factory", "kwargs")

    def __init__(self, factory: MiddlewareFactory, *args: Any, **kwargs: Any) -> None:
        self.factory = factory
        self.args = args
        self.kwargs = kwargs

    def __call__(self, app: ASGIApp) -> ASGIApp:
        return self.factory(app, *self.args, **self.kwargs)


MiddlewareSource = Middleware | MiddlewareFactory


def wrap(app: ASGIApp, middleware: Sequence[MiddlewareSource]) -> ASGIApp:
    """The application with middleware around it, the first of the list outermost."""
    for factory in reversed(middleware):
        app = factory(app)
    return app

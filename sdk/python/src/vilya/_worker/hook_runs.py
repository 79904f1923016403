"""Runs the application's hooks in a worker."""

from __future__ import annotations

import inspect
from .. import hooks
from ..hooks import name_of
from .lifespan import StartError
from .report import report


def run_before_fork() -> None:
    """Up to the first that fails. Raises StartError."""
    for hook in hooks.before_fork.in_order():
        try:
            hook()
        except Exception as error:
            raise StartError(f"Cannot fork workers: the hook {name_of(hook)} has failed") from error


async def run_start_hooks() -> None:
    """Up to the first that fails. Raises StartError."""
    for hook in hooks.on_start.in_order():
        try:
            result = hook()
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            raise StartError(f"Cannot start the application: the hook {name_of(hook)} has failed") from error


async def run_shutdown_hooks() -> None:
    """Every one, whatever the ones before it raise: the process leaves either way."""
    for hook in reversed(hooks.on_shutdown.in_order()):
        try:
            result = hook()
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            report(f"The hook {name_of(hook)} has failed", error)

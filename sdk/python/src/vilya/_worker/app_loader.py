"""From ``main:app`` to the application."""

from __future__ import annotations

import importlib
from types import TracebackType
from typing import Any

#: What an entry without a name stands for, in this order.
NAMES_DEFAULT = ("app", "application")


class LoadError(Exception):
    """The entry names no application, or its module has failed: that is the cause then, with the module's part of the traceback."""


def load_app(entry: str) -> Any:
    """Imports ``module``, ``module:name``, ``module:name.attribute`` or calls ``module:factory()``.

    Raises LoadError.
    """
    module_name, _, name = entry.partition(":")
    name = name.strip()
    is_factory = name.endswith("()")
    path = name.removesuffix("()")
    if not module_name or (name and not all(part.isidentifier() for part in path.split("."))):
        raise LoadError(f"Cannot load {entry!r}: module:name and module:factory() are allowed")
    try:
        found = _find(_import(module_name), path, entry)
        return found() if is_factory else found
    except LoadError:
        raise
    except Exception as error:
        raise LoadError(f"Cannot load {entry!r}: it fails") from error.with_traceback(_part_of_module(error.__traceback__))


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A module that is there and misses another one has a traceback to show.
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        raise LoadError(f"Cannot load {name!r}: there is no module {error.name!r} in the working directory or the environment") from None


def _part_of_module(trace: TracebackType | None) -> TracebackType | None:
    """What is behind the frames of this file and of the import system, which say nothing about the module."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith((__file__, importlib.__file__, "<frozen importlib")):
        trace = trace.tb_next
    return trace


def _find(module: Any, path: str, entry: str) -> Any:
    if not path:
        for name in NAMES_DEFAULT:
            if hasattr(module, name):
                return getattr(module, name)
        raise LoadError(f"Cannot load {entry!r}: the module has neither {' nor '.join(NAMES_DEFAULT)}, module:name is allowed")
    found = module
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise LoadError(f"Cannot load {entry!r}: the module has no {path!r}") from None
    return found

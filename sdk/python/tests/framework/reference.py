"""Renders the reference page of the framework from its signatures and doc comments:

python sdk/python/tests/framework/reference.py > docs/reference/python-framework.md
"""

from __future__ import annotations

import inspect
import re
import vilya
import vilya.cache_store
import vilya.graphql
import vilya.metrics
import vilya.multipart
import vilya.sockets
import vilya.testing
import vilya.threads
import vilya.wasm_plugin
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[4] / "docs/reference/python-framework.md"

HEAD = """# Python framework

What `import vilya` has, from its own signatures and doc comments; the [guide](../guides/python-framework.md) says how it goes together.
`tachyon_engine` has the same names, with `TachyonEngine` for `App` and `SyncRequest` as `Request`
([why](../decisions/0019-two-requests.md)).
"""

FURTHER = (
    ("vilya.cache_store", vilya.cache_store, ("CacheStore",)),
    ("vilya.graphql", vilya.graphql, ("GraphQL",)),
    ("vilya.metrics", vilya.metrics, ("count", "gauge", "observe")),
    ("vilya.multipart", vilya.multipart, ("MultipartLimits",)),
    ("vilya.sockets", vilya.sockets, ("id_of", "publish", "send", "close", "subscribe", "unsubscribe")),
    ("vilya.threads", vilya.threads, ("set_threads_max", "run_in_thread")),
    ("vilya.wasm_plugin", vilya.wasm_plugin, ("WasmPlugin",)),
    ("vilya.testing", vilya.testing, tuple(vilya.testing.__all__)),
)


def render() -> str:
    """The page."""
    parts = [HEAD, "## vilya\n"]
    parts += [_entry(getattr(vilya, name), name) for name in vilya.__all__ if not name.startswith("__")]
    for title, module, names in FURTHER:
        parts.append(f"## {title}\n")
        parts += [_entry(getattr(module, name), name) for name in names]
    return "\n".join(parts)


def _entry(value: Any, name: str) -> str:
    lines = [f"### {name}", "", f"`{name}{_signature(value)}`", "", _text(value), ""]
    members = [(key, _member(getattr(value, key), key)) for key in _member_names(value)]
    if members:
        lines += ["| member | |", "| --- | --- |"]
        lines += [f"| `{key}{signature}` | {text} |" for key, (signature, text) in members]
        lines.append("")
    bases = [base.__name__ for base in value.__mro__[1:] if _is_listed(base)] if inspect.isclass(value) else []
    if bases:
        lines += [f"And what {' and '.join(f'[{base}](#{base.lower()})' for base in bases)} has.", ""]
    return "\n".join(lines)


def _member_names(value: Any) -> list[str]:
    """Documented members of its own, and of its bases in this package that have no place of their own, in the order of the source."""
    if not inspect.isclass(value):
        return []
    found: dict[str, None] = {}
    for base in value.__mro__:
        if base is value or (base.__module__.startswith("vilya") and not _is_listed(base)):
            found.update({key: None for key, member in vars(base).items() if not key.startswith("_") and _text(member)})
    return list(found)


def _is_listed(base: type) -> bool:
    return base.__name__ in vilya.__all__ and base.__module__.startswith("vilya")


def _member(member: Any, name: str) -> tuple[str, str]:
    return _signature(member) if callable(member) else "", _text(member).replace("\n", " ").replace("|", "\\|")


def _signature(value: Any) -> str:
    if not callable(value):
        return ""
    made = value.__init__ if inspect.isclass(value) else value
    if not inspect.isroutine(made) or not hasattr(made, "__code__"):
        return "()" if inspect.isclass(value) else ""
    signature = inspect.signature(made)
    parameters = [parameter.replace(annotation=parameter.empty) for name, parameter in signature.parameters.items() if name != "self"]
    text = str(signature.replace(parameters=parameters, return_annotation=signature.empty))
    # Defaults that are functions or objects have an address in their text.
    return re.sub(r"<(?:built-in )?function (\w+)(?: at 0x[0-9a-f]+)?>", r"\1", text)


def _text(value: Any) -> str:
    own = value.__dict__.get("__doc__") if inspect.isclass(value) else getattr(value, "__doc__", None)
    if not isinstance(own, str) or isinstance(value, (int, float, str, type(None), tuple, frozenset)):
        return ""
    return re.sub(r"\n\s*\n", "\n\n", inspect.cleandoc(own))


if __name__ == "__main__":
    print(render(), end="")

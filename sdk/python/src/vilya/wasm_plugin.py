"""Plugins in WebAssembly, run by wasmtime, which has to be installed. They see requests and responses, and nothing else.

A module imports nothing. It exports its `memory`, `allocate(size) -> pointer`, and `on_request(pointer, size)`,
`on_response(pointer, size)` or both. Those get the place of a JSON text and return the place of another, the pointer in the upper 32 bits
of an i64 and the size in the lower ones; 0 means that there is nothing to say.

    on_request   {"method", "path", "query", "headers": [[name, value]]}          nothing, or {"status", "headers", "body"}: the answer
    on_response  {"request": as above, "status", "headers": [[name, value]]}      nothing, or {"status", "headers"}: what replaces them
"""

from __future__ import annotations

import os
from .headers import MutableHeaders
from .plugins import Plugin, ResponseHead
from .requests import Request
from .responses import Response
from .serialization import dumps, loads
from pathlib import Path
from typing import Any
from wasmtime import Config, Engine, Func, Instance, Memory, Module, Store, Trap, WasmtimeError

# Defaults of the options of these names. Fuel is about one instruction: this many are a few milliseconds.
FUEL_MAX = 10_000_000
MEMORY_BYTES_MAX = 16 * 1024 * 1024


class PluginFault(RuntimeError):
    """A module trapped, ran out of fuel or memory, or returned what is none of its kind."""


class WasmPlugin(Plugin):
    """Asks a module about each request and each response. Each time it begins anew: nothing of one request is left for another.

    `fuel_max` bounds what a call may compute, `memory_bytes_max` what it may keep. A fault is a 500 and raised, as a handler's would be.
    Raises ValueError for a file that is no such module.
    """

    def __init__(self, path: str | os.PathLike[str], *, fuel_max: int = FUEL_MAX, memory_bytes_max: int = MEMORY_BYTES_MAX) -> None:
        config = Config()
        config.consume_fuel = True
        self.fuel_max = fuel_max
        self.memory_bytes_max = memory_bytes_max
        self._engine = Engine(config)
        self._name = os.fspath(path)
        try:
            self._module = Module(self._engine, Path(path).read_bytes())
        except WasmtimeError as error:
            raise ValueError(f"Cannot load plugin {self._name}: {error}") from None
        self._exports = {export.name for export in self._module.exports}
        missing = {"memory", "allocate"} - self._exports
        if missing or not self._exports & {"on_request", "on_response"} or list(self._module.imports):
            raise ValueError(
                f"Cannot load plugin {self._name}: it must import nothing and export memory, allocate, and on_request or on_response"
            )

    def on_request(self, request: Request) -> Response | None:
        """Asks the module's `on_request`, if it has one."""
        said = self._ask("on_request", _describe(request))
        if said is None:
            return None
        try:
            return Response(str(said.get("body", "")), int(said["status"]), [(name, value) for name, value in said.get("headers", [])])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._fault(f"it returned no response: {error!r}") from None

    def on_response(self, request: Request, response: ResponseHead) -> None:
        """Asks the module's `on_response`, if it has one."""
        if "on_response" not in self._exports:
            return
        head = {"status": response.status_code, "headers": response.headers.multi_items()}
        said = self._ask("on_response", {"request": _describe(request), **head})
        if said is None:
            return
        try:
            headers = MutableHeaders([(name, value) for name, value in said.get("headers", head["headers"])])
            response.status_code = int(said.get("status", response.status_code))
        except (TypeError, ValueError, AttributeError) as error:
            raise self._fault(f"it returned no status and headers: {error!r}") from None
        response.headers.raw[:] = headers.raw

    def _ask(self, name: str, question: dict[str, Any]) -> Any:
        if name not in self._exports:
            return None
        store = Store(self._engine)
        store.set_limits(memory_size=self.memory_bytes_max)
        store.set_fuel(self.fuel_max)
        text = dumps(question)
        try:
            exports = Instance(store, self._module, []).exports(store)
            memory, allocate, call = exports["memory"], exports["allocate"], exports[name]
            if not isinstance(memory, Memory) or not isinstance(allocate, Func) or not isinstance(call, Func):
                raise self._fault("memory is no memory, or a function none")
            pointer = allocate(store, len(text))
            memory.write(store, text, pointer)
            place = call(store, pointer, len(text)) & 0xFFFFFFFFFFFFFFFF
            return loads(bytes(memory.read(store, place >> 32, (place >> 32) + (place & 0xFFFFFFFF)))) if place else None
        except (Trap, WasmtimeError, IndexError, ValueError, TypeError) as error:
            raise self._fault(str(error)) from None

    def _fault(self, why: str) -> PluginFault:
        return PluginFault(f"Cannot ask plugin {self._name}: {why}")


def _describe(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": request.scope.get("query_string", b"").decode("latin-1"),
        "headers": request.headers.multi_items(),
    }

"""Serving an application object from the process that holds it: ``vilya.serve(app)``."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from ._worker.interface import detect_interface
from ._worker.lifespan import StartError
from ._worker.report import report
from ._worker.worker import Worker, WorkerOptions
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

#: Where the engine is in the npm package and in a checkout, which this package comes with.
_ENGINE_BESIDE = Path(__file__).parents[4] / "bin/vilya"
_ATTACH = Path(__file__).parent / "_worker/attach.py"
_TETHER = Path(__file__).parent / "_worker/tether.py"


class EngineError(Exception):
    """The engine cannot be found, or has not ended well."""


def serve(
    app: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    interface: Literal["auto", "asgi", "asgi2", "wsgi"] = "auto",
    lifespan: Literal["auto", "on", "off"] = "auto",
    options: Mapping[str, str] | None = None,
    engine: str | None = None,
) -> None:
    """Serves the object until SIGINT or SIGTERM, in this process and this thread: the application shares everything with its caller.

    ``options`` are options of the configuration by their keys, as behind ``-o``. ``engine`` is the program ``vilya``: by default that of
    ``VILYA_ENGINE``, of the package that this one comes with, or in ``PATH``. For more than one process there is ``vilya run``.

    It blocks. In a notebook, whose thread runs a loop of its own, it goes into another thread: ``Thread(target=vilya.serve, args=(app,))``.

    Raises EngineError, also for an application that does not start, and InterfaceError for what is no application.
    """
    if _has_loop():
        raise EngineError("Cannot serve: an event loop runs in this thread, as in notebooks; a thread of its own is allowed")
    if (options or {}).get("workers.start") == "fork":
        raise EngineError("Cannot serve: workers.start is fork, and the application lives in this process; exec is allowed")
    kind = detect_interface(app) if interface == "auto" else interface
    command = [_find_engine(engine), "serve"]
    for key, value in {"server.host": host, "server.port": str(port), **(options or {})}.items():
        command += ["-o", f"{key}={value}"]
    worker = WorkerOptions(app=app, interface=kind, socket_path="", sdk="vilya-python", lifespan=lifespan)
    asyncio.run(_Embedding(worker).run(command))


class _Embedding:
    """The engine beside this process, and the worker in it.

    The engine starts a process for each worker that it wants; ours only says which socket it was given, and stays for as long as the
    worker here is connected to it.
    """

    def __init__(self, options: WorkerOptions) -> None:
        #: Without a socket: each worker is given one.
        self._options = options
        #: Workers that start or serve.
        self._worker_count = 0
        self._failure: StartError | None = None

    async def run(self, command: list[str]) -> None:
        with tempfile.TemporaryDirectory(prefix="vilya-") as directory:
            meeting = Path(directory) / "attach.sock"
            server = await asyncio.start_unix_server(self._attach, meeting)
            config = Path(directory) / "vilya.yaml"
            config.write_text(json.dumps(self._config(meeting)))
            async with server:
                # It must not serve on for a process that was killed.
                tether = (sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()))
                self._engine = await asyncio.create_subprocess_exec(*tether, *command, "-config", str(config), start_new_session=True)
                self._pass_signals_on(self._engine)
                exit_code = await self._engine.wait()
        if self._failure is not None:
            raise EngineError(f"Cannot serve: the application does not start ({self._failure})") from self._failure
        if exit_code != 0:
            raise EngineError(f"Cannot serve: the engine has ended with code {exit_code}")

    def _config(self, meeting: Path) -> dict[str, Any]:
        return {
            "runtime": "command",
            "command": [sys.executable, str(_ATTACH), str(meeting)],
            "cwd": os.getcwd(),
            "workers": {"count": 1, "max_requests": 0},
            "server": {"health_path": ""},
            "admin": {"enabled": False},
            "logging": {"level": "warn"},
        }

    async def _attach(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One worker, from the line that names its socket to its end."""
        self._worker_count += 1
        try:
            level, path = (await reader.readline()).decode().rstrip("\n").split(" ", 1)
            os.environ["VILYA_WORKER_LEVEL"] = level
            await Worker(replace(self._options, socket_path=path)).run()
        except StartError as error:
            report(str(error), error.__cause__)
            if self._worker_count == 1:
                # Nobody serves, and the object that failed stays the same.
                self._failure = error
                _send(self._engine, signal.SIGTERM)
        except Exception as error:
            report("The application cannot be served", error)
        finally:
            self._worker_count -= 1
            writer.close()

    def _pass_signals_on(self, engine: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, _send, engine, number)


def _has_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _send(engine: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        engine.send_signal(number)


def _find_engine(named: str | None) -> str:
    found = named or os.environ.get("VILYA_ENGINE") or (str(_ENGINE_BESIDE) if _ENGINE_BESIDE.is_file() else shutil.which("vilya"))
    if found is None:
        raise EngineError("Cannot serve: there is no engine, try: vilya in PATH, or VILYA_ENGINE with its path")
    if not os.access(found, os.X_OK):
        raise EngineError(f"Cannot serve: the engine {found} is no program, try: vilya in PATH, or VILYA_ENGINE with its path")
    return os.path.abspath(found)

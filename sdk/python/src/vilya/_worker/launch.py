"""The life of a worker process: loads the application, or is forked where it was loaded, serves it on the engine's socket, and exits."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import faulthandler
import io
import os
import signal
import sys
from .app_loader import LoadError, load_app
from .boot import boot_app
from .interface import INTERFACES, InterfaceError, detect_interface
from .lifespan import StartError
from .prototype import Prototype
from .quick_exit import leave_with
from .report import report
from .scope import SPEC_VERSIONS
from .worker import CONCURRENCY_DEFAULT, Worker, WorkerOptions
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

#: The application cannot be loaded or started: to try it again changes nothing.
EXIT_START_FAILED = 3
EXIT_USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code. Arguments that it does not know are those of a later engine."""
    options, _ = _parser().parse_known_args(arguments)
    _prepare_process()
    try:
        if options.prototype is None:
            _execute(options)
        else:
            _fork(options)
    except (LoadError, InterfaceError, StartError) as error:
        report(str(error), error.__cause__)
        return EXIT_START_FAILED
    except Exception as error:
        report("The worker has failed", error)
        return EXIT_START_FAILED
    return 0


def _execute(options: argparse.Namespace) -> None:
    # Some modules ask for a loop while they are imported.
    with _event_loop() as loop:
        app = load_app(options.entry)
        loop.run_until_complete(Worker(_worker_options(options, app)).run())


def _fork(options: argparse.Namespace) -> None:
    """Returns in each worker at its end, and in the process that they are forked from."""
    app = boot_app(options.entry)
    worker_options = _worker_options(options, app)
    order = Prototype(options.prototype, worker_options.sdk).run()
    if order is None:
        return
    order.become_worker()
    with _event_loop() as loop:
        loop.run_until_complete(Worker(replace(worker_options, socket_path=order.socket_path)).run())
    leave_with(0)


def _worker_options(options: argparse.Namespace, app: Any) -> WorkerOptions:
    return WorkerOptions(
        app=app,
        interface=detect_interface(app) if options.interface == "auto" else options.interface,
        socket_path=options.sock or "",
        sdk=f"vilya-python/{os.environ.get('VILYA_VERSION', '0')}",
        lifespan=options.lifespan,
        root_path=options.root_path,
        spec_version=options.spec_version,
        concurrency=options.concurrency or CONCURRENCY_DEFAULT,
        thread_count=options.threads,
        disconnect_grace=options.disconnect_grace,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vilya", description="A worker of Vilya; `vilya serve` starts workers.")
    parser.add_argument("entry", help="module:name or module:factory()")
    engine = parser.add_mutually_exclusive_group(required=True)
    engine.add_argument("--sock", help="the Unix socket that the engine listens on")
    engine.add_argument("--prototype", help="the same, for the process that workers are forked from")
    parser.add_argument("--interface", choices=("auto", *INTERFACES), default="auto")
    parser.add_argument("--lifespan", choices=("auto", "on", "off"), default="auto")
    parser.add_argument("--root-path", default="")
    parser.add_argument("--spec-version", choices=SPEC_VERSIONS, default=SPEC_VERSIONS[-1])
    parser.add_argument("--concurrency", type=int, default=0, help="of an ASGI application: requests at a time")
    parser.add_argument("--threads", type=int, default=16, help="of a WSGI application: requests at a time")
    parser.add_argument("--disconnect-grace", type=float, default=3.0, help="in seconds")
    return parser


def _prepare_process() -> None:
    sys.path.insert(0, os.getcwd())
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR2, all_threads=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The engine logs line by line, and a line that waits in a buffer comes too late.
            stream.reconfigure(line_buffering=True, errors="backslashreplace")


def _find_loops() -> Callable[[], asyncio.AbstractEventLoop]:
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop
    return asyncio.new_event_loop


#: Looked for once, before anything is forked.
_new_loop = _find_loops()


@contextlib.contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = _new_loop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        _close(loop)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=1))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()

"""The life of a worker process: loads the application, serves it on the engine's socket, and exits."""

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
from .interface import INTERFACES, InterfaceError, detect_interface
from .lifespan import StartError
from .report import report
from .scope import SPEC_VERSIONS
from .worker import CONCURRENCY_DEFAULT, Worker, WorkerOptions
from collections.abc import Sequence

#: The application cannot be loaded or started: to try it again changes nothing.
EXIT_START_FAILED = 3
EXIT_USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code. Arguments that it does not know are those of a later engine."""
    options, _ = _parser().parse_known_args(arguments)
    _prepare_process()
    loop = _new_loop()
    # Some modules ask for a loop while they are imported.
    asyncio.set_event_loop(loop)
    try:
        app = load_app(options.entry)
        interface = detect_interface(app) if options.interface == "auto" else options.interface
        worker = Worker(
            WorkerOptions(
                app=app,
                interface=interface,
                socket_path=options.sock,
                sdk=f"vilya-python/{os.environ.get('VILYA_VERSION', '0')}",
                lifespan=options.lifespan,
                root_path=options.root_path,
                spec_version=options.spec_version,
                concurrency=options.concurrency or CONCURRENCY_DEFAULT,
                thread_count=options.threads,
                disconnect_grace=options.disconnect_grace,
            )
        )
        loop.run_until_complete(worker.run())
    except (LoadError, InterfaceError, StartError) as error:
        report(str(error), error.__cause__)
        return EXIT_START_FAILED
    except Exception as error:
        report("The worker has failed", error)
        return EXIT_START_FAILED
    finally:
        _close(loop)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vilya", description="A worker of Vilya; `vilya serve` starts workers.")
    parser.add_argument("entry", help="module:name or module:factory()")
    parser.add_argument("--sock", required=True, help="the Unix socket that the engine listens on")
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


def _new_loop() -> asyncio.AbstractEventLoop:
    with contextlib.suppress(ImportError):
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        return loop
    return asyncio.new_event_loop()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=1))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()

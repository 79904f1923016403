"""The process that workers are forked from, up to the fork; ``test/python/fork.test.ts`` has what comes behind it."""

from __future__ import annotations

import contextlib
import gc
import os
import pytest
import re
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from vilya import hooks
from vilya._worker import messagepack
from vilya._worker.app_loader import LoadError
from vilya._worker.boot import boot_app
from vilya._worker.engine_link import HANDSHAKE, ProtocolError
from vilya._worker.lifespan import StartError
from vilya._worker.prototype import Prototype

pytestmark = pytest.mark.usefixtures("fresh_hooks")


@pytest.fixture
def collector() -> Iterator[None]:
    """Leaves the collector as it was: a prototype switches it off."""
    yield
    gc.unfreeze()
    gc.enable()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of the application, `served`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "served", raising=False)
    path = tmp_path / "served.py"
    path.write_text("async def app(scope, receive, send): ...\n")
    return path


class Peer:
    """The engine's end of a prototype's connection, whose words were all said before."""

    def __init__(self, folder: Path, words: bytes, *, ends: bool = True) -> None:
        self.path = str(folder / "p.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._words = words
        self._ends = ends
        self.heard = b""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def join(self) -> bytes:
        self._thread.join()
        self._listener.close()
        return self.heard

    def _serve(self) -> None:
        with self._listener.accept()[0] as connection:
            connection.sendall(self._words)
            if self._ends:
                connection.shutdown(socket.SHUT_WR)
            # One that does not read everything resets the connection.
            with contextlib.suppress(ConnectionResetError):
                while received := connection.recv(65_536):
                    self.heard += received


def framed(**message: object) -> bytes:
    payload = messagepack.pack(message)
    return struct.pack(">I", len(payload)) + payload


@pytest.mark.parametrize(
    ("words", "ends"),
    [(framed(type="stop"), False), (b"", True), (framed(type="later") + framed(type="stop"), False)],
    ids=["stop", "the end of the connection", "what it does not know"],
)
def test_it_greets_and_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: bytes, ends: bool) -> None:
    monkeypatch.setenv("VILYA_WORKER_LEVEL", "2")
    peer = Peer(tmp_path, HANDSHAKE + words, ends=ends)
    assert Prototype(peer.path, "test").run() is None
    heard = peer.join()
    hello = messagepack.unpack(heard[6:])
    assert (heard[:2], hello[b"type"], hello[b"features"]) == (b"OK", b"hello", (b"fork",))


def test_it_ends_where_the_engine_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VILYA_WORKER_LEVEL", "2")
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor() as threads:
        listener.bind(str(tmp_path / "p.sock"))
        listener.listen()
        prototype = threads.submit(Prototype, str(tmp_path / "p.sock"), "test")
        with listener.accept()[0] as engine:
            engine.sendall(HANDSHAKE)
            greeted = prototype.result()
        # What it has said was never read: the system reports a reset.
        assert greeted.run() is None


@pytest.mark.parametrize(("greeting", "level"), [(b"HTTP/1.1 400", "2"), (HANDSHAKE, "1")])
def test_it_refuses_what_is_no_engine_or_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greeting: bytes, level: str) -> None:
    monkeypatch.setenv("VILYA_WORKER_LEVEL", level)
    peer = Peer(tmp_path, greeting)
    with pytest.raises(ProtocolError, match="an engine that speaks level 2"):
        Prototype(peer.path, "test")
    peer.join()


@pytest.mark.parametrize("length", [0, (10 << 20) + 1])
def test_it_ends_where_a_frame_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setenv("VILYA_WORKER_LEVEL", "2")
    peer = Peer(tmp_path, HANDSHAKE + struct.pack(">I", length))
    with pytest.raises(ProtocolError, match=f"its length is {length}"):
        Prototype(peer.path, "test").run()
    peer.join()


def test_a_fork_that_the_system_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setenv("VILYA_WORKER_LEVEL", "2")
    monkeypatch.setattr(os, "fork", refuse)
    peer = Peer(tmp_path, HANDSHAKE + framed(type="fork", worker_id=7, sock="/s", max_requests=1, output="/o"))
    assert Prototype(peer.path, "test").run() is None
    assert framed(type="fork_failed", worker_id=7, error="[Errno 11] Resource temporarily unavailable") in peer.join()


def test_the_application_is_imported_and_what_it_holds_is_left_alone_by_the_collector(collector: None, module: Path) -> None:
    module.write_text(
        "import vilya\nevents = []\nvilya.hooks.before_fork(lambda: events.append('warm'))\nasync def app(scope, receive, send): ...\n"
    )
    app = boot_app("served:app")
    assert (app.__globals__["events"], gc.isenabled(), gc.get_freeze_count() > 0) == (["warm"], False, True)


def test_threads_that_run_at_the_fork_are_named(collector: None, module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    over = threading.Event()
    poller = threading.Thread(target=over.wait, name="poller")
    hooks.before_fork(poller.start)
    boot_app("served:app")
    over.set()
    poller.join()
    assert re.search(r"the application has started .*\bpoller while it was imported", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("source", "kind", "reason"),
    [
        ("import asyncio\nasyncio.get_event_loop()\n", LoadError, "it asks for an event loop, which only workers have"),
        ("raise RuntimeError('out of order')\n", LoadError, "Cannot load 'served:app': it fails"),
        (
            "import vilya\n@vilya.hooks.before_fork\ndef warm(): 1 / 0\napp = print\n",
            StartError,
            "the hook warm has failed",
        ),
    ],
)
def test_one_that_cannot_be_imported_before_the_fork_says_why(
    collector: None, module: Path, source: str, kind: type[Exception], reason: str
) -> None:
    module.write_text(source)
    with pytest.raises(kind, match=reason):
        boot_app("served:app")


def test_an_interpreter_without_fork_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with pytest.raises(LoadError, match=r'this Python has no os\.fork\(\), .*; without it use "start: exec"'):
        boot_app("served:app")


def test_one_without_the_gil_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    with pytest.raises(LoadError, match="this Python is free-threaded"):
        boot_app("served:app")

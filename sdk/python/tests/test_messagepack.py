"""Both codecs against the vectors of the worker protocol, and against what no engine would send."""

from __future__ import annotations

import json
import pytest
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from vilya._worker import codec, messagepack
from vilya._worker.messagepack import DEPTH_MAX, MessagePackError

VECTORS = Path(__file__).parents[3] / "spec/vectors/worker"
#: What an engine writes, and so a worker reads.
READ = ("requests", "short-requests", "events", "control")
WRITTEN = ("responses", "hellos", "streams", "notices", "credits", "sessions")


def vectors(*names: str) -> list[Any]:
    return [
        pytest.param(vector, id=f"{name}: {vector['name']}")
        for name in names
        for vector in json.loads((VECTORS / f"{name}.json").read_text())["vectors"]
    ]


def plain(value: Any) -> Any:
    """Bytes as one character each, which is how vectors write them."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return {plain(key): plain(item) for key, item in value.items()} if isinstance(value, dict) else value


Unpack = Callable[[bytes], Any]
UNPACKERS = pytest.mark.parametrize("unpack", [messagepack.unpack, codec.unpack], ids=["python", codec.CODEC_NAME])


@UNPACKERS
@pytest.mark.parametrize("vector", vectors(*READ))
def test_reads_what_an_engine_writes(vector: Any, unpack: Unpack) -> None:
    frame = bytes.fromhex(vector["hex"])
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    assert plain(unpack(frame[4:])) == vector["decoded"]


@pytest.mark.parametrize("vector", vectors(*WRITTEN))
def test_both_codecs_read_the_same(vector: Any) -> None:
    frame = bytes.fromhex(vector["hex"])
    at = 0
    while at + 4 <= len(frame) and (end := at + 4 + int.from_bytes(frame[at : at + 4], "big")) <= len(frame):
        payload, at = frame[at + 4 : end], end
        assert outcome(messagepack.unpack, payload) == outcome(codec.unpack, payload)


def outcome(unpack: Unpack, payload: bytes) -> Any:
    try:
        value = unpack(payload)
    except MessagePackError:
        return "refused"
    # What is skipped reads differently here.
    return re.sub(r"Timestamp\(.*?\)", "None", repr(value)) if isinstance(value, dict) else "refused"


@UNPACKERS
@pytest.mark.parametrize("vector", vectors("requests"))
def test_refuses_a_frame_that_ends_early(vector: Any, unpack: Unpack) -> None:
    frame = bytes.fromhex(vector["hex"])[4:]
    for end in {0, 1, 2, 5, len(frame) // 2, len(frame) - 1}:
        with pytest.raises(MessagePackError, match="Cannot read a frame"):
            unpack(frame[:end])
    with pytest.raises(MessagePackError, match="Cannot read a frame"):
        unpack(frame + b"\x00")


@UNPACKERS
@pytest.mark.parametrize("frame", [b"\xc1", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x81\x90\x01\x02"])
def test_refuses_lengths_that_lie_and_keys_that_are_none(frame: bytes, unpack: Unpack) -> None:
    with pytest.raises(MessagePackError, match="Cannot read a frame"):
        unpack(frame)


def test_reads_as_many_levels_as_the_protocol_allows() -> None:
    assert messagepack.unpack(b"\x91" * (DEPTH_MAX - 1) + b"\x90")
    with pytest.raises(MessagePackError, match="deeper"):
        messagepack.unpack(b"\x91" * DEPTH_MAX + b"\x90")


VALUES = [
    None,
    True,
    False,
    *(sign * (1 << bits) + more for bits in (0, 4, 5, 7, 8, 15, 16, 31, 32, 62) for sign in (1, -1) for more in (-1, 0, 1)),
    (1 << 64) - 1,
    -(1 << 63),
    *("x" * length for length in (0, 31, 32, 255, 256, 65_535, 65_536)),
    *(b"x" * length for length in (0, 255, 256, 65_535, 65_536)),
    *(["x"] * length for length in (0, 15, 16, 65_535, 65_536)),
    {str(index): index for index in range(15)},
    {str(index): index for index in range(70_000)},
]


@pytest.mark.parametrize("index", range(len(VALUES)))
def test_writes_what_both_codecs_read_back(index: int) -> None:
    value = {"value": VALUES[index]}
    read = codec.unpack(messagepack.pack(value))
    assert messagepack.unpack(messagepack.pack(value)) == read
    assert messagepack.unpack(codec.pack(value)) == read


def test_writes_bytes_of_every_kind_and_nothing_else() -> None:
    view = memoryview(b"abcdef")[1:3]
    assert messagepack.unpack(messagepack.pack([bytearray(b"a"), view, memoryview(b"\1\0\2\0").cast("H")])) == (b"a", b"bc", b"\1\0\2\0")
    for value in (1.5, object(), {1, 2}, 1 << 64):
        with pytest.raises(MessagePackError, match="Cannot write"):
            messagepack.pack(value)

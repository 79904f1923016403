"""Decodes the vectors of what an engine writes with the worker of docs/reference/wire.md: worker-vectors.py WORKER VECTORS_FOLDER."""

import importlib.util
import json
import os
import sys


def load(path):
    spec = importlib.util.spec_from_file_location("worker", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain(value):
    """Bytes as one character each, which is how vectors write them."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return value


worker = load(sys.argv[1])
for name in ("requests", "events", "control"):
    with open(os.path.join(sys.argv[2], name + ".json"), encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    for vector in vectors:
        frame = bytes.fromhex(vector["hex"])
        decoded, end = worker.unpack(frame, 4)
        if int.from_bytes(frame[:4], "big") != len(frame) - 4 or end != len(frame):
            sys.exit(f"{name}: {vector['name']}: its length is wrong")
        if plain(decoded) != vector["decoded"]:
            sys.exit(f"{name}: {vector['name']}: {plain(decoded)} is not {vector['decoded']}")
    print(name, len(vectors))

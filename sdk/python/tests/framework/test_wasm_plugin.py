import json
import pytest
from pathlib import Path
from typing import Any
from vilya import App, PlainTextResponse, Request, Response
from vilya.testing import TestClient
from vilya.wasm_plugin import PluginFault, WasmPlugin
from wasmtime import wat2wasm

ALLOCATE = '(func (export "allocate") (param i32) (result i32) (i32.const 4096))'


def module(tmp_path: Path, functions: str, memory: str = '(memory (export "memory") 2)') -> Path:
    path = tmp_path / "plugin.wasm"
    path.write_bytes(wat2wasm(f"(module {memory} {ALLOCATE} {functions})"))
    return path


def says(name: str, answer: Any, *, unless: str = "(i32.const 0)") -> str:
    """A function that returns a constant text, and nothing where the condition holds."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    data = "".join(f"\\{octet:02x}" for octet in text.encode())
    offset = 16 if name == "on_request" else 2048
    return f"""(data (i32.const {offset}) "{data}")
        (func (export "{name}") (param $pointer i32) (param $size i32) (result i64)
            (if (result i64) {unless} (then (i64.const 0))
                (else (i64.or (i64.shl (i64.const {offset}) (i64.const 32)) (i64.const {len(text.encode())})))))"""


def client_of(path: Path, **options: Any) -> TestClient:
    app = App(plugins=[WasmPlugin(path, **options)])

    @app.get("/{rest:path}")
    async def handler(request: Request) -> Response:
        return PlainTextResponse("handler", headers={"x-kept": "1"})

    return TestClient(app)


def test_answers_in_place_of_the_handler_or_lets_requests_pass(tmp_path: Path) -> None:
    # {"method":"GET","path":"/pass: the byte behind "/" is the 26th.
    passes = "(i32.eq (i32.load8_u (i32.add (local.get $pointer) (i32.const 25))) (i32.const 112))"
    refusal = {"status": 403, "headers": [["x-plugin", "wasm"]], "body": "grün"}
    client = client_of(module(tmp_path, says("on_request", refusal, unless=passes)))
    got = client.get("/stop")
    assert (got.status_code, got.text, got.headers["x-plugin"]) == (403, "grün", "wasm")
    assert client.get("/pass").text == "handler"


def test_changes_responses(tmp_path: Path) -> None:
    client = client_of(module(tmp_path, says("on_response", {"status": 202, "headers": [["x-new", "1"]]})))
    got = client.get("/")
    assert (got.status_code, got.headers.multi_items(), got.text) == (202, [("x-new", "1")], "handler")
    got = client_of(module(tmp_path, says("on_response", {"status": 202}))).get("/")
    assert (got.status_code, got.headers["x-kept"]) == (202, "1")


@pytest.mark.parametrize(
    "functions",
    [
        '(func (export "on_request") (param i32 i32) (result i64) (unreachable))',
        '(func (export "on_request") (param i32 i32) (result i64) (loop (br 0)) (unreachable))',
        '(func (export "on_request") (param i32 i32) (result i64) (drop (memory.grow (i32.const 300))) (i64.const -1))',
        '(func (export "on_request") (param i32) (result i64) (i64.const 0))',
        says("on_request", "no json"),
        says("on_request", "[]"),
        says("on_request", {}),
        says("on_request", {"status": "x"}),
        says("on_request", {"status": 200, "headers": [["a", "b\r\nc: d"]]}),
        says("on_request", {"status": 200, "headers": [["a"]]}),
        says("on_response", "[]"),
        says("on_response", {"headers": [["a b", "c"]]}),
        says("on_response", {"status": None}),
    ],
)
def test_faults_are_contained(tmp_path: Path, functions: str) -> None:
    client = client_of(module(tmp_path, functions))
    with pytest.raises(PluginFault, match="Cannot ask plugin"):
        client.get("/")
    client.raise_server_exceptions = False
    assert client.get("/").text == "Internal Server Error"


def test_computing_and_memory_are_bounded(tmp_path: Path) -> None:
    counts = """(func (export "on_request") (param i32 i32) (result i64) (local $n i32)
        (loop (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if 0 (i32.lt_u (local.get $n) (i32.const 1000)))) (i64.const 0))"""
    assert client_of(module(tmp_path, counts), fuel_max=20_000).get("/").status_code == 200
    with pytest.raises(PluginFault, match="fuel"):
        client_of(module(tmp_path, counts), fuel_max=2000).get("/")
    nothing = '(func (export "on_request") (param i32 i32) (result i64) (i64.const 0))'
    path = module(tmp_path, nothing, '(memory (export "memory") 16)')
    assert client_of(path, memory_bytes_max=16 * 65536).get("/").status_code == 200
    with pytest.raises(PluginFault, match="memory"):
        client_of(path, memory_bytes_max=16 * 65536 - 1).get("/")


def test_nothing_of_one_request_is_left_for_another(tmp_path: Path) -> None:
    remembers = """(global $calls (mut i32) (i32.const 0))
        (func (export "on_request") (param i32 i32) (result i64)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (if (i32.gt_u (global.get $calls) (i32.const 1)) (then (unreachable)))
            (i64.const 0))"""
    client = client_of(module(tmp_path, remembers))
    assert [client.get("/").status_code for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    "text",
    [
        "(module)",
        f'(module (memory (export "memory") 1) {ALLOCATE})',
        f'(module (import "env" "f" (func)) (memory (export "memory") 1) {ALLOCATE} {says("on_request", {})})',
    ],
)
def test_refuses_other_modules(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.wasm"
    path.write_bytes(wat2wasm(text))
    with pytest.raises(ValueError, match="must import nothing"):
        WasmPlugin(path)
    path.write_bytes(b"text")
    with pytest.raises(ValueError, match="Cannot load plugin"):
        WasmPlugin(path)

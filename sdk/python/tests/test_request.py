"""A request in both of its forms, and what an application is told of it."""

from __future__ import annotations

import pytest
from engine import Engine, Frame, in_loop
from typing import Any
from vilya._worker import messagepack
from vilya._worker.request import address_of, connection_of, request_of
from vilya._worker.scope import ScopeSettings, http_scope

LONG: Frame = {
    "id": 1,
    "method": "get",
    "path": "/a%C3%A9",
    "query": "x=1",
    "headers": {"Host": ["a"], "X-Tag": ["one", "two"]},
    "remote_addr": "192.0.2.1:50000",
    "host": "a",
    "scheme": "https",
    "http_version": "2",
    "server_addr": "[2001:db8::9]:443",
    "body": b"hello",
}
PAIRS = [["host", "a"], ["x-tag", "one"], ["x-tag", "two"]]
CONNECTION = "https 2 192.0.2.1:50000 [2001:db8::9]:443"
SHORT: Frame = {"id": 1, "request": ["get", "/a%C3%A9", "x=1", PAIRS, CONNECTION, None, b"hello"]}


def scope_of(frame: Frame) -> dict[str, Any]:
    return http_scope(request_of(messagepack.unpack(messagepack.pack(frame))), ScopeSettings())


def test_both_forms_say_the_same() -> None:
    scope = scope_of(SHORT)
    assert scope == scope_of(LONG)
    assert scope["method"] == "GET"
    assert (scope["path"], scope["raw_path"]) == ("/aé", b"/a%C3%A9")
    assert scope["headers"] == [(b"host", b"a"), (b"x-tag", b"one"), (b"x-tag", b"two")]
    assert (scope["scheme"], scope["http_version"]) == ("https", "2")
    assert (scope["client"], scope["server"]) == (("192.0.2.1", 50000), ("2001:db8::9", 443))


def test_what_only_some_requests_have_comes_beside() -> None:
    extras = {"route": "/{id}", "params": {"id": "é"}}
    short = {"id": 1, "request": [*SHORT["request"][:5], extras, b""]}
    scope = scope_of(short)
    assert scope["extensions"]["vilya"] == {"route": "/{id}", "params": {"id": "é"}}
    assert scope == scope_of({**LONG, **extras})


def test_no_scope_shares_what_an_app_may_change() -> None:
    settings = ScopeSettings(state={"a": 1})
    request = request_of(messagepack.unpack(messagepack.pack(SHORT)))
    one, other = http_scope(request, settings), http_scope(request, settings)
    for name in ("asgi", "headers", "extensions", "state"):
        assert one[name] == other[name] and one[name] is not other[name]


@pytest.mark.parametrize(
    ("host", "scheme", "server"),
    [
        ("a", "http", ("a", 80)),
        ("a", "https", ("a", 443)),
        ("a:8000", "http", ("a", 8000)),
        ("[::1]", "http", ("::1", 80)),
        ("", "http", None),
    ],
)
def test_where_the_engine_does_not_name_the_server_the_authority_does(host: str, scheme: str, server: Any) -> None:
    frame = {key: value for key, value in LONG.items() if key != "server_addr"}
    assert scope_of({**frame, "host": host, "scheme": scheme})["server"] == server


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (b"192.0.2.1:50000", ("192.0.2.1", 50000)),
        (b"[2001:db8::1]:1", ("2001:db8::1", 1)),
        (b"/run/a b.sock", ("/run/a b.sock", None)),
        (b"", None),
    ],
)
def test_addresses(text: bytes, address: Any) -> None:
    assert address_of(text) == address
    assert connection_of(b"http 1.0 unix: " + text)[3] == address


@in_loop
async def test_a_worker_answers_short_requests() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message["body"]})

    async with Engine(app) as engine:
        assert b"short_request" in engine.hello["features"]
        engine.send(**SHORT)
        assert (await engine.frame())["body"] == b"hello"

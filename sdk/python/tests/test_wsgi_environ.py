"""The environ of a WSGI application, held to the checker that Python brings along."""

from __future__ import annotations

import io
import pytest
from pathlib import Path
from typing import Any
from vilya._worker.scope import ScopeSettings
from vilya._worker.wsgi_environ import environ_of
from wsgiref.validate import check_environ  # type: ignore[attr-defined]


def environ(*, headers: dict[bytes, Any] | None = None, **changes: Any) -> dict[str, Any]:
    request = {
        b"method": b"POST",
        b"uri": b"/a",
        b"path": b"/a",
        b"query": b"",
        b"headers": headers or {},
        b"body": b"",
        b"remote_addr": b"192.0.2.1:5000",
        b"host": b"a.example",
        b"scheme": b"http",
        b"server_addr": b"192.0.2.2:8080",
        **{name.encode(): value for name, value in changes.items()},
    }
    made = environ_of(request, io.BytesIO(), ScopeSettings())
    check_environ(made)
    return made


def test_what_the_engine_knows_has_names_of_its_own() -> None:
    made = environ(route=b"/a", params={b"id": b"7"}, tls={b"version": b"TLSv1.3"})
    assert made["vilya.route"] == "/a"
    assert made["vilya.params"] == {"id": "7"}
    assert made["vilya.tls"] == {"version": "TLSv1.3"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("192.0.2.2", "8080")),
        ({"server_addr": b"/run/vilya.sock"}, ("a.example", "80")),
        ({"server_addr": b"/run/vilya.sock", "scheme": b"https"}, ("a.example", "443")),
        ({"server_addr": b"/run/vilya.sock", "host": b"[::1]:81"}, ("::1", "81")),
        ({"server_addr": b"/run/vilya.sock", "host": b""}, ("localhost", "80")),
    ],
)
def test_server_name_and_port_are_never_empty(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    made = environ(**changes)
    assert (made["SERVER_NAME"], made["SERVER_PORT"]) == expected


def test_a_body_that_is_there_has_a_length_though_it_came_in_chunks(tmp_path: Path) -> None:
    chunked = {b"Transfer-Encoding": (b"chunked",)}
    stored = tmp_path / "body"
    stored.write_bytes(b"hello world")
    assert environ(headers=chunked, body=b"hello")["CONTENT_LENGTH"] == "5"
    assert environ(headers=chunked, body_file=bytes(stored))["CONTENT_LENGTH"] == "11"
    assert "HTTP_TRANSFER_ENCODING" not in environ(headers=chunked, body=b"hello")


def test_a_body_that_arrives_has_the_length_that_its_client_says() -> None:
    assert "CONTENT_LENGTH" not in environ(headers={b"Transfer-Encoding": (b"chunked",)}, body_stream=True)
    assert environ(headers={b"Content-Length": (b"9",)}, body_stream=True)["CONTENT_LENGTH"] == "9"


def test_a_client_of_a_unix_socket_has_no_address() -> None:
    made = environ(remote_addr=b"unix:")
    assert (made["REMOTE_ADDR"], made["REMOTE_PORT"]) == ("", "")


def test_a_request_for_the_server_as_a_whole_has_no_path() -> None:
    made = environ(method=b"OPTIONS", uri=b"*", path=b"*")
    assert (made["PATH_INFO"], made["REQUEST_URI"]) == ("", "*")

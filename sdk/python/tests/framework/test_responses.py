import pytest
from typing import Any
from vilya import App, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from vilya.testing import TestClient


def answered(response: Any, method: str = "GET") -> Any:
    return TestClient(App([]) if response is None else response).request(method, "/", follow_redirects=False)


@pytest.mark.parametrize(
    ("response", "body", "kind"),
    [
        (Response(b"x"), b"x", None),
        (Response("é", media_type="text/css"), b"\xc3\xa9", "text/css; charset=utf-8"),
        (Response(memoryview(b"x")), b"x", None),
        (PlainTextResponse("x"), b"x", "text/plain; charset=utf-8"),
        (HTMLResponse("<p>"), b"<p>", "text/html; charset=utf-8"),
        (JSONResponse({"a": [1, None, "é"]}), '{"a":[1,null,"é"]}'.encode(), "application/json"),
        (JSONResponse(2**70), str(2**70).encode(), "application/json"),
        (JSONResponse({1: 2}), b'{"1":2}', "application/json"),
        (JSONResponse({}, headers={"x-a": "1"}), b"{}", "application/json"),
        (JSONResponse({}, media_type="application/problem+json"), b"{}", "application/problem+json"),
        (Response(b"x", headers={"Content-Type": "text/x-own"}, media_type="text/css"), b"x", "text/x-own"),
    ],
)
def test_sends_body_length_and_type(response: Response, body: bytes, kind: str | None) -> None:
    got = answered(response)
    assert got.status_code == 200
    assert got.content == body
    assert got.headers["content-length"] == str(len(body))
    assert got.headers.get("content-type") == kind
    assert got.headers.getlist("content-type") == ([] if kind is None else [kind])


@pytest.mark.parametrize("status_code", [204, 304])
def test_statuses_without_content_have_no_length(status_code: int) -> None:
    for response in (Response(status_code=status_code), Response(status_code=status_code, media_type="text/css")):
        got = answered(response)
        assert "content-length" not in got.headers
        assert "content-type" not in got.headers


def test_a_subclass_renders_what_it_takes() -> None:
    class Shouting(JSONResponse):
        def render(self, content: Any) -> bytes:
            return super().render(content).upper()

    assert answered(Shouting("a")).content == b'"A"'


def test_refuses_what_is_neither_text_nor_bytes() -> None:
    with pytest.raises(TypeError, match="JSONResponse"):
        Response({"a": 1})
    with pytest.raises((ValueError, TypeError)):
        JSONResponse(object())


def test_headers_are_checked_wherever_they_are_set() -> None:
    with pytest.raises(ValueError, match="control character"):
        Response(headers={"x": "a\r\nset-cookie: b=c"})
    with pytest.raises(ValueError, match="control character"):
        Response().headers["x"] = "a\nb"
    with pytest.raises(ValueError, match="control character"):
        Response(media_type="text/html\r\nx: y")
    with pytest.raises(ValueError, match="token"):
        Response().set_cookie("a\r\n", "b")


def test_cookies_are_set_and_taken_back() -> None:
    response = Response()
    response.set_cookie("a", "1", max_age=60, httponly=True)
    response.set_cookie("b", "2")
    response.delete_cookie("c", path="/x")
    cookies = answered(response).headers.getlist("set-cookie")
    assert cookies[0] == "a=1; Max-Age=60; Path=/; SameSite=Lax; HttpOnly"
    assert cookies[1] == "b=2; Path=/; SameSite=Lax"
    assert cookies[2].startswith("c=; Max-Age=0; Expires=")
    assert cookies[2].endswith("Path=/x; SameSite=Lax")


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/a?b=c", "/a?b=c"),
        ("https://example.org/é", "https://example.org/%C3%A9"),
        ("/a%20b", "/a%20b"),
        ("/a\r\nset-cookie: x", "/a%0D%0Aset-cookie:%20x"),
    ],
)
def test_redirects(url: str, location: str) -> None:
    got = answered(RedirectResponse(url))
    assert got.status_code == 307
    assert got.headers["location"] == location
    assert answered(RedirectResponse(url, 303)).status_code == 303


def test_a_head_has_the_length_of_the_body_it_leaves_out() -> None:
    got = answered(PlainTextResponse("abc"), "HEAD")
    assert (got.headers["content-length"], got.content) == ("3", b"")

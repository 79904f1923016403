import pytest
from datetime import datetime, timezone
from http.cookies import SimpleCookie
from vilya.cookies import parse_cookies, render_cookie


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=1;b=2", {"a": "1", "b": "2"}),
        ("a=1; a=2", {"a": "1"}),
        ("a=b=c", {"a": "b=c"}),
        ("nothing; =x; a=", {"a": ""}),
        ('a="q\\"\\073\\303\\251"', {"a": 'q";é'}),
        ("  a  =  1  ", {"a": "1"}),
    ],
)
def test_parses(header: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(header) == cookies


@pytest.mark.parametrize("value", ["", "plain", "with space", "semi;colon", 'quo"te', "back\\slash", "é→", "a,b", "\r\nset-cookie: x"])
def test_every_value_comes_back_and_stays_on_its_line(value: str) -> None:
    rendered = render_cookie("a", value, path=None, samesite=None)
    assert "\r" not in rendered
    assert "\n" not in rendered
    assert ";" not in rendered
    assert parse_cookies(rendered) == {"a": value}


def test_is_read_by_the_standard_library() -> None:
    assert SimpleCookie(render_cookie("a", 'x; "y"', path=None, samesite=None))["a"].value == 'x; "y"'


def test_renders_attributes() -> None:
    rendered = render_cookie(
        "s", "1", max_age=60, expires=datetime(2030, 1, 2, tzinfo=timezone.utc), domain="example.org", secure=True, httponly=True
    )
    assert rendered == (
        "s=1; Max-Age=60; Expires=Wed, 02 Jan 2030 00:00:00 GMT; Domain=example.org; Path=/; SameSite=Lax; Secure; HttpOnly"
    )
    assert "Secure" in render_cookie("s", "1", samesite="none")
    assert render_cookie("s", "1", partitioned=True, path=None).endswith("SameSite=Lax; Secure; Partitioned")


def test_refuses_what_could_end_an_attribute() -> None:
    with pytest.raises(ValueError, match="token"):
        render_cookie("a b", "1")
    with pytest.raises(ValueError, match="Path holds"):
        render_cookie("a", "1", path="/; Domain=evil")
    with pytest.raises(ValueError, match="Domain holds"):
        render_cookie("a", "1", domain="x\r\ny")
    with pytest.raises(ValueError, match="SameSite"):
        render_cookie("a", "1", samesite="maybe")  # type: ignore[arg-type]

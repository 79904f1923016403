import pytest
from vilya.headers import Headers, MutableHeaders


def test_reads_names_in_any_case_and_every_value() -> None:
    headers = Headers(raw=[(b"accept", b"a"), (b"x-a", b"1"), (b"accept", b"b")])
    assert headers["Accept"] == "a"
    assert headers.getlist("ACCEPT") == ["a", "b"]
    assert headers.get("missing") is None
    assert "x-A" in headers
    assert list(headers) == ["accept", "x-a"]
    assert len(headers) == 2
    assert headers.multi_items() == [("accept", "a"), ("x-a", "1"), ("accept", "b")]


def test_setting_replaces_every_value_and_appending_adds_one() -> None:
    headers = MutableHeaders(raw=[(b"a", b"1"), (b"b", b"2"), (b"a", b"3")])
    headers["A"] = "4"
    headers.append("b", "5")
    assert headers.raw == [(b"a", b"4"), (b"b", b"2"), (b"b", b"5")]
    del headers["b"]
    assert headers.raw == [(b"a", b"4")]
    assert headers.setdefault("a", "6") == "4"
    assert headers.setdefault("c", "7") == "7"


def test_vary_names_each_header_once() -> None:
    headers = MutableHeaders({"vary": "Accept"})
    headers.add_vary("accept")
    headers.add_vary("Cookie")
    assert headers["vary"] == "Accept, Cookie"
    headers["vary"] = "*"
    headers.add_vary("Origin")
    assert headers["vary"] == "*"


@pytest.mark.parametrize("value", ["a\r\nset-cookie: x=1", "a\nb", "a\rb", "a\0b", "\x7f", "a\x0bb"])
def test_refuses_what_could_end_a_field(value: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        MutableHeaders()["x"] = value


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "ä", "a\0"])
def test_refuses_names_that_are_no_tokens(name: str) -> None:
    with pytest.raises(ValueError, match="must be a token"):
        Headers({name: "x"})


def test_keeps_latin_1_and_refuses_the_rest() -> None:
    assert Headers({"x": "é"}).raw == [(b"x", b"\xe9")]
    with pytest.raises(ValueError, match="latin-1"):
        Headers({"x": "→"})


def test_a_copy_to_write_to_is_another() -> None:
    headers = Headers({"a": "1"})
    copy = headers.mutablecopy()
    copy["a"] = "2"
    assert headers["a"] == "1"

"""Parameters with several values a name: few are looked through, many have a table."""

from __future__ import annotations

import pytest
from urllib.parse import parse_qsl, unquote_plus
from vilya.params import FIELDS_MAX, MultiDict, parse_urlencoded


@pytest.mark.parametrize("count", [1, 16, 17, FIELDS_MAX])
def test_gives_the_last_value_of_a_name_however_many_there_are(count: int) -> None:
    pairs = [(f"name{at}", str(at)) for at in range(count)] + [("name0", "last")]
    params = MultiDict(pairs)
    assert dict(params) == dict(pairs)
    assert params["name0"] == params.get("name0") == "last"
    assert params.get("none", "default") == "default"
    with pytest.raises(KeyError):
        params["none"]


@pytest.mark.parametrize(
    "text", ["a+b", "%41%e2%82%ac", "%E2%82a", "%zz%4", "%", "%%41", "caf\xe9%20\u20ac", "%C3\xa9", "%2B+%26", "%f0%9f%98%80%ff"]
)
def test_undoes_escapes_as_the_standard_library_does(text: str) -> None:
    assert parse_urlencoded(f"{text}={text}", FIELDS_MAX) == [(unquote_plus(text), unquote_plus(text))]
    assert parse_urlencoded(f"a={text}", FIELDS_MAX) == parse_qsl(f"a={text}")

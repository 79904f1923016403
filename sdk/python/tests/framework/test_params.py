"""Parameters with several values a name: few are looked through, many have a table."""

from __future__ import annotations

import pytest
from vilya.params import FIELDS_MAX, MultiDict


@pytest.mark.parametrize("count", [1, 16, 17, FIELDS_MAX])
def test_gives_the_last_value_of_a_name_however_many_there_are(count: int) -> None:
    pairs = [(f"name{at}", str(at)) for at in range(count)] + [("name0", "last")]
    params = MultiDict(pairs)
    assert dict(params) == dict(pairs)
    assert params["name0"] == params.get("name0") == "last"
    assert params.get("none", "default") == "default"
    with pytest.raises(KeyError):
        params["none"]

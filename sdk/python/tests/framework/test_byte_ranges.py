import pytest
from vilya.byte_ranges import RANGES_MAX, parse_ranges


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-", [(0, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-30", [(0, 10)]),
        ("bytes=8-99", [(8, 10)]),
        ("Bytes = 1-2 , 4-5", [(1, 3), (4, 6)]),
        ("bytes=4-5,1-2", [(4, 6), (1, 3)]),
        ("bytes=0-4,2-6", [(0, 7)]),
        ("bytes=0-4,5-6", [(0, 7)]),
        ("bytes=10-", []),
        ("bytes=-0", []),
        ("bytes=10-,0-0", [(0, 1)]),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=1-2-3", None),
        ("bytes=", None),
        ("bytes", None),
        ("items=0-1", None),
        ("bytes=" + "9" * 19 + "-", None),
        ("bytes=+1-2", None),
        ("bytes=\u0661-2", None),
        ("bytes=" + ",".join(["0-0"] * RANGES_MAX), [(0, 1)]),
        ("bytes=" + ",".join(["0-0"] * (RANGES_MAX + 1)), None),
    ],
)
def test_parses(header: str, ranges: list[tuple[int, int]] | None) -> None:
    assert parse_ranges(header, 10) == ranges


def test_an_empty_file_satisfies_no_range() -> None:
    assert parse_ranges("bytes=0-", 0) == []

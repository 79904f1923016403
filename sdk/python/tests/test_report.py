"""What is said of errors."""

from __future__ import annotations

import pytest
from vilya._worker.report import describe

#: Whoever makes one by hand may say that it is at no number; Python cannot show that.
ODD = SyntaxError("odd", ("file", 1, "no number", "text"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("plain"), "ValueError: plain\n"),
        (ValueError("\ud800"), "ValueError: \\ud800\n"),
        (ODD, "SyntaxError: its text cannot be made"),
    ],
    ids=["plain", "half of a character", "odd"],
)
def test_every_error_can_be_described(error: BaseException, text: str) -> None:
    assert describe(error) == text
    assert describe(error).encode()


def test_a_long_text_is_its_end() -> None:
    described = describe(ValueError("x" * 100_000 + "the end"))
    assert (len(described), described.endswith("the end\n")) == (16_384, True)

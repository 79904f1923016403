"""What goes to STDERR, where the engine reads it line by line into its log."""

from __future__ import annotations

import sys
import traceback

#: The engine keeps so much of an error's text. docs/reference/wire.md W1.47.
_TEXT_LENGTH_MAX = 16_384


def report(event: str, error: BaseException | None = None) -> None:
    """Says what has happened, with the error's traceback if there is one."""
    text = event if error is None else f"{event}\n{describe(error)}"
    sys.stderr.write(f"{text.rstrip()}\n")
    sys.stderr.flush()


def describe(error: BaseException) -> str:
    """The traceback; of a long one its end, which holds the cause. Never fails, whatever the error consists of."""
    try:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception:
        # A SyntaxError that somebody has made, for one, may say that it is at no number.
        text = f"{type(error).__name__}: its text cannot be made"
    # What clients send may be in it, and that may be half of a character: JSON allows it.
    return text[-_TEXT_LENGTH_MAX:].encode("utf-8", "backslashreplace").decode()

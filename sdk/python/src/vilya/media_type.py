"""Header values with options, `multipart/form-data; boundary="x"`."""

from __future__ import annotations

import re
from urllib.parse import unquote

# RFC 9110 §5.6.6: a token or a quoted text behind each `;`.
_OPTION = re.compile(r""";\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)""")


def parse_options(value: str) -> tuple[str, dict[str, str]]:
    """What stands first, in lower case, and the options behind it. Options with `*` are decoded (RFC 8187) and win."""
    kind = value.partition(";")[0].strip().lower()
    options: dict[str, str] = {}
    extended: dict[str, str] = {}
    for name, quoted in _OPTION.findall(value):
        # HTML §4.10.21.8 writes `"` as %22 and no backslash but itself: only what must be unquoted is.
        text = re.sub(r'\\(["\\])', r"\1", quoted[1:-1]) if quoted.startswith('"') else quoted
        if name.endswith("*") and text.count("'") >= 2:
            charset, _, encoded = text.split("'", 2)
            try:
                extended.setdefault(name[:-1].lower(), unquote(encoded, encoding=charset or "utf-8"))
            except LookupError:
                continue
        else:
            options.setdefault(name.lower(), text)
    return kind, {**options, **extended}

"""File names that every system takes, and cells that no spreadsheet runs."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["inert_cell", "safe_file_name"]

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
# Windows refuses these whatever the extension.
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_MOST_CHARACTERS = 80
# Linux allows 255 bytes; the rest is kept for extension and temporary marks.
_MOST_BYTES = 200

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_file_name(text: str, *, fallback: str = "导出") -> str:
    """Stem of a file name for Windows, Linux and macOS.

    Parameters
    ----------
    text : str
        What it should say, such as a plan's name.
    fallback : str
        If nothing is left.

    Returns
    -------
    str
        Without forbidden characters, not a reserved name, at most 80 characters and 200 bytes.

    Examples
    --------
    >>> safe_file_name('2024年/云城区: "台账"?'), safe_file_name("CON"), safe_file_name("...")
    ('2024年_云城区_ _台账__', '_CON', '导出')
    """
    plain = "".join(
        c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cc", "Cf")
    )
    name = _FORBIDDEN.sub("_", plain)[:_MOST_CHARACTERS]
    name = name.encode()[:_MOST_BYTES].decode(errors="ignore").strip(" .")
    if not name:
        return fallback
    return f"_{name}" if _RESERVED.match(name) else name


def inert_cell(value: str) -> str:
    """Text of a CSV cell that a spreadsheet shows and does not calculate.

    Examples
    --------
    >>> inert_cell("=HYPERLINK(1)"), inert_cell("玉皇路小区")
    ("'=HYPERLINK(1)", '玉皇路小区')
    """
    return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value

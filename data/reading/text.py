"""Text from outside: bytes to characters without loss, and the one rule for what may enter the store."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["SHOWN", "clean", "decode_text", "listed"]

# Tab, line feed and carriage return are let through; other control characters cut text in GDAL formats.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufeff\ufffe\uffff]")

# How many rows, names or problems a sentence or list names before it only counts them.
SHOWN = 50


def clean(text: str) -> str:
    r"""NFC, no control characters, trimmed: every text passes here on its way into the store.

    Examples
    --------
    >>> clean(" 幸福里\x00小区 ")
    '幸福里小区'
    """
    return _CONTROLS.sub("", unicodedata.normalize("NFC", text)).strip()


def decode_text(data: bytes) -> tuple[str, str]:
    """Decode a text file strictly; the encodings that office programs in China write.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    text : str
    encoding : str
        ``UTF-8``, ``UTF-16`` or ``GBK`` (GB18030, which contains it).

    Raises
    ------
    UnicodeDecodeError
        If none of them fits.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig"), "UTF-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("gb18030"), "GBK"


def listed(numbers: list[int]) -> str:
    """Row numbers as a reader wants them: runs joined, long lists cut.

    Examples
    --------
    >>> listed([41, 42, 43, 59])
    '41–43、59'
    """
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    shown = [f"{a}" if a == b else f"{a}–{b}" for a, b in runs[:10]]
    return "、".join(shown) + (" 等" if len(runs) > 10 else "")

"""Units as ledgers write them, in heads, in a line above the table, or behind a number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

__all__ = ["UNITS", "Unit", "declared_units", "normal", "split_head"]

Dimension = Literal["money", "area", "count"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit and what it is worth in yuan, ㎡ or pieces."""

    title: str
    dimension: Dimension
    factor: Fraction


def _unit(title: str, dimension: Dimension, factor: int | Fraction) -> Unit:
    return Unit(title=title, dimension=dimension, factor=Fraction(factor))


_WAN = 10_000

# Keys as they look after NFKC (㎡ and m² are m2) in lower case.
UNITS: dict[str, Unit] = {
    "元": _unit("元", "money", 1),
    "千元": _unit("千元", "money", 1_000),
    "万元": _unit("万元", "money", _WAN),
    "百万元": _unit("百万元", "money", 1_000_000),
    "亿元": _unit("亿元", "money", 100_000_000),
    **dict.fromkeys(("m2", "平方米", "平米", "平方"), _unit("㎡", "area", 1)),
    **dict.fromkeys(("万m2", "万平方米", "万平米", "万平方", "万平"), _unit("万㎡", "area", _WAN)),
    **dict.fromkeys(("公顷", "ha"), _unit("公顷", "area", 10_000)),
    "亩": _unit("亩", "area", Fraction(2_000, 3)),
    **dict.fromkeys(
        ("户", "栋", "幢", "座", "个", "处", "套", "辆", "家", "层"), _unit("", "count", 1)
    ),
    "万户": _unit("万户", "count", _WAN),
}

_BRACKETED = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_DECLARATION = re.compile(r"单位[::]?\s*(.+)")
_BETWEEN = re.compile(r"[、,;/\s和及与]+")


def normal(text: str) -> str:
    r"""Text for comparison: NFKC, lower case, no blanks and line breaks.

    Examples
    --------
    >>> normal("居民户\n数（户）")
    '居民户数(户)'
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def split_head(head: str) -> tuple[str, str | None]:
    """Split the head of a column into title and unit.

    Parameters
    ----------
    head : str
        As in the sheet, line breaks and all.

    Returns
    -------
    title : str
        Normalised, without the unit; other brackets stay.
    unit : str or None
        Key of :data:`UNITS`.

    Examples
    --------
    >>> split_head("住宅建筑面积（万平方米）")
    ('住宅建筑面积', '万平方米')
    >>> split_head("投资/万元")
    ('投资', '万元')
    >>> split_head("镇（街）")
    ('镇(街)', None)
    """
    text = normal(head)
    for found in _BRACKETED.finditer(text):
        inner = found.group(1).removeprefix("单位").lstrip(":")
        if inner in UNITS:
            return text[: found.start()] + text[found.end() :], inner
    title, slash, tail = text.rpartition("/")
    if slash and tail in UNITS:
        return title, tail
    title, comma, tail = text.rpartition(",")
    if comma and tail.removeprefix("单位:") in UNITS:
        return title, tail.removeprefix("单位:")
    return text, None


def declared_units(text: str) -> dict[Dimension, str]:
    """Units of a line such as ``单位：万平方米、万元``, by dimension; empty if it is no such line.

    Examples
    --------
    >>> declared_units("单位：万平方米、万元")
    {'area': '万平方米', 'money': '万元'}
    """
    plain = re.sub(r"[()]", " ", unicodedata.normalize("NFKC", text)).lower()
    found = _DECLARATION.search(plain)
    if found is None:
        return {}
    words = [word for word in _BETWEEN.split(found.group(1).strip()) if word in UNITS]
    return {UNITS[word].dimension: word for word in words}

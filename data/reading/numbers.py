"""Numbers and dates as people write them in ledgers, read strictly.

``/`` is none (0), an empty cell is unknown; full-width digits, thousands separators and units behind the
number are read; ``约300户`` is read and said; ``约三百`` is not a number, but the message says what it
would be. Nothing is read as something else in silence.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from data.reading.units import UNITS

__all__ = ["NotReadable", "Number", "Reading", "read_date", "read_number"]

# Beyond this no figure of a plan can be meant (reliability report 4: numbers within 1e12).
LARGEST = Decimal(10) ** 12

_NONE = {"/", "-", "--", "—", "——", "–", "\\", "无", "没有", "〇"}
_UNKNOWN = {
    "",
    "?",
    "??",
    "未知",
    "不详",
    "不明",
    "待定",
    "待核",
    "待核实",
    "待补",
    "暂无",
    "n/a",
    "na",
}
_ABOUT = "约|大约|大概|近|将近|接近|≈|~"
_ROUGHLY = "余|多|来"
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<about>{_ABOUT})?(?P<cny>¥|￥)?"
    r"(?P<digits>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+)(?P<power>e[+-]?\d{1,2})?"
    rf"(?P<rough>{_ROUGHLY})?(?P<unit>{_UNIT}|万|亿)?(?P<tail>{_ROUGHLY}|左右|上下)?"
)
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_STEPS = {"十": 10, "百": 100, "千": 1_000}


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number and the unit that stood behind it.

    Attributes
    ----------
    value : Decimal
        As written, before any unit.
    unit : str or None
        Key of ``UNITS``, or ``万`` or ``亿`` without more.
    about : bool
        True if the writer said that it is rough.
    """

    value: Decimal
    unit: str | None = None
    about: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A date: ISO text, and whether only the year stood there."""

    value: str
    is_year: bool
    note: str = ""


class NotReadable(Exception):  # noqa: N818 - becomes part of a finding, is never shown as it is
    """A cell that holds something else; `suggestion` is what it may mean, if anything."""

    def __init__(self, suggestion: Any = None) -> None:
        self.suggestion = suggestion
        super().__init__()


def read_number(raw: Any) -> Number | None:
    """Read a cell as a number.

    Parameters
    ----------
    raw : str, int, float, bool or None
        The cell.

    Returns
    -------
    Number or None
        None if the cell is empty or says that it is not known; 0 for ``/``.

    Raises
    ------
    NotReadable
        With the number that may be meant, if there is one.

    Examples
    --------
    >>> read_number("１，２３４．５").value
    Decimal('1234.5')
    >>> read_number("约300户").about
    True
    """
    if raw is None:
        return None
    if isinstance(raw, bool):
        raise NotReadable
    if isinstance(raw, int | float):
        # Fifteen digits are what Excel itself shows of a float: 8.450000000000001 is 8.45.
        return Number(value=_checked(Decimal(f"{raw:.15g}" if isinstance(raw, float) else raw)))
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(raw))).lower()
    if text in _UNKNOWN:
        return None
    if text in _NONE:
        return Number(value=Decimal(0))
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise NotReadable(_suggestion(text))
    value = Decimal(found["digits"].replace(",", "") + (found["power"] or ""))
    about = bool(found["about"] or found["rough"] or found["tail"])
    return Number(value=_checked(value), unit=found["unit"], about=about)


def read_date(raw: Any) -> Reading | None:
    """Read a cell as a date: a bare year is its 31 December, a month its last day.

    Returns
    -------
    Reading or None
        None if the cell is empty or says that it is not known.

    Raises
    ------
    NotReadable
        With the year that may be meant, if there is one.

    Examples
    --------
    >>> read_date("1998年")
    Reading(value='1998-12-31', is_year=True, note='')
    >>> read_date("1998.6").value
    '1998-06-30'
    """
    if raw is None:
        return None
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(raw))).lower()
    if text in _UNKNOWN or text in _NONE:
        return None
    found = re.fullmatch(
        r"(\d{4})(?:年|[-./])?(?:(\d{1,2})(?:月|[-./])?(?:(\d{1,2})日?)?)?(?:[t ]?00:00(?::00)?(?:\.0+)?)?",
        text,
    )
    if found is None or (len(text) > 4 and text.isdigit() and len(text) != 8):
        raise NotReadable(_year_in(text))
    parts = [int(part) if part else None for part in found.groups()]
    if not _is_date(*parts):
        raise NotReadable(_year_in(text))
    return _date(parts[0] or 0, parts[1], parts[2])


def _is_date(year: int | None, month: int | None, day: int | None) -> bool:
    if year is None or not 1840 <= year <= 2100:
        return False
    if month is not None and not 1 <= month <= 12:
        return False
    return day is None or 1 <= day <= calendar.monthrange(year, month or 1)[1]


def _date(year: int, month: int | None, day: int | None) -> Reading:
    if month is None:
        return Reading(value=f"{year}-12-31", is_year=True)
    if day is None:
        last = calendar.monthrange(year, month)[1]
        text = f"只写到月，按 {year} 年 {month} 月 {last} 日"
        return Reading(value=f"{year}-{month:02d}-{last}", is_year=False, note=text)
    return Reading(value=f"{year}-{month:02d}-{day:02d}", is_year=False)


def _checked(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) > LARGEST:
        raise NotReadable
    return value


def _suggestion(text: str) -> Decimal | None:
    """Return the number that Chinese numerals mean, or the only number in the text."""
    plain = re.sub(rf"^(?:{_ABOUT})|(?:{_ROUGHLY}|左右|上下|{_UNIT})+$", "", text)
    plain = re.sub(rf"(?:{_ROUGHLY})$", "", plain)
    if plain and set(plain) <= set(_HAN_DIGITS) | set(_HAN_STEPS) | {"万"}:
        return Decimal(_han_number(plain))
    numbers = re.findall(r"\d+(?:\.\d+)?", text)
    return Decimal(numbers[0]) if len(numbers) == 1 and "-" not in text else None


def _han_number(text: str) -> int:
    if "万" in text:
        high, _, low = text.partition("万")
        return (_han_number(high) if high else 1) * 10_000 + (_han_number(low) if low else 0)
    total, digit = 0, 0
    for char in text:
        if char in _HAN_STEPS:
            total += (digit or 1) * _HAN_STEPS[char]
            digit = 0
        else:
            digit = _HAN_DIGITS[char]
    return total + digit


def _year_in(text: str) -> int | None:
    years = [int(year) for year in re.findall(r"(?:18|19|20)\d\d", text)]
    return max(years) if years else None

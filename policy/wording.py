"""How figures are written for a planner, in one place for page, legend, sheet and file.

"/" where the ledger has none, 未知 where nobody knows; never 0 for unknown and never NaN.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, SupportsFloat

import pandas as pd

from errors import RecordError

__all__ = [
    "NONE",
    "UNKNOWN",
    "format_area",
    "format_count",
    "format_date",
    "format_hectares",
    "format_per_household",
    "format_share",
    "format_wan",
    "format_wan_m2",
    "format_width",
    "format_yuan",
]

UNKNOWN = "未知"
NONE = "/"

YUAN_PER_WAN = Decimal(10_000)
M2_PER_HECTARE = Decimal(10_000)
M2_PER_WAN = Decimal(10_000)


def format_wan(yuan: SupportsFloat | None, *, none: str = NONE) -> str:
    """万元 with thousands separators and one decimal, more only where the sum needs them to be exact.

    Parameters
    ----------
    yuan : int or None
        Whole yuan; None or NA is unknown.
    none : str
        What to write for 0: "/" as in the ledgers, "0.0" in totals.

    Returns
    -------
    str

    Examples
    --------
    >>> format_wan(4_008_000), format_wan(19_288_000), format_wan(400), format_wan(0), format_wan(None)
    ('400.8', '1,928.8', '0.04', '/', '未知')
    """
    if _unknown(yuan):
        return UNKNOWN
    amount = _decimal(yuan) / YUAN_PER_WAN
    if amount == 0:
        return none
    text = f"{amount:f}".rstrip("0") if "." in f"{amount:f}" else f"{amount:f}"
    decimals = len(text.partition(".")[2])
    return f"{amount:,.{max(1, decimals)}f}"


def format_yuan(yuan: SupportsFloat | None, *, none: str = NONE) -> str:
    """Whole yuan with thousands separators.

    Examples
    --------
    >>> format_yuan(4_008_000), format_yuan(0), format_yuan(None)
    ('4,008,000', '/', '未知')
    """
    if _unknown(yuan):
        return UNKNOWN
    whole = _rounded(yuan, 0)
    return none if whole == 0 else f"{whole:,}"


def format_per_household(yuan: SupportsFloat | None) -> str:
    """元/户, whole, with thousands separators; 0 is written as 0.

    Examples
    --------
    >>> format_per_household(400_000 / 24), format_per_household(None)
    ('16,667', '未知')
    """
    return UNKNOWN if _unknown(yuan) else f"{_rounded(yuan, 0):,}"


def format_count(number: SupportsFloat | None) -> str:
    """Households, buildings, stalls: whole, with thousands separators.

    Examples
    --------
    >>> format_count(1061), format_count(None)
    ('1,061', '未知')
    """
    return UNKNOWN if _unknown(number) else f"{_rounded(number, 0):,}"


def format_area(m2: SupportsFloat | None) -> str:
    """㎡, whole, with thousands separators.

    Examples
    --------
    >>> format_area(7225.49), format_area(float("nan"))
    ('7,225', '未知')
    """
    return UNKNOWN if _unknown(m2) else f"{_rounded(m2, 0):,}"


def format_width(m: SupportsFloat | None) -> str:
    """Clear width in 米, down to the centimetre: 3.998 is less than 4; a millimetre is noise.

    Examples
    --------
    >>> format_width(4.996), format_width(3.9995), format_width(5.5), format_width(None)
    ('4.99', '4', '5.5', '未知')
    """
    return UNKNOWN if _unknown(m) else f"{math.floor(float(m) * 100 + 0.1) / 100:g}"  # type: ignore[arg-type]


def format_hectares(m2: SupportsFloat | None) -> str:
    """公顷 with two decimals, from ㎡.

    Examples
    --------
    >>> format_hectares(151_575)
    '15.16'
    """
    return UNKNOWN if _unknown(m2) else f"{_rounded(_decimal(m2) / M2_PER_HECTARE, 2):,}"


def format_wan_m2(m2: SupportsFloat | None) -> str:
    """万㎡ with two decimals, from ㎡.

    Examples
    --------
    >>> format_wan_m2(84_500), format_wan_m2(None)
    ('8.45', '未知')
    """
    return UNKNOWN if _unknown(m2) else f"{_rounded(_decimal(m2) / M2_PER_WAN, 2):,}"


def format_share(share: SupportsFloat | None) -> str:
    """Write a share of 0 to 1 as per cent with one decimal.

    Examples
    --------
    >>> format_share(0.0971), format_share(None)
    ('9.7%', '未知')
    """
    return UNKNOWN if _unknown(share) else f"{_rounded(_decimal(share) * 100, 1)}%"


def format_date(text: str | None, *, is_year: bool = False) -> str:
    """Write a stored ISO date as 2024年6月30日, or as 2000年 where only the year is known.

    Parameters
    ----------
    text : str or None
        ``2000-12-31``; None is unknown.
    is_year : bool
        The day is the 31 December that stands for a bare year.

    Returns
    -------
    str

    Raises
    ------
    RecordError
        If the text is no date.

    Examples
    --------
    >>> format_date("2024-06-30"), format_date("2000-12-31", is_year=True), format_date(None)
    ('2024年6月30日', '2000年', '未知')
    """
    if _unknown(text) or not text:
        return UNKNOWN
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError as err:
        raise RecordError("日期", [f"“{text}”不是日期，请写成 2000-12-31 的样子。"]) from err
    return f"{day.year}年" if is_year else f"{day.year}年{day.month}月{day.day}日"


def _unknown(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _decimal(value: Any) -> Decimal:
    """Take the value as it prints: 400.8 is 400.8, not its binary neighbour."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    if hasattr(value, "item"):
        value = value.item()
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _rounded(value: Any, decimals: int) -> Decimal:
    """Half up, as on paper, not half to even."""
    result = _decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return result + 0  # -0 becomes 0

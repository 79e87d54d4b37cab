"""Strict reading of one plain figure of a rule: a date, a share, an amount, a word, a list of words.

What a figure may look like is said in `EXAMPLES`, by unit; messages quote it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from errors import PolicyError

__all__ = [
    "EXAMPLES",
    "FIRST_DAY",
    "LAST_DAY",
    "date",
    "flag",
    "month_day",
    "number",
    "share",
    "text",
    "texts",
    "whole",
    "wrong",
]

# Dates of these plans lie between the founding of the housing bureaus and the end of the next plans.
FIRST_DAY, LAST_DAY = dt.date(1949, 10, 1), dt.date(2060, 12, 31)
# Long enough for every figure of a plan; "1e999999999" is no figure but a way to keep a computer busy.
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20}|/\d{1,20})?")

EXAMPLES = {
    "日期": "2000-12-31",
    "月日": '"10-31"',
    "日": "25",
    "工作日": "5",
    "年": "5",
    "比例": "2/3、0.15 或 20%",
    "元": "1000",
    "户": "1061",
    "人": "19000",
    "个": "5",
    "轮": "1",
    "㎡": "7225",
    "米": "4.5",
    "数": "1.5",
    "是否": "true 或 false",
    "文字": "一句话",
    "列表": "[甲, 乙]",
    "小区情况": "urban_village",
    "小区情况表": "[party_branch, owners_committee]",
    "资金来源": "[central, residents]",
    "拨付": "[{when: 进度, progress: 50%, share: 30%}, …]",
    "年度任务": "[{years: [2020, 2020], compounds: 79}]",
    "金额表": "[{name: 明珠苑小区, amount: 120000}]",
    "面积表": "[{name: 宿舍, amount: 600}]",
    "数量表": "[{name: 明珠苑小区, amount: 26}]",
    "日程": '[{what: 宣传发动, first: "05", last: "06-30"}]',
}


def wrong(raw: Any, where: str, unit: str) -> PolicyError:
    """Say that a value does not fit its unit, and how to write one that does."""
    return PolicyError(f"{where} 是 {raw!r}，单位是“{unit}”，应写成 {EXAMPLES[unit]} 的样子。")


def date(raw: Any, where: str) -> dt.date:
    """Read a full date of these plans' times."""
    if isinstance(raw, str):
        try:
            raw = dt.date.fromisoformat(raw)
        except ValueError as err:
            raise wrong(raw, where, "日期") from err
    if not isinstance(raw, dt.date) or isinstance(raw, dt.datetime):
        raise wrong(raw, where, "日期")
    if not FIRST_DAY <= raw <= LAST_DAY:
        raise PolicyError(
            f"{where} 的日期 {raw} 不在 {FIRST_DAY.year}—{LAST_DAY.year} 年之间，请核对年份。"
        )
    return raw


def month_day(raw: Any, where: str) -> tuple[int, int]:
    """Read a day of every year, as ``10-31``."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", raw) if isinstance(raw, str) else None
    if not found:
        raise wrong(raw, where, "月日")
    month, day = int(found[1]), int(found[2])
    try:
        dt.date(2000, month, day)
    except ValueError as err:
        raise wrong(raw, where, "月日") from err
    return month, day


def whole(least: int, most: int, unit: str) -> Callable[[Any, str], int]:
    """Make a reader of whole numbers within limits."""

    def read(raw: Any, where: str) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise wrong(raw, where, unit)
        if not least <= raw <= most:
            raise PolicyError(f"{where} 是 {raw}，应在 {least} 到 {most} 之间，请核对。")
        return raw

    return read


def share(raw: Any, where: str) -> Fraction:
    """Read an exact share of 0 to 1: ``2/3``, ``0.15`` or ``20%``."""
    written = raw.strip() if isinstance(raw, str) else repr(raw)
    found = _exact(written.removesuffix("%").strip())
    if isinstance(raw, bool) or found is None:
        raise wrong(raw, where, "比例")
    found = found / 100 if written.endswith("%") else found
    if not 0 <= found <= 1:
        raise PolicyError(f"{where} 是 {raw}，比例应在 0 到 1 之间（如 2/3、0.15、20%），请改正。")
    return found


def number(unit: str) -> Callable[[Any, str], Fraction]:
    """Make a reader of exact numbers that are not negative."""

    def read(raw: Any, where: str) -> Fraction:
        found = _exact(raw.strip() if isinstance(raw, str) else repr(raw))
        if isinstance(raw, bool) or found is None:
            raise wrong(raw, where, unit)
        if found < 0:
            raise PolicyError(f"{where} 是 {raw}，不能小于 0，请改正。")
        return found

    return read


def flag(raw: Any, where: str) -> bool:
    """Read true or false."""
    if not isinstance(raw, bool):
        raise wrong(raw, where, "是否")
    return raw


def text(raw: Any, where: str, unit: str = "文字") -> str:
    """Read a text with something in it."""
    if not isinstance(raw, str) or not raw.strip():
        raise wrong(raw, where, unit)
    return raw


def texts(raw: Any, where: str, unit: str = "列表") -> tuple[str, ...]:
    """Read a list of texts, at least one, none of them twice."""
    if not isinstance(raw, list | tuple) or not raw:
        raise wrong(raw, where, unit)
    items = tuple(text(item, f"{where}[{k}]") for k, item in enumerate(raw))
    doubled = sorted({item for item in items if items.count(item) > 1})
    if doubled:
        raise PolicyError(f"{where} 里 {'、'.join(doubled)} 写了两次，请删去一个。")
    return items


def _exact(written: str) -> Fraction | None:
    if not _NUMBER.fullmatch(written):
        return None
    try:
        return Fraction(written)
    except ZeroDivisionError:
        return None

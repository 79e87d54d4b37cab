"""Figures and days of a recorded vote: read exactly, and checked for what can not be.

An area is taken as it prints (0.1 is a tenth, not its binary neighbour), so that a vote at the threshold is
decided by the figures that the planner sees.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any

import pandas as pd

from errors import RecordError
from policy.rule_units import FIRST_DAY, LAST_DAY

__all__ = ["AREAS", "HEADS", "NAMES", "check_vote", "read_day", "read_figures", "read_number"]

# Whole, those who took part, those who agreed.
HEADS = ("owners_total", "owners_voted", "owners_agreed")
AREAS = ("area_total_m2", "area_voted_m2", "area_agreed_m2")
DAYS = ("held_on", "notice_from", "notice_to")

# The words of data/schema.py, which this room must not import; a test holds the two together.
NAMES: Mapping[str, str] = {
    "round": "轮次",
    "held_on": "表决日期",
    "owners_total": "业主总人数",
    "owners_voted": "参与人数",
    "owners_agreed": "同意人数",
    "area_total_m2": "专有部分总面积",
    "area_voted_m2": "参与面积",
    "area_agreed_m2": "同意面积",
    "notice_from": "公示开始日期",
    "notice_to": "公示结束日期",
}

# Short enough that no text makes a number of a million digits.
_NUMBER = re.compile(
    r"[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,20})?([eE][+-]?\d{1,2})?", re.ASCII
)


def read_number(raw: object) -> Fraction | None:
    """Read a count or an area as it prints.

    Parameters
    ----------
    raw : object
        int, float, Decimal, Fraction, numpy number or text; None, NA, NaN and an empty text are unknown.

    Returns
    -------
    Fraction or None

    Raises
    ------
    ValueError
        If it is no number.

    Examples
    --------
    >>> read_number(0.1), read_number("1,061"), read_number(float("nan"))
    (Fraction(1, 10), Fraction(1061, 1), None)
    """
    if isinstance(raw, Fraction):
        return raw
    if _unknown(raw):
        return None
    readable = isinstance(raw, Real | Decimal | str) and not isinstance(raw, bool)
    text = unicodedata.normalize("NFKC", str(raw) if readable else repr(raw)).strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Fraction(text.replace(",", ""))


def read_day(raw: object) -> dt.date | None:
    """Read a day of a vote or a notice; None, NA and an empty text are unknown.

    Raises
    ------
    ValueError
        If it is no day between 1949 and 2060; the message is Chinese and says what would be right.

    Examples
    --------
    >>> read_day("2024-10-08"), read_day("")
    (datetime.date(2024, 10, 8), None)
    """
    if _unknown(raw):
        return None
    day = _day(raw)
    if day is None:
        raise ValueError(f"是“{raw}”，不是日期，请写成 2024-10-08 的样子")
    if not FIRST_DAY <= day <= LAST_DAY:
        years = f"{FIRST_DAY.year}—{LAST_DAY.year}"
        raise ValueError(f"是 {day}，不在 {years} 年之间，请核对年份")
    return day


def check_vote(values: Mapping[str, Any], where: str, *, today: dt.date | None = None) -> None:
    """Refuse a vote that can not be, with all that is wrong at once.

    Parameters
    ----------
    values : mapping
        By the names of `policy.judged.VOTE_COLUMNS`; what is missing or None is unknown.
    where : str
        What the message calls the vote, such as 第 3 行 or the compound's name.
    today : date, optional
        A vote held later is refused; a notice may still be running.

    Raises
    ------
    RecordError
        More agreeing than taking part, more taking part than there are, negative or not whole heads, areas
        likewise, totals missing, a notice that ends before it begins, a day that is none, nothing at all.
    """
    problems = [
        *read_figures(values)[1],
        *_missing(values),
        *_round_problems(values),
        *_day_problems(values),
        *_too_late(values, today),
    ]
    if problems:
        raise RecordError(where, problems)


def read_figures(values: Mapping[str, Any]) -> tuple[dict[str, Fraction | None], list[str]]:
    """Read heads and areas.

    Parameters
    ----------
    values : mapping
        As in `check_vote`.

    Returns
    -------
    tuple
        Figures by name, None where unknown; and one Chinese sentence for each thing that can not be.
    """
    figures: dict[str, Fraction | None] = {}
    problems: list[str] = []
    for keys, unit in ((HEADS, "人"), (AREAS, "㎡")):
        for key in keys:
            figures[key], wrong = _read(values.get(key), key, unit)
            problems += wrong
        problems += [
            f"{NAMES[less]} {values[less]} {unit}多于{NAMES[more]} {values[more]} {unit}，请核对这两个数。"
            for more, less in _pairs(keys)
            if _exceeds(figures[less], figures[more])
        ]
    return figures, problems


def _read(raw: Any, key: str, unit: str) -> tuple[Fraction | None, list[str]]:
    try:
        number = read_number(raw)
    except ValueError as err:
        return None, [f"{NAMES[key]}“{_cut(err)}”不是数，请只填数字（单位 {unit}）。"]
    wrong = [] if number is None else _impossible(number, key, raw)
    return (None if wrong else number), wrong


def _exceeds(part: Fraction | None, whole: Fraction | None) -> bool:
    return part is not None and whole is not None and part > whole


def _impossible(number: Fraction, key: str, raw: object) -> list[str]:
    if number < 0:
        return [f"{NAMES[key]} {raw} 小于 0，请改正。"]
    if key in HEADS and number.denominator != 1:
        return [f"{NAMES[key]} {raw} 不是整数，人数（户数）请填整数。"]
    if number == 0 and key in (HEADS[0], AREAS[0]):
        return [f"{NAMES[key]}是 0，请填实际数；不清楚的请留空。"]
    return []


def _pairs(keys: tuple[str, str, str]) -> Iterator[tuple[str, str]]:
    """Each figure with those that it can not be less than; the agreeing also with the whole."""
    whole, voted, agreed = keys
    yield from ((whole, voted), (voted, agreed), (whole, agreed))


def _round_problems(values: Mapping[str, Any]) -> list[str]:
    raw = values.get("round")
    try:
        number = read_number(raw)
    except ValueError:
        number = Fraction(0)
    if number is None or (number.denominator == 1 and 1 <= number <= 9):
        return []
    return [f"轮次“{_cut(raw)}”应是 1 到 9 的整数。"]


def _day_problems(values: Mapping[str, Any]) -> list[str]:
    problems, days = [], {}
    for key in DAYS:
        try:
            days[key] = read_day(values.get(key))
        except ValueError as err:
            problems.append(f"{NAMES[key]}{_cut(err)}。")
    first, last = days.get("notice_from"), days.get("notice_to")
    if first is not None and last is not None and last < first:
        problems.append(f"公示结束日期 {last} 早于公示开始日期 {first}，请核对两个日期。")
    return problems


def _missing(values: Mapping[str, Any]) -> list[str]:
    """Say which wholes are missing, and whether there is anything at all."""
    problems = [
        f"未填{NAMES[whole]}，无法计算比例，请补上。"
        for whole, *parts in (HEADS, AREAS)
        if _unknown(values.get(whole)) and not all(_unknown(values.get(part)) for part in parts)
    ]
    if all(_unknown(values.get(key)) for key in (*HEADS, *AREAS, "notice_from", "notice_to")):
        problems.append("没有表决结果，也没有公示日期，请至少填写其中一项。")
    last, first = values.get("notice_to"), values.get("notice_from")
    if _unknown(first) and not _unknown(last):
        problems.append("只有公示结束日期，没有公示开始日期，请补上。")
    return problems


def _too_late(values: Mapping[str, Any], today: dt.date | None) -> list[str]:
    try:
        held = read_day(values.get("held_on"))
    except ValueError:  # told by _day_problems
        return []
    if today is None or held is None or held <= today:
        return []
    return [f"表决日期 {held} 在今天（{today}）之后，请核对。"]


def _day(raw: object) -> dt.date | None:
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    text = raw.strip() if isinstance(raw, str) else ""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}([ T].*)?", text, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _unknown(raw: Any) -> bool:
    if isinstance(raw, str):
        return not raw.strip()
    if isinstance(raw, Decimal):
        return raw.is_nan()
    return raw is None or (pd.api.types.is_scalar(raw) and bool(pd.isna(raw)))


def _cut(raw: object) -> str:
    """Quote so much of a long text as tells which it is."""
    text = str(raw)
    return text if len(text) <= 60 else f"{text[:60]}…"

"""Notice periods in working days, with the public holidays and make-up working days of mainland China.

Counted as 民法典 第二百零一条 has it: the day on which a notice is posted does not count, counting starts with
the next day; the last day counts. The holidays are those of the library ``chinese_calendar``; for a year that it
does not have yet, Monday to Friday stand in, and the result says so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import chinese_calendar
from chinese_calendar import constants

from errors import RecordError
from policy.rule_units import FIRST_DAY, LAST_DAY

__all__ = ["COVERED", "Workdays", "last_day", "workdays"]

# First and last year whose holidays the library has; each autumn's release adds one.
COVERED: tuple[int, int] = (min(constants.holidays).year, max(constants.holidays).year)
SATURDAY = 5
ONE_DAY = dt.timedelta(days=1)
# The longest notice that a rule may ask for (policy.rule_units).
MOST_WORKDAYS = 250


@dataclass(frozen=True, kw_only=True)
class Workdays:
    """Working days between two days.

    Attributes
    ----------
    count : int
    beyond : bool
        Whether a day of the period lies outside the years whose holidays are known.
    note : str
        A whole sentence that says so; empty otherwise.
    """

    count: int
    beyond: bool = False
    note: str = ""


def workdays(first: dt.date, last: dt.date) -> Workdays:
    """Count the working days of a notice.

    Parameters
    ----------
    first : date
        Day of posting; not counted (民法典 第二百零一条).
    last : date
        Last day of the notice; counted if it is a working day.

    Raises
    ------
    RecordError
        If the last day is before the first, or one is outside 1949–2060.

    Examples
    --------
    Saturday 12 October 2024 made up for the holidays of 1–7 October.

    >>> workdays(dt.date(2024, 9, 30), dt.date(2024, 10, 12)).count
    5
    """
    first, last = _day(first), _day(last)
    if last < first:
        raise RecordError("公示", [f"公示结束日期 {last} 早于开始日期 {first}，请核对两个日期。"])
    days = [first + ONE_DAY * k for k in range(1, (last - first).days + 1)]
    unknown = sorted({day.year for day in days if not _covered(day)})
    return Workdays(
        count=sum(map(_is_workday, days)),
        beyond=bool(unknown),
        note=_note(unknown) if unknown else "",
    )


def last_day(first: dt.date, workdays: int) -> dt.date:
    """Earliest last day of a notice that is long enough.

    Parameters
    ----------
    first : date
        Day of posting; not counted.
    workdays : int
        How many working days the notice has to last, 0 to 250.

    Raises
    ------
    RecordError
        If the day is outside 1949–2060 or the number outside 0 to 250.

    Examples
    --------
    >>> last_day(dt.date(2024, 9, 30), 5)
    datetime.date(2024, 10, 12)
    """
    day = _day(first)
    if not 0 <= workdays <= MOST_WORKDAYS:
        raise RecordError("公示", [f"公示期 {workdays} 个工作日应在 0 到 {MOST_WORKDAYS} 之间。"])
    left = workdays
    while left:
        day += ONE_DAY
        left -= _is_workday(day)
    return day


def _day(day: dt.date) -> dt.date:
    """Take the date of a time, and refuse what no plan can mean."""
    day = day.date() if isinstance(day, dt.datetime) else day
    if not FIRST_DAY <= day <= LAST_DAY:
        raise RecordError("公示", [f"日期 {day} 应在 {FIRST_DAY} 到 {LAST_DAY} 之间，请核对。"])
    return day


def _covered(day: dt.date) -> bool:
    return COVERED[0] <= day.year <= COVERED[1]


@cache
def _is_workday(day: dt.date) -> bool:
    """Look up one day; kept, since the library goes through its whole table for each."""
    return bool(chinese_calendar.is_workday(day)) if _covered(day) else day.weekday() < SATURDAY


def _note(years: list[int]) -> str:
    named = "、".join(map(str, years)) if len(years) <= 3 else f"{years[0]}—{years[-1]}"
    return (
        f"节假日安排只收录 {COVERED[0]}—{COVERED[1]} 年，{named} 年按周一至周五计，"
        "请对照国务院办公厅放假通知核对。"
    )

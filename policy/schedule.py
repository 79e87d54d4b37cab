"""Dates of stages: in order, without overlap, without a gap, none left out.

利通区's own dates are the example: (一) runs to the end of June and (三) begins on 20 June; (二) is not there;
between building and acceptance lie two months in which nothing is planned.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import pandas as pd

from errors import RecordError
from policy.profiles import Rule
from policy.stage_list import find_stage, stage_ids, stages
from policy.wording import format_date

__all__ = ["Period", "ScheduleFinding", "date_findings", "schedule", "schedule_findings"]

# Years of these plans.
YEARS = range(2000, 2061)

_NUMERALS = "一二三四五六七八九十"
_NUMBERED = re.compile(rf"[（(]([{_NUMERALS}])[）)]")


@dataclass(frozen=True, kw_only=True)
class Period:
    """One stage with the days it runs.

    Attributes
    ----------
    title : str
    first, last : date
        Both belong to it.
    number : int or None
        As numbered in the plan, to see what is left out.
    clause : str
        Where it stands; may be empty.
    """

    title: str
    first: dt.date
    last: dt.date
    number: int | None = None
    clause: str = ""

    @property
    def label(self) -> str:
        """Number and title, as “(三)制订改造规划方案”."""
        return f"{_numeral(self.number)}{self.title}"


@dataclass(frozen=True, kw_only=True)
class ScheduleFinding:
    """One thing wrong with dates.

    Attributes
    ----------
    kind : {"颠倒", "重叠", "空档", "缺项"}
    subject : str
        Stages or compound that it is about.
    first, last : date or None
        Days concerned.
    days : int
        How many are concerned.
    message : str
        Whole sentence: what, and what to do.
    """

    kind: Literal["颠倒", "重叠", "空档", "缺项"]
    subject: str
    first: dt.date | None
    last: dt.date | None
    days: int
    message: str


def schedule(rule: Rule, *, year: int | None = None) -> tuple[Period, ...]:
    """Dates that a plan gives its stages.

    Parameters
    ----------
    rule : Rule
        Of kind ``schedule``.
    year : int, optional
        By default the rule's; the source leaves it blank (20xx).

    Returns
    -------
    tuple of Period
        Numbered as the plan numbers the stages, where it does.

    Raises
    ------
    RecordError
        If there is no year, or none of these plans.

    Examples
    --------
    >>> from policy.profiles import profiles
    >>> rule = profiles()["litong-parking"].rules["schedule"]
    >>> [period.label for period in schedule(rule, year=2024)][:2]
    ['(一)宣传发动', '(三)制订改造规划方案']
    """
    year = rule.get("year") if year is None else year
    if isinstance(year, bool) or year not in YEARS:
        said = "原文留空" if year is None else f"是“{year}”"
        problem = f"{rule.title}的年份{said}，请填写 {YEARS[0]}—{YEARS[-1]} 之间的一年。"
        raise RecordError("日程", [problem])
    return tuple(
        Period(
            number=_number(rule.document, step.what),
            title=step.what,
            first=_first_day(year, step.first),
            last=_last_day(year, step.last),
            clause=rule.clause,
        )
        for step in rule.get("steps") or ()
    )


def schedule_findings(periods: Sequence[Period]) -> list[ScheduleFinding]:
    """Hold the stages of a schedule against each other.

    Parameters
    ----------
    periods : sequence of Period
        In the order in which they are to follow.

    Returns
    -------
    list of ScheduleFinding

    Examples
    --------
    >>> from policy.profiles import profiles
    >>> rule = profiles()["litong-parking"].rules["schedule"]
    >>> found = schedule_findings(schedule(rule, year=2024))
    >>> [(one.kind, one.subject, one.days) for one in found][:2]
    [('缺项', '(二)', 0), ('重叠', '(一)宣传发动、(三)制订改造规划方案', 11)]
    """
    found = _left_out(periods)
    found += [_reversed(period) for period in periods if period.last < period.first]
    for before, after in pairwise(periods):
        found += _between(before, after)
    return found


def date_findings(records: pd.DataFrame, key: str) -> list[ScheduleFinding]:
    """Find stages of a compound that were reached, or are planned, before an earlier stage of the plan.

    Parameters
    ----------
    records : DataFrame
        With `policy.stages.STAGE_COLUMNS`; the day reached counts, else the day planned.
    key : str
        Document of the plan whose order holds; a plan without stages has that of the union.

    Returns
    -------
    list of ScheduleFinding
        `subject` is the uid of the compound.
    """
    order = {stage.id: k for k, stage in reversed(list(enumerate(stages(key) or stages())))}
    dated = records.assign(
        day=_days(records["reached_on"]).fillna(_days(records["planned_on"])),
        place=stage_ids(records["stage"]).map(order),
    )
    dated = dated.dropna(subset=["day", "place"]).sort_values(["place", "day"], kind="stable")
    latest = dated.groupby("compound_uid")["day"].cummax()
    wrong = dated[dated["day"] < latest]
    return [_before_earlier(dated, str(row["compound_uid"]), row) for _, row in wrong.iterrows()]


def _days(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")


def _before_earlier(dated: pd.DataFrame, uid: str, row: pd.Series[Any]) -> ScheduleFinding:
    mine = dated[(dated["compound_uid"] == uid) & (dated["place"] < row["place"])]
    other = mine.loc[mine["day"].idxmax()]
    day, later = row["day"].date(), other["day"].date()
    here, there = find_stage(row["stage"]).title, find_stage(other["stage"]).title
    return ScheduleFinding(
        kind="颠倒",
        subject=uid,
        first=day,
        last=later,
        days=(later - day).days,
        message=f"“{here}”的日期 {_said(day)}早于前一阶段“{there}”的 {_said(later)}，请核对两个日期。",
    )


def _left_out(periods: Sequence[Period]) -> list[ScheduleFinding]:
    numbers = [period.number for period in periods if period.number is not None]
    missing = sorted(set(range(1, max(numbers, default=0))) - set(numbers))
    return [
        ScheduleFinding(
            kind="缺项",
            subject=_numeral(number),
            first=None,
            last=None,
            days=0,
            message=f"阶段编号缺{_numeral(number)}，请对照原文补上这一阶段，或改正编号。",
        )
        for number in missing
    ]


def _reversed(period: Period) -> ScheduleFinding:
    return ScheduleFinding(
        kind="颠倒",
        subject=period.label,
        first=period.first,
        last=period.last,
        days=(period.first - period.last).days,
        message=(
            f"{period.label}的结束日 {_said(period.last)}早于开始日 {_said(period.first)}，"
            f"请核对{period.clause}。"
        ),
    )


def _between(before: Period, after: Period) -> list[ScheduleFinding]:
    """Say what is wrong between a stage and the next."""
    pair = f"{before.label}、{after.label}"
    if after.first < before.first:
        return [
            ScheduleFinding(
                kind="颠倒",
                subject=pair,
                first=after.first,
                last=before.first,
                days=(before.first - after.first).days,
                message=(
                    f"{after.label}（{_said(after.first)}起）排在{before.label}"
                    f"（{_said(before.first)}起）之后，却先开始，请调整{after.clause}。"
                ),
            )
        ]
    overlap = (min(before.last, after.last) - after.first).days + 1
    if overlap > 0:
        last = min(before.last, after.last)
        return [
            ScheduleFinding(
                kind="重叠",
                subject=pair,
                first=after.first,
                last=last,
                days=overlap,
                message=(
                    f"{before.label}到{_said(before.last)}，{after.label}从{_said(after.first)}开始，"
                    f"重叠 {overlap} 天，请确认是否同时进行{after.clause}。"
                ),
            )
        ]
    gap = (after.first - before.last).days - 1
    if gap <= 0:
        return []
    first, last = before.last + dt.timedelta(days=1), after.first - dt.timedelta(days=1)
    return [
        ScheduleFinding(
            kind="空档",
            subject=pair,
            first=first,
            last=last,
            days=gap,
            message=(
                f"{before.label}和{after.label}之间 {_said(first)}至{_said(last)}共 {gap} 天没有安排，"
                f"请补上或提前{after.clause}。"
            ),
        )
    ]


def _said(day: dt.date) -> str:
    return format_date(day.isoformat())


def _numeral(number: int | None) -> str:
    if number is None:
        return ""
    return f"({_NUMERALS[number - 1]})" if number <= len(_NUMERALS) else f"({number})"


def _number(plan: str, word: str) -> int | None:
    """Find the number that the plan gives a stage, as （三） in the section where it names it."""
    sections = [stage.named[0].section for stage in stages(plan) if stage.named[0].word == word]
    numbers = [_NUMERALS.index(found[1]) + 1 for s in sections if (found := _NUMBERED.match(s))]
    return numbers[0] if numbers else None


def _first_day(year: int, text: str) -> dt.date:
    month, _, day = text.partition("-")
    return dt.date(year, int(month), int(day or 1))


def _last_day(year: int, text: str) -> dt.date:
    month, _, day = text.partition("-")
    end = calendar.monthrange(year, int(month))[1]
    return dt.date(year, int(month), min(int(day or end), end))

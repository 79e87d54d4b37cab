"""The rule on the day of completion: main limit, later limit, and the cap on what lies between.

Days are compared as full dates: a compound completed on 2000-06-30 is out in 楚雄 and in elsewhere. Where only
the year is known and the limit lies inside it, the day decides and is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from policy.built_days import BuiltDays, Days, built_days
from policy.judged import FAIL, HOLD, UNSURE, Codes, Judging, Rows
from policy.late_cap import CapResult, late_cap
from policy.profiles import Rule
from policy.wording import format_date

__all__ = ["Lines", "cap_of", "judge_build_date"]

# Between which lines a day lies.
_EARLY, _LATE, _OUT = range(3)

_WHERE_TO_SET = "请在“政策”页“我市方案”里填写"


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The lines that a rule draws through time.

    Attributes
    ----------
    last : date or None
        Last day that is in; None where the source leaves it blank.
    last_late : date or None
        Last day that is let in beside; None if there is none, or it is left blank.
    open_end : bool
        The rule lets later ones in, and the source leaves blank until when.
    capped : bool
        Late ones are let in within a cap only.
    """

    rule: Rule
    last: dt.date | None
    last_late: dt.date | None
    open_end: bool
    capped: bool

    @classmethod
    def of(cls, rule: Rule) -> Lines:
        """Read the lines of a rule of kind ``build_date``."""
        limit = rule.get("limit")
        if limit is not None and not rule.get("limit_included"):
            limit -= dt.timedelta(days=1)
        last_late = rule.get("late_limit")
        return cls(
            rule=rule,
            last=limit,
            last_late=last_late,
            open_end="late_limit" in rule.values and last_late is None,
            capped="late_share" in rule.values,
        )

    def zones(self, days: Days) -> npt.NDArray[np.int8]:
        """Between which lines each day lies; unknown days come out anyhow."""
        found = np.full(len(days), _OUT, np.int8)
        if self.open_end:
            found[:] = _LATE
        if self.last_late is not None:
            found[days <= np.datetime64(self.last_late)] = _LATE
        if self.last is not None:
            found[days <= np.datetime64(self.last)] = _EARLY
        return found

    @property
    def codes(self) -> Codes:
        """State of each zone."""
        late = UNSURE if self.capped or self.open_end else HOLD
        return np.array([HOLD, late, FAIL], np.int8)

    @property
    def main(self) -> str:
        """The main limit in words."""
        limit = self.rule.get("limit")
        if limit is None:
            return "年限原文留空"
        day = format_date(limit.isoformat())
        return f"不晚于{day}" if self.rule.get("limit_included") else f"早于{day}"

    @property
    def by(self) -> str:
        """The later limit in words; empty where there is none."""
        return "" if self.last_late is None else f"不晚于{format_date(self.last_late.isoformat())}"

    @property
    def past_main(self) -> str:
        """What lies beyond the main limit, in words."""
        day = format_date(self.rule.get("limit").isoformat())
        return f"晚于{day}" if self.rule.get("limit_included") else f"不早于{day}"

    @property
    def past_all(self) -> str:
        """What lies beyond all limits, in words."""
        if self.last_late is None or self.last is None or self.last_late <= self.last:
            return self.past_main
        return f"晚于{format_date(self.last_late.isoformat())}"

    @property
    def text(self) -> str:
        """All limits in words."""
        if self.open_end:
            return f"{self.main}；可放宽到哪一天，原文留空"
        if self.last_late is None:
            return self.main
        how = f"占{self.cap_text}名额" if self.capped else "也可纳入"
        return f"{self.main}；{self.by}的{how}"

    @property
    def cap_text(self) -> str:
        """The cap in words."""
        blank = self.rule.get("late_share") is None
        return "比例原文留空的" if blank else self.rule.values["late_share"].text


@dataclass(frozen=True, kw_only=True)
class _Dated:
    """Compounds held against the lines of a rule."""

    lines: Lines
    judging: Judging
    days: BuiltDays

    @classmethod
    def of(cls, rule: Rule, judging: Judging) -> _Dated:
        days = built_days(
            judging.column("built_on"), judging.column("built_on_is_year"), today=judging.today
        )
        return cls(lines=Lines.of(rule), judging=judging, days=days)

    @cached_property
    def first(self) -> npt.NDArray[np.int8]:
        return self.lines.zones(self.days.first)

    @cached_property
    def last(self) -> npt.NDArray[np.int8]:
        return self.lines.zones(self.days.last)

    @cached_property
    def codes(self) -> Codes:
        if self.lines.last is None:
            return np.full(len(self.first), UNSURE, np.int8)
        states = self.lines.codes
        unsure = self.days.unknown | (states[self.first] != states[self.last])
        return np.where(unsure, UNSURE, states[self.first]).astype(np.int8)

    @cached_property
    def cap(self) -> CapResult | None:
        if not self.lines.capped or self.lines.last is None:
            return None
        known = ~self.days.unknown
        # A bare year across a line may or may not be late: it counts as one without a date.
        sure = known & (self.first == self.last)
        may_be_late = known & (self.first != self.last)
        return late_cap(
            self.lines.rule,
            self.judging,
            late=sure & (self.first == _LATE),
            undated=~known | may_be_late,
            outside=sure & (self.first == _OUT),
        )

    def say(self, at: int) -> tuple[str, str]:
        found = self.days.text(at)
        problem = self.days.problem(at)
        if problem:
            return found, f"{problem}；现在无法对照年限（{self.lines.main}）。"
        if self.lines.last is None:
            return found, f"{found}建成。建成年限原文留空，无法判断；{_WHERE_TO_SET}。"
        first, last = int(self.first[at]), int(self.last[at])
        if first != last:
            return found, f"{found}建成{self._say_year(first, last)}"
        return found, f"{found}建成，{_SAY[first](self, at)}"

    def _say_year(self, first: int, last: int) -> str:
        states = self.lines.codes
        if states[first] == states[last] == HOLD:
            return f"，{self.lines.by}，可以纳入，不占名额。"
        return (
            f"，哪一天不明，而年限（{self.lines.text}）正落在这一年里，要看是哪一天；"
            "请在小区资料里补填完整的建成日期。"
        )

    def _say_early(self, _at: int) -> str:
        return f"{self.lines.main}，符合年限。"

    def _say_late(self, at: int) -> str:
        lines = self.lines
        if lines.open_end:
            return f"{lines.past_main}；可放宽到哪一天，原文留空，{_WHERE_TO_SET}。"
        between = f"{lines.past_main}、{lines.by}"
        if self.cap is None:
            return f"{between}，可以纳入，不占名额。"
        own = self.cap.own_part(at, in_task=bool(self.judging.task.iloc[at]))
        taken = f"须占用{lines.cap_text}名额：{self.cap.used}，{self.cap.room}。"
        return f"{between}，{taken}{own}{self.cap.note}"

    def _say_out(self, _at: int) -> str:
        return f"{self.lines.past_all}，不在年限以内，不能纳入。"


_SAY: dict[int, Callable[[_Dated, int], str]] = {
    _EARLY: _Dated._say_early,
    _LATE: _Dated._say_late,
    _OUT: _Dated._say_out,
}


def judge_build_date(rule: Rule, judging: Judging) -> Rows:
    """Judge days of completion.

    Parameters
    ----------
    rule : Rule
        Of kind ``build_date``.
    judging : Judging
        Columns ``built_on`` and ``built_on_is_year``; for the cap also what it is counted by.

    Returns
    -------
    Rows
        需论证 where the day is unknown or impossible, where it takes part of the cap, and where the source
        leaves its limit blank.
    """
    dated = _Dated.of(rule, judging)
    return Rows(
        rule=rule,
        index=judging.frame.index,
        codes=dated.codes,
        limit=dated.lines.text,
        say=dated.say,
    )


def cap_of(judging: Judging) -> CapResult | None:
    """Count the cap of the profile's rule over the year's task; None if the profile has no cap."""
    rule = judging.profile.one("build_date")
    return None if rule is None else _Dated.of(rule, judging).cap

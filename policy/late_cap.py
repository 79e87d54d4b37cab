"""The cap on compounds completed after the main date (阳江 三: at most 15 % of the year's task).

Exact throughout: a share is a fraction of whole households, compounds or decimal ㎡, so that exactly 15 % passes.
The plan does not say what the task is counted by; households are the usual measure (domain report, 2.9).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from policy.judged import Judging
from policy.profiles import Rule
from policy.rule_units import value_text
from policy.verdicts import FAILS, HOLDS, OPEN, State, Verdict
from policy.wording import format_share

__all__ = ["COUNTED_BY", "CapResult", "Counted", "late_cap"]

Mask = npt.NDArray[np.bool_]

# Sums of areas as they are written, with no rounding between.
_EXACT = Context(prec=80)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a task is counted by.

    Attributes
    ----------
    name : str
        As the rule says it.
    column : str or None
        Column of the compounds; None counts the compounds themselves.
    unit : str
    """

    name: str
    column: str | None
    unit: str

    def amount(self, number: Fraction | int) -> str:
        """Write an amount with its unit."""
        return f"{math.floor(number):,} {self.unit}"


_BY_HOUSEHOLDS = Counted(name="户数", column="households", unit="户")
COUNTED_BY = {
    counted.name: counted
    for counted in (
        _BY_HOUSEHOLDS,
        Counted(name="小区数", column=None, unit="个"),
        Counted(name="建筑面积", column="floor_area_m2", unit="㎡"),
    )
}


@dataclass(frozen=True, kw_only=True)
class CapResult:
    """How much of the cap the year's task uses.

    Attributes
    ----------
    rule : Rule
    counted : Counted
    cap : Fraction or None
        None where the source leaves it blank.
    total, late, undated : Fraction
        Of the task, as far as figures are known: in all, of those completed late, and of those without a date.
    compounds, late_compounds, undated_compounds : int
        How many these are.
    unknown, unknown_late, unknown_undated : int
        Compounds of the task without a figure; those of them that are late, and those without a date.
    outside : int
        Compounds of the task that were completed after the last date: they are not counted.
    figures : Series
        What each compound counts, in the task or not; NaN where unknown.
    """

    rule: Rule
    counted: Counted
    cap: Fraction | None
    total: Fraction
    late: Fraction
    undated: Fraction
    compounds: int
    late_compounds: int
    undated_compounds: int
    unknown: int
    unknown_late: int
    unknown_undated: int
    outside: int
    figures: pd.Series[Any] = field(repr=False, compare=False)

    @property
    def share(self) -> Fraction | None:
        """Late ones of the task; None if nothing of the task is known."""
        return self.late / self.total if self.total else None

    @property
    def highest_share(self) -> Fraction | None:
        """The share if those without a date were all late."""
        return (self.late + self.undated) / self.total if self.total else None

    @property
    def kept(self) -> bool | None:
        """Whether the cap is kept, whatever the unknown figures are; None if they decide."""
        share, highest = self.share, self.highest_share
        if self.cap is None or share is None or highest is None:
            return None
        # An unknown figure of a late one can only raise the share, one of an earlier one only lower it.
        if highest <= self.cap and not self.unknown_late and not self.unknown_undated:
            return True
        if share > self.cap and self.unknown == self.unknown_late:
            return False
        return None

    @property
    def more(self) -> int | None:
        """How much more could be admitted beside the task, which grows by it: (L + x) / (T + x) ≤ c.

        Whole units; 0 if the cap is reached or passed, None if it is blank or 100 %.
        """
        if self.cap is None or self.cap == 1:
            return None
        return max(0, math.floor(self._room / (1 - self.cap)))

    @property
    def more_within(self) -> int | None:
        """How much more could be admitted in place of earlier ones, the task staying as large as it is."""
        return None if self.cap is None else max(0, math.floor(self._room))

    @property
    def excess(self) -> int:
        """How much has to leave the task for the cap to be kept; 0 if it is kept."""
        if self.cap is None or self.cap == 1:
            return 0
        return max(0, math.ceil(-self._room / (1 - self.cap)))

    @property
    def _room(self) -> Fraction:
        return (self.cap or Fraction(0)) * self.total - self.late

    def _share_text(self, share: Fraction) -> str:
        """One decimal, which must not hide on which side of the cap the share is."""
        text = format_share(share)
        if self.cap is None or share == self.cap or text != format_share(self.cap):
            return text
        return f"略高于{text}" if share > self.cap else f"略低于{text}"

    @property
    def limit(self) -> str:
        """The cap as shown."""
        return value_text(self.cap, "比例") if self.cap is None else format_share(self.cap)

    @property
    def used(self) -> str:
        """What is used, as a clause of a sentence."""
        if self.share is None:
            return f"本年任务的{self.counted.name}未知" if self.compounds else "本年任务里没有小区"
        amount = self.counted.amount
        return f"本年任务 {amount(self.total)}，已占 {amount(self.late)}（{self._share_text(self.share)}）"

    @property
    def room(self) -> str:
        """What could still be admitted, as a clause of a sentence."""
        if self.cap is None:
            return "名额比例原文留空，请在“政策”页“我市方案”里填写"
        if self.share is None:
            return "无法算出名额"
        if self.excess:
            return f"已超出名额，须调出 {self.excess:,} {self.counted.unit}"
        if self.more is None:
            return "不限名额"
        amount = self.counted.amount
        return f"还可增加 {amount(self.more)}（任务总量不变时 {amount(self.more_within or 0)}）"

    def own_part(self, at: int, *, in_task: bool) -> str:
        """Say what the compound at a position takes, as a whole sentence; empty if the cap is blank."""
        figure = self.figures.iloc[at]
        if self.cap is None or self.share is None:
            return ""
        if pd.isna(figure):
            return f"本小区{self.counted.name}未知，请补填。"
        amount = self.counted.amount(math.ceil(figure))
        if in_task:
            return f"本小区 {amount}，已计入。"
        fits = self.more is None or figure <= self.more
        return f"本小区 {amount}，{'名额够用' if fits else '超出还可增加的数量'}。"

    @property
    def note(self) -> str:
        """What is not known or not counted, as whole sentences; empty if all is."""
        parts = []
        if self.unknown:
            parts.append(f"任务里有 {self.unknown} 个小区{self.counted.name}未知，没有计入。")
        if self.undated_compounds and self.highest_share is not None:
            parts.append(
                f"任务里有 {self.undated_compounds} 个小区建成日期不明，若都占用名额，"
                f"占比为 {self._share_text(self.highest_share)}。"
            )
        if self.outside:
            parts.append(f"任务里有 {self.outside} 个小区建成过晚，不计入任务。")
        return "".join(parts)

    @property
    def state(self) -> State:
        """符合, 需论证 or 不符合 for the task as a whole."""
        return OPEN if self.kept is None else HOLDS if self.kept else FAILS

    @property
    def verdict(self) -> Verdict:
        """Verdict on the task as a whole."""
        return self.rule.verdict(
            self.state,
            found="未知" if self.share is None else self._share_text(self.share),
            limit=f"不超过{self.limit}（按{self.counted.name}）",
            message=f"{self.used}，{self.room}。{self.note}",
        )


def late_cap(
    rule: Rule, judging: Judging, *, late: Mask, undated: Mask, outside: Mask
) -> CapResult:
    """Count the cap over the year's task.

    Parameters
    ----------
    rule : Rule
        Of kind ``build_date`` with ``late_share``.
    judging : Judging
        Compounds and the year's task.
    late, undated, outside : array of bool
        Completed after the main date and not after the last; without a usable date; after the last date.

    Returns
    -------
    CapResult
    """
    counted = COUNTED_BY[rule.get("late_counted_by") or _BY_HOUSEHOLDS.name]
    in_task = judging.task.to_numpy(bool)
    task = in_task & ~outside
    figures = _figures(judging, counted)
    unknown = task & figures.isna().to_numpy(bool)
    add = _adder(figures)
    return CapResult(
        rule=rule,
        counted=counted,
        cap=rule.get("late_share"),
        total=add(task & ~unknown),
        late=add(task & late & ~unknown),
        undated=add(task & undated & ~unknown),
        compounds=int(task.sum()),
        late_compounds=int((task & late).sum()),
        undated_compounds=int((task & undated).sum()),
        unknown=int(unknown.sum()),
        unknown_late=int((unknown & late).sum()),
        unknown_undated=int((unknown & undated).sum()),
        outside=int((in_task & outside).sum()),
        figures=figures,
    )


def _figures(judging: Judging, counted: Counted) -> pd.Series[Any]:
    """Read what each compound counts; what is no number or negative is unknown."""
    if counted.column is None:
        return pd.Series(1, index=judging.frame.index)
    figures = pd.to_numeric(judging.column(counted.column), errors="coerce")
    return figures.where(figures >= 0)


def _adder(figures: pd.Series[Any]) -> Callable[[Mask], Fraction]:
    """Exact sums: floats are taken as they are written (7225.49, not its binary neighbour)."""
    numbers = figures.to_numpy(dtype=float, na_value=np.nan)

    def add(mask: Mask) -> Fraction:
        chosen = numbers[mask]
        if np.all(chosen == np.floor(chosen)):
            return Fraction(int(chosen.astype(np.int64).sum()))
        total = Decimal(0)
        for number in chosen.tolist():
            total = _EXACT.add(total, Decimal(repr(number)))
        return Fraction(total)

    return add

"""The programme: tiers 实施、谋划、储备, who comes first, and by when the next year is applied for.

柳州 三(一)、三(二); 市级试点 (一)2 has the same three tiers. A tier is the planner's: the tool only suggests one.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from errors import RecordError
from policy.facts import FactTable, fact, fact_values
from policy.judged import FAIL, HOLD, UNSURE, Rows
from policy.judging import Judgement
from policy.profiles import Rule
from policy.wording import format_date

__all__ = [
    "NEXT_YEAR",
    "TIERS",
    "Deadline",
    "deadline_state",
    "priority_score",
    "suggested_tier",
    "tier_of",
]

# From what is done this year to what waits.
TIERS = ("实施", "谋划", "储备")
NOW, NEXT, LATER = TIERS

ADMISSION = "准入"

DeadlineState = Literal["未规定", "未到期", "今日截止", "已过期"]

# Words of a deadline that is set for the year after it.
NEXT_YEAR = "下一年度"

# Years of these plans.
YEARS = range(2000, 2061)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A day by which something has to be handed in.

    Attributes
    ----------
    what : str
    for_year : int
    due_on : date or None
        None where the plan names no day.
    days_left : int or None
        Below 0 once it is past.
    state : {"未规定", "未到期", "今日截止", "已过期"}
    message : str
        Whole sentence with the clause.
    """

    what: str
    for_year: int
    due_on: dt.date | None
    days_left: int | None
    state: DeadlineState
    message: str


def deadline_state(rule: Rule, *, for_year: int, today: dt.date) -> Deadline:
    """Say how a deadline stands.

    Parameters
    ----------
    rule : Rule
        Of kind ``deadline``: by this month and day; of the year before, if it is about 下一年度 (柳州: end of
        October).
    for_year : int
        The year that is applied for.
    today : date

    Raises
    ------
    RecordError
        If the year is no year of these plans.
    """
    if isinstance(for_year, bool) or for_year not in YEARS:
        raise RecordError("申报年度", [f"“{for_year}”不对，应在 {YEARS[0]}—{YEARS[-1]} 年之间。"])
    what, by = str(rule.get("what", "")), rule.get("by")
    if by is None:
        said = f"{what}：未规定日期{rule.clause}。"
        return Deadline(
            what=what, for_year=for_year, due_on=None, days_left=None, state="未规定", message=said
        )
    before = 1 if NEXT_YEAR in what else 0
    due = _day(for_year - before, *by)
    left = (due - today).days
    on = f"{what}（{for_year}年）：截止日 {format_date(due.isoformat())}（含当日）"
    state: DeadlineState = "未到期" if left > 0 else "今日截止" if left == 0 else "已过期"
    tail = {
        "未到期": f"还有 {left} 天",
        "今日截止": "今天截止",
        "已过期": f"已过 {-left} 天，请尽快联系受理部门",
    }[state]
    return Deadline(
        what=what,
        for_year=for_year,
        due_on=due,
        days_left=left,
        state=state,
        message=f"{on}，{tail}{rule.clause}。",
    )


def tier_of(frame: pd.DataFrame) -> pd.Series[str]:
    """Tier that the planner has given each compound.

    Parameters
    ----------
    frame : DataFrame
        Compounds; the tier is a fact in ``extra``.

    Returns
    -------
    Series of str or None
        One of `TIERS`; None where none is given. Index of `frame`, name ``tier_of``.
    """
    return _given(fact_values(frame, "tier"))


def suggested_tier(judgement: Judgement) -> pd.DataFrame:
    """Suggest a tier for each compound from its verdicts. A suggestion: the planner decides.

    Parameters
    ----------
    judgement : Judgement
        Of one profile.

    Returns
    -------
    DataFrame
        Index uid; ``tier`` (what the planner gave, None if nothing), ``suggested`` (None where a rule of 准入
        is not met), ``reason`` (whole sentence), ``differs`` (bool: given and suggested are not the same).
    """
    admission = [rows for rows in judgement.rows if rows.rule.group == ADMISSION]
    others = [rows for rows in judgement.rows if rows.rule.group != ADMISSION]
    codes = np.array([rows.codes for rows in (*admission, *others)], dtype=np.int8)
    codes = codes.reshape(len(admission) + len(others), len(judgement.index))
    # A profile has a dozen rules, but few patterns of verdicts: each is put into words once.
    patterns, which = np.unique(codes.T, axis=0, return_inverse=True)
    words = [_suggestion(pattern, admission, others) for pattern in patterns]
    chosen = [words[k] for k in which.reshape(-1)]
    tiers = _given(judgement.judging.facts.values("tier"))
    table = pd.DataFrame(
        {
            "tier": tiers,
            "suggested": pd.Series([w[0] for w in chosen], index=judgement.index, dtype=object),
            "reason": pd.Series([w[1] for w in chosen], index=judgement.index, dtype=object),
        },
        index=judgement.index,
    )
    given = table["tier"].notna()
    return table.assign(differs=(given & (table["tier"] != table["suggested"])).astype(bool))


def priority_score(frame: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Count what speaks for taking a compound first.

    Parameters
    ----------
    frame : DataFrame
        Compounds.
    rule : Rule
        Of kind ``priority``: facts, each of which counts one (the plans give no weights).

    Returns
    -------
    DataFrame
        Index of `frame`; ``score`` (facts that hold), ``unknown`` (facts that nobody has filled in), ``of``, and
        ``reasons`` (Chinese sentence).
    """
    asked = [fact(key) for key in rule.get("facts") or ()]
    table = FactTable.of(frame)
    held = np.full((len(asked), len(frame)), UNSURE, np.int8)
    for row, one in zip(held, asked, strict=True):
        known = table.values(one.id).astype("boolean")
        row[known.fillna(False).to_numpy(dtype=bool)] = HOLD
        row[(~known).fillna(False).to_numpy(dtype=bool)] = FAIL
    patterns, which = np.unique(held.T, axis=0, return_inverse=True)
    words = [_reasons([one.title for one in asked], pattern, rule) for pattern in patterns]
    return pd.DataFrame(
        {
            "score": (held == HOLD).sum(axis=0),
            "unknown": (held == UNSURE).sum(axis=0),
            "of": len(asked),
            "reasons": pd.Series(
                [words[k] for k in which.reshape(-1)], index=frame.index, dtype=object
            ),
        },
        index=frame.index,
    )


def _given(tiers: pd.Series[Any]) -> pd.Series[Any]:
    return tiers.astype(object).where(tiers.notna(), None).rename("tier_of")


def _day(year: int, month: int, day: int) -> dt.date:
    """Give the day; 29 February of a common year is its last day of February."""
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _suggestion(pattern: Any, admission: list[Rows], others: list[Rows]) -> tuple[str | None, str]:
    first, second = pattern[: len(admission)], pattern[len(admission) :]
    if FAIL in first:
        return None, f"建议不列入：准入规则{_titles(admission, first, FAIL)}不符合。"
    if UNSURE in first:
        return LATER, f"建议储备：准入规则{_titles(admission, first, UNSURE)}还不能判断，先补资料。"
    if FAIL in second or UNSURE in second:
        parts = [
            f"{_titles(others, second, code)}{word}"
            for code, word in ((FAIL, "不符合"), (UNSURE, "需论证"))
            if code in second
        ]
        return NEXT, f"建议谋划：准入规则都符合，{'，'.join(parts)}，办好后再实施。"
    return NOW, "建议实施：可判定的规则都符合。"


def _titles(rows: list[Rows], codes: Any, code: int) -> str:
    return "、".join(
        f"“{one.rule.title}”" for one, met in zip(rows, codes, strict=True) if met == code
    )


def _reasons(titles: list[str], pattern: Any, rule: Rule) -> str:
    def having(code: int) -> str:
        return "、".join(title for title, met in zip(titles, pattern, strict=True) if met == code)

    held, unknown = having(HOLD), having(UNSURE)
    parts = [f"优先条件满足：{held}" if held else "没有满足的优先条件"]
    if unknown:
        parts.append(f"未填写：{unknown}")
    return f"{'；'.join(parts)}{rule.clause}。"

"""Where compounds stand: which stages of a plan are reached, and which one is under way.

A stage is reached once a record carries its day. Under way is the one after the furthest that is reached, in the
plan's own order; what lies before it without a day was left out and is said so. Without any record nobody knows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from errors import RecordError
from policy.stage_list import Stage, find_stage, stage_ids, stages

__all__ = ["DONE", "NO_RECORDS", "Standing", "Step", "check_stage", "current_stages", "standing"]

StepState = Literal["已完成", "进行中", "未填", "未到"]

# What stands for the stage under way where there is none.
NO_RECORDS, DONE = "没有阶段记录", "各阶段都已完成"

# Years of these plans; what lies outside is a slip of the pen.
YEARS = range(2000, 2061)
_DAY = re.compile(r"\s*(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?\s*")
_TITLES = {"planned_on": "计划日期", "reached_on": "完成日期"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage of one compound.

    Attributes
    ----------
    stage : Stage
    state : {"已完成", "进行中", "未填", "未到"}
        未填: later stages are reached, this one has no day.
    record : str or None
        Uid of the record that counts: the one with the latest day reached, else the last entered.
    version : int
        Of that record; 0 without one.
    planned_on, reached_on, remarks : str or None
    records : int
        How many records the compound has for this stage; more than one is one too many.
    days_late : int
        Days past the planned day without being reached; 0 if it is not late.
    """

    stage: Stage
    state: StepState
    record: str | None = None
    version: int = 0
    planned_on: str | None = None
    reached_on: str | None = None
    remarks: str | None = None
    records: int = 0
    days_late: int = 0

    @property
    def word(self) -> str:
        """What the plan calls it."""
        return self.stage.named[0].word if len(self.stage.named) == 1 else self.stage.title

    @property
    def clause(self) -> str:
        """Where the plan names it; empty for a stage of the union."""
        return self.stage.named[0].clause if len(self.stage.named) == 1 else ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One compound on its way.

    Attributes
    ----------
    steps : tuple of Step
        In the plan's order.
    own : bool
        Whether the plan names stages; if not, they are those of all plans together.
    others : tuple of str
        Stages with records that this plan does not name.
    """

    steps: tuple[Step, ...]
    own: bool
    others: tuple[str, ...]

    @property
    def current(self) -> Step | None:
        """The stage under way; None when all are done."""
        return next((step for step in self.steps if step.state == "进行中"), None)

    @property
    def recorded(self) -> bool:
        """Whether there is any record at all."""
        return bool(self.others) or any(step.records for step in self.steps)


def standing(
    records: pd.DataFrame, uid: str, *, document: str, today: dt.date | None = None
) -> Standing:
    """Say where one compound stands.

    Parameters
    ----------
    records : DataFrame
        Index uid of the record; `policy.stages.STAGE_COLUMNS`, and ``version`` where records have one.
    uid : str
        The compound.
    document : str
        Document of the plan whose stages hold; one without stages has those of the union.
    today : date, optional
        What lateness is told by.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"compound_uid": ["a"], "stage": ["初步方案"], "planned_on": None, "reached_on": "2026-03-01",
    ...      "remarks": None}
    ... )
    >>> found = standing(rows, "a", document="litong-parking")
    >>> [step.state for step in found.steps][:3], found.current.stage.title
    (['未填', '已完成', '进行中'], '公示')
    """
    order = _order(document)
    mine = records[records["compound_uid"] == uid]
    by_stage = stage_ids(mine["stage"])
    today = today or dt.date.today()
    held = {stage.id: mine[by_stage == stage.id] for stage in order}
    reached = [k for k, one in enumerate(order) if held[one.id]["reached_on"].notna().any()]
    under_way = max(reached, default=-1) + 1
    steps = [_step(stage, held[stage.id], k, under_way, today) for k, stage in enumerate(order)]
    others = by_stage[~by_stage.isin(list(held))].dropna()
    return Standing(
        steps=tuple(steps),
        own=bool(stages(document)),
        others=tuple(find_stage(key).title for key in dict.fromkeys(others)),
    )


def current_stages(uids: pd.Index[Any], records: pd.DataFrame, *, document: str) -> pd.Series[Any]:
    """Say for each compound which stage is under way.

    Parameters
    ----------
    uids : Index
        Compounds.
    records, document
        As for `standing`.

    Returns
    -------
    Series of str
        What the plan calls the stage, `NO_RECORDS` or `DONE`; an ordered category in the plan's order.
    """
    order = _order(document)
    words = [_word(stage) for stage in order]
    there = records[records["compound_uid"].isin(uids)]
    place = (
        stage_ids(there["stage"]).map({stage.id: k for k, stage in enumerate(order)}).astype(float)
    )
    reached = place.where(there["reached_on"].notna()).groupby(there["compound_uid"]).max()
    at = (reached + 1).fillna(0).reindex(uids)
    named = dict(enumerate((*words, DONE)))
    found = at.map(named).fillna(NO_RECORDS)
    return found.astype(
        pd.CategoricalDtype([NO_RECORDS, *dict.fromkeys(words), DONE], ordered=True)
    )


def check_stage(
    values: Mapping[str, Any], where: str, *, today: dt.date | None = None
) -> dict[str, Any]:
    """Read a record of a stage as a planner types it.

    Parameters
    ----------
    values : mapping
        ``planned_on`` and ``reached_on`` as 2024-10-08, 2024/10/8 or 2024年10月8日, blank where not known; others
        are passed on.
    where : str
        The compound and stage, as the planner knows them.
    today : date, optional
        No stage is reached after it.

    Returns
    -------
    dict
        `values` with ISO days or None.

    Raises
    ------
    RecordError
        With all problems at once.

    Examples
    --------
    >>> check_stage({"planned_on": "2024年10月8日", "reached_on": ""}, "甲小区")
    {'planned_on': '2024-10-08', 'reached_on': None}
    """
    read = dict(values)
    problems = []
    for name, title in _TITLES.items():
        try:
            read[name] = _read_day(values.get(name), title)
        except ValueError as error:
            problems.append(str(error))
            read[name] = None
    today = today or dt.date.today()
    if read["reached_on"] is not None and read["reached_on"] > today.isoformat():
        problems.append(
            f"完成日期 {read['reached_on']} 还没有到（今天是 {today.isoformat()}），请填在计划日期里。"
        )
    if problems:
        raise RecordError(where, problems)
    return read


def _order(document: str) -> tuple[Stage, ...]:
    """Stages of the plan, each once, or those of the union."""
    named = stages(document) or stages()
    return tuple({stage.id: stage for stage in reversed(named)}.values())[::-1]


def _word(stage: Stage) -> str:
    return stage.named[0].word if len(stage.named) == 1 else stage.title


def _step(stage: Stage, held: pd.DataFrame, k: int, under_way: int, today: dt.date) -> Step:
    done = bool(held["reached_on"].notna().any())
    state: StepState = "已完成" if done else "未到"
    if not done and k <= under_way:
        state = "进行中" if k == under_way else "未填"
    if not len(held):
        return Step(stage=stage, state=state)
    row = held.sort_values("reached_on", kind="stable", na_position="first").iloc[-1]
    planned = _text(row["planned_on"])
    return Step(
        stage=stage,
        state=state,
        record=str(row.name),
        version=int(row.get("version", 0)),
        planned_on=planned,
        reached_on=_text(row["reached_on"]),
        remarks=_text(row["remarks"]),
        records=len(held),
        days_late=0 if done else _days_past(planned, today),
    )


def _days_past(planned: str | None, today: dt.date) -> int:
    """Days since a planned day; 0 before it, and where another program has written what is no day."""
    try:
        return max(0, (today - dt.date.fromisoformat(planned or "")).days)
    except ValueError:
        return 0


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def _read_day(value: Any, title: str) -> str | None:
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        day = dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"{title}“{text}”不是日期，请写成 2024-10-08 的样子，不知道时留空。")
    if day.year not in YEARS:
        raise ValueError(f"{title} {text} 不在 {YEARS[0]}—{YEARS[-1]} 年之间，请核对年份。")
    return day.isoformat()

"""Judging the compounds of a plan by the rules of a profile.

One door for page, map, reports and shell: each kind of rule has one judge, which looks at all compounds at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from errors import PolicyError, RecordError
from policy.build_date import cap_of
from policy.checklist import PROGRAMME
from policy.consent_judging import CONSENT
from policy.eligibility import ELIGIBILITY
from policy.fact_table import FactTable
from policy.funding import FUNDING
from policy.judged import HOLD, NO_VOTES, Judging, Rows
from policy.late_cap import CapResult
from policy.profiles import Profile, Rule
from policy.verdicts import FAILS, STATES, State, Verdict
from policy.works_judging import WORKS

__all__ = ["JUDGES", "Judgement", "judge"]

# Tier whose compounds are the year's task.
_YEARS_TIER = "实施"

# A rule of a kind without a judge gets no verdict.
JUDGES: dict[str, Callable[[Rule, Judging], Rows]] = {
    **ELIGIBILITY,
    **CONSENT,
    **PROGRAMME,
    **WORKS,
    **FUNDING,
}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Verdicts on all compounds of a frame.

    Attributes
    ----------
    judging : Judging
        What was judged on.
    rows : tuple of Rows
        One for each judged rule, in the order of the profile.
    """

    judging: Judging
    rows: tuple[Rows, ...]

    @property
    def profile(self) -> Profile:
        """The plan whose rules judged."""
        return self.judging.profile

    @property
    def index(self) -> pd.Index[Any]:
        """Uids of the compounds."""
        return self.judging.frame.index

    @cached_property
    def cap(self) -> CapResult | None:
        """The cap on late compounds over the year's task; None if the profile has none."""
        return cap_of(self.judging)

    def rule_rows(self, name: str) -> Rows:
        """Verdicts of one rule by its name.

        Raises
        ------
        PolicyError
            If the profile has no such rule, or it is not judged.
        """
        for rows in self.rows:
            if rows.rule.name == name:
                return rows
        judged = "、".join(rows.rule.name for rows in self.rows) or "无"
        raise PolicyError(f"“{self.profile.title}”没有可判定的规则“{name}”，可判定的有：{judged}。")

    def states(self) -> pd.DataFrame:
        """State of every compound under every rule: index uid, one column a rule id."""
        return pd.DataFrame(
            {rows.rule.id: rows.states for rows in self.rows}, index=self.index, dtype=object
        )

    def overall(self, group: str | None = "准入") -> pd.Series[str]:
        """Worst state of each compound under the rules of a group.

        Parameters
        ----------
        group : str or None
            Heading of the page 政策; None takes all judged rules.

        Returns
        -------
        Series of str
            Index uid, name ``overall``; 符合 throughout if the profile has no judged rule of that group.
        """
        codes = np.full(len(self.index), HOLD, np.int8)
        for rows in self._of_group(group):
            codes = np.maximum(codes, rows.codes)
        words = np.array(STATES, dtype=object)[codes]
        return pd.Series(words, index=self.index, name="overall", dtype=object)

    def verdicts(self, uid: str) -> tuple[Verdict, ...]:
        """Verdicts on one compound, in the order of the profile.

        Raises
        ------
        RecordError
            If there is no such compound.
        """
        if uid not in self.index:
            raise RecordError("小区", [f"没有标识码为“{uid}”的小区，请刷新后再选。"])
        at = int(self.index.get_indexer(pd.Index([uid]))[0])
        return tuple(rows.verdict(at) for rows in self.rows)

    def counts(self) -> pd.DataFrame:
        """How many compounds have each state: index rule id, columns `STATES`."""
        return pd.DataFrame(
            [np.bincount(rows.codes, minlength=len(STATES)) for rows in self.rows],
            index=pd.Index([rows.rule.id for rows in self.rows], dtype=object),
            columns=list(STATES),
        )

    def obstacles(
        self,
        states: Collection[State] = (FAILS,),
        *,
        group: str | None = None,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """List what stands in the way, one row for each compound and rule.

        Parameters
        ----------
        states : collection of str
            States that are listed.
        group : str, optional
            Only rules of this heading.
        limit : int, optional
            At most so many rows. Sentences are made for these only; `attrs` of the result hold ``total``.

        Returns
        -------
        DataFrame
            uid, rule (id), title, state, clause, found, message; compounds in the order of the frame, rules in
            the order of the profile.
        """
        chosen = self._of_group(group)
        wanted = [STATES.index(state) for state in states]
        hits = np.array([np.isin(rows.codes, wanted) for rows in chosen], dtype=bool)
        places = np.argwhere(hits.T) if len(chosen) else np.empty((0, 2), int)
        listed = [self._obstacle(chosen[int(k)], int(at)) for at, k in places[:limit]]
        table = pd.DataFrame(listed, columns=_OBSTACLE_COLUMNS, dtype=object)
        table.attrs["total"] = len(places)
        return table

    def _of_group(self, group: str | None) -> list[Rows]:
        return [rows for rows in self.rows if group is None or rows.rule.group == group]

    def _obstacle(self, rows: Rows, at: int) -> dict[str, str]:
        verdict = rows.verdict(at)
        return {
            "uid": self.index[at],
            "rule": verdict.rule,
            "title": verdict.title,
            "state": verdict.state,
            "clause": verdict.clause,
            "found": verdict.found,
            "message": verdict.message,
        }


_OBSTACLE_COLUMNS = ["uid", "rule", "title", "state", "clause", "found", "message"]


def judge(
    frame: pd.DataFrame,
    profile: Profile,
    *,
    votes: pd.DataFrame | None = None,
    task: pd.Series[bool] | None = None,
    today: dt.date | None = None,
) -> Judgement:
    """Judge all compounds by all rules of a profile that have a judge.

    Parameters
    ----------
    frame : DataFrame
        Compounds with the columns of the schema, index uid; ``extra`` holds the facts. Not changed.
    profile : Profile
        Source plan or the planner's own.
    votes : DataFrame, optional
        Columns `policy.judged.VOTE_COLUMNS`; none by default.
    task : Series of bool, optional
        Compounds of the year's task by uid; those not named are not in it. By default those of the tier 实施,
        or all if no compound has a tier.
    today : date, optional
        Later days of completion are mistakes; the current day by default.

    Returns
    -------
    Judgement

    Raises
    ------
    RecordError
        If two compounds of the frame or the task have the same uid.
    """
    _refuse_twice(frame.index, "小区")
    facts = FactTable.of(frame)
    judging = Judging(
        frame=frame,
        profile=profile,
        votes=NO_VOTES if votes is None else votes,
        task=_task(frame.index, facts, task),
        today=today or dt.date.today(),
        known_facts=facts,
    )
    return Judgement(
        judging=judging,
        rows=tuple(
            JUDGES[rule.kind](rule, judging)
            for rule in profile.rules.values()
            if rule.kind in JUDGES
        ),
    )


def _task(index: pd.Index[Any], facts: FactTable, task: pd.Series[bool] | None) -> pd.Series[bool]:
    if task is not None:
        _refuse_twice(task.index, "年度任务")
        given = task.reindex(index).astype("boolean").fillna(False)
        return given.astype(bool).rename("task")
    tiers = facts.values("tier")
    chosen = tiers.eq(_YEARS_TIER) if tiers.notna().any() else pd.Series(True, index=index)
    return chosen.astype(bool).rename("task")


def _refuse_twice(uids: pd.Index[Any], where: str) -> None:
    if not uids.is_unique:
        twice = "、".join(map(str, uids[uids.duplicated()].unique()[:5]))
        raise RecordError(where, [f"标识码重复：{twice}。每个小区只能有一个，请先改正。"])

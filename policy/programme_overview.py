"""The programme of many compounds at once: deadlines of a plan, approvals counted, who has the rule on approvals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from policy.approvals import Approval, ApprovalState, approvals, shortcuts
from policy.facts import facts
from policy.profiles import Profile
from policy.programme import NEXT_YEAR, Deadline, deadline_state

__all__ = ["ApprovalCounts", "approval_counts", "approval_facts", "approving", "deadlines"]

_STATES = get_args(ApprovalState)


@dataclass(frozen=True, kw_only=True)
class ApprovalCounts:
    """Approvals of many compounds.

    Attributes
    ----------
    table : DataFrame
        Index title of the approval in order, a column for each state that occurs, counts of compounds.
    unknown : mapping
        By id of a fact that is not filled in: the compounds that wait for it.
    """

    table: pd.DataFrame
    unknown: Mapping[str, tuple[str, ...]]


def deadlines(profile: Profile, *, today: dt.date) -> list[Deadline]:
    """Days by which a plan wants things handed in: this year's, and next year's where it is about 下一年度.

    Examples
    --------
    >>> from policy.profiles import profiles
    >>> [one.days_left for one in deadlines(profiles()["liuzhou-2022"], today=dt.date(2026, 10, 1))]
    [30]
    """
    return [
        deadline_state(
            rule, for_year=today.year + (NEXT_YEAR in str(rule.get("what", ""))), today=today
        )
        for rule in profile.of_kind("deadline")
    ]


def approving(known: Mapping[str, Profile]) -> tuple[str, ...]:
    """Ids of the profiles that have a rule on which approvals may be left out.

    Examples
    --------
    >>> from policy.profiles import profiles
    >>> approving(profiles())
    ('city-pilot',)
    """
    return tuple(key for key, one in known.items() if one.of_kind("approvals"))


def approval_facts(profile: Profile) -> tuple[str, ...]:
    """Facts that decide which approvals are needed under a profile, in the order of the list of facts."""
    rules = profile.of_kind("approvals")
    named = {name for rule in rules for name in rule.get("shortcuts") or ()}
    asked = {key for name in named & shortcuts().keys() for key in shortcuts()[name].when}
    # Lifts follow rules of their own, wherever there is a rule on approvals at all.
    return tuple(key for key in facts() if rules and (key in asked or key == "adds_lift"))


def approval_counts(frame: pd.DataFrame, profile: Profile) -> ApprovalCounts:
    """Count the approvals of compounds by state.

    Parameters
    ----------
    frame : DataFrame
        Compounds.
    profile : Profile
        As for `policy.approvals.approvals`.

    Raises
    ------
    PolicyError
        If a rule names a short-cut that the tool does not know.
    """
    found = [(str(uid), one) for uid, row in frame.iterrows() for one in approvals(row, profile)]
    said = pd.DataFrame(
        {"title": [one.title for _, one in found], "state": [one.state for _, one in found]}
    )
    table = pd.crosstab(said["title"], said["state"])
    table = table.reindex(index=said["title"].unique(), columns=[s for s in _STATES if s in table])
    return ApprovalCounts(table=table, unknown=_unknown(found))


def _unknown(found: Iterable[tuple[str, Approval]]) -> dict[str, tuple[str, ...]]:
    ids = {one.title: key for key, one in facts().items()}
    waiting: dict[str, dict[str, None]] = {}
    for uid, one in found:
        for title in one.unknown:
            waiting.setdefault(ids[title], {})[uid] = None
    return {key: tuple(waiting[key]) for key in facts() if key in waiting}

"""What is wrong with the grouping, one after the other: 不连片, over or below a limit, empty, 未分组."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.joining import Chain, part_labels, shortest_chain
from policy.wording import format_count, format_wan
from ui.loaded import LoadedPlan, View
from ui.pianqu_figures import members_of, pairs_within

__all__ = ["Problem", "chain_for", "following", "parts_of", "problems_of"]

BROKEN, OVER, BELOW, EMPTY, FREE = "broken", "over", "below", "empty", "free"
# Taking a compound out of another 片区 is worth this many compounds of none.
COST_FREE, COST_TAKEN = 1.0, 4.0


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to look at.

    Attributes
    ----------
    key : str
        The same as long as the problem is.
    kind : str
        ``broken``, ``over``, ``below``, ``empty`` or ``free`` (未分组).
    uid : str
        The 片区, or the compound that is in none.
    title, advice : str
        What is wrong, and what can be done.
    """

    key: str
    kind: str
    uid: str
    title: str
    advice: str


def problems_of(
    loaded: LoadedPlan, view: View, table: pd.DataFrame, settings: Any, gap_m: float
) -> tuple[Problem, ...]:
    """Problems of the plan in the order in which they are gone through; worked out once a revision.

    Parameters
    ----------
    loaded, view : LoadedPlan, View
        The plan at one revision.
    table : DataFrame
        As of :func:`ui.pianqu_figures.pianqu_table`.
    settings : ProposalSettings
        Limits of the page: ``min_households``, ``max_households``, ``max_investment_yuan``,
        ``max_diameter_m``; None is no limit.
    gap_m : float
        Distance by which 连片 was judged.
    """
    limits = _limits(settings)
    return loaded.kept(
        ("pianqu_problems", view.revision, gap_m, tuple(sorted(limits.items()))),
        lambda: tuple(_found(view, table, limits, gap_m)),
    )


def following(problems: Sequence[Problem], last: tuple[int, str] | None) -> int:
    """Place of the problem after the last that was shown; one that was settled gives its place to the next."""
    if last is None or not problems:
        return 0
    at, key = last
    still = [place for place, problem in enumerate(problems) if problem.key == key]
    return (still[0] + 1 if still else at) % len(problems)


def _limits(settings: Any) -> dict[str, float]:
    names = ("min_households", "max_households", "max_investment_yuan", "max_diameter_m")
    held = {name: getattr(settings, name, None) for name in names}
    return {name: float(value) for name, value in held.items() if value is not None}


def _found(
    view: View, table: pd.DataFrame, limits: dict[str, float], gap_m: float
) -> Iterator[Problem]:
    for uid, row in table[(table["parts"] > 1).fillna(False).astype(bool)].iterrows():
        yield Problem(
            key=f"{BROKEN}:{uid}",
            kind=BROKEN,
            uid=str(uid),
            title=f"“{row['name']}”不连片：分成 {int(row['parts']):,} 处（相邻间距 {gap_m:g} 米）",
            advice="可以把它连起来、按连片拆分，或就这样打捆（柳州 五(一) 允许）。",
        )
    yield from _over(table, limits)
    below = limits.get("min_households")
    if below is not None:
        low = (table["households"] < below).fillna(False).astype(bool) & (table["compounds"] > 0)
        for uid, row in table[low].iterrows():
            yield Problem(
                key=f"{BELOW}:{uid}",
                kind=BELOW,
                uid=str(uid),
                title=f"“{row['name']}”户数不足：{format_count(row['households'])} 户，下限 {below:,.0f} 户",
                advice="可以再加小区，或与旁边的片区合并。下限在“自动方案”里改。",
            )
    for uid, row in table[table["compounds"] == 0].iterrows():
        yield Problem(
            key=f"{EMPTY}:{uid}",
            kind=EMPTY,
            uid=str(uid),
            title=f"“{row['name']}”是空的：没有小区",
            advice="可以给它分配小区，或解散它。",
        )
    free = view.frame[view.frame["pianqu_uid"].isna()]
    for uid, name, locked in zip(free.index, free["name"], free["locked"], strict=True):
        if not locked:
            yield Problem(
                key=f"{FREE}:{uid}",
                kind=FREE,
                uid=str(uid),
                title=f"“{name or '未命名小区'}”未分组",
                advice="可以分配到旁边的片区，或锁定为未分组，不再提示。",
            )


def _over(table: pd.DataFrame, limits: dict[str, float]) -> Iterator[Problem]:
    checks: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
        ("max_households", "households", "户数", lambda v: f"{v:,.0f} 户"),
        ("max_investment_yuan", "investment_yuan", "投资", lambda v: f"{format_wan(v)} 万元"),
        ("max_diameter_m", "span_m", "跨度", lambda v: f"{v:,.0f} 米"),
    )
    for limit, column, title, write in checks:
        if limit not in limits:
            continue
        high = (table[column] > limits[limit]).fillna(False).astype(bool)
        for uid, row in table[high].iterrows():
            yield Problem(
                key=f"{OVER}:{limit}:{uid}",
                kind=OVER,
                uid=str(uid),
                title=f"“{row['name']}”{title}超限：{write(float(row[column]))}，上限 {write(limits[limit])}",
                advice="可以移出几个小区，或拆分。上限在“自动方案”里改。",
            )


def parts_of(loaded: LoadedPlan, view: View, uid: str, gap_m: float) -> list[list[str]]:
    """Members of each connected part of a 片区, the largest first; members without a boundary in the first."""
    members = members_of(view, uid)
    pairs = pairs_within(loaded, view, gap_m)
    drawn = view.frame.geometry.loc[members].notna()
    labels = pd.Series(uid, index=pd.Index(members, dtype=object))[drawn.to_numpy()]
    numbers = part_labels(labels, pairs)
    found = [
        [str(member) for member in group.index] for _, group in numbers.groupby(numbers, sort=True)
    ]
    undrawn = [member for member, there in drawn.items() if not there]
    return [[*found[0], *map(str, undrawn)], *found[1:]] if found else []


def chain_for(loaded: LoadedPlan, view: View, uid: str, gap_m: float) -> Chain:
    """Shortest chain of compounds that would join the parts of a 片区; locked ones are never taken.

    Compounds of no 片区 are preferred: one that another 片区 would lose costs as much as four of them.
    """
    return loaded.kept(
        ("pianqu_chain", view.revision, uid, gap_m), lambda: _chain(loaded, view, uid, gap_m)
    )


def _chain(loaded: LoadedPlan, view: View, uid: str, gap_m: float) -> Chain:
    held = view.frame["pianqu_uid"]
    drawn = view.frame.geometry.notna().to_numpy()
    closed = view.pianqu.index[view.pianqu["locked"].astype(bool)]
    costs = pd.Series(COST_TAKEN, index=view.frame.index).where(held.notna(), COST_FREE)
    barred = view.frame["locked"].astype(bool) | held.isin(closed)
    members = view.frame.index[drawn & (held == uid).fillna(False).to_numpy(bool)]
    return shortest_chain(
        members, pairs_within(loaded, view, gap_m), costs[drawn & ~barred.to_numpy(bool)]
    )

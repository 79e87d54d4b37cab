"""Steps of the page 片区: an automatic proposal, made, coloured, judged stale, and taken over.

A proposal is worked out without touching the plan. It carries the settings and the revision that it came
from; when the plan has moved on it says so and can no longer be taken over.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import pandas as pd

from data.pianqu import PALETTE_SIZE, assign, totals
from data.store import Plan
from errors import RecordError, StoreError
from geo.bundling_by_gap import Bundling, bundle_by_gap
from geo.colouring import assign_colours
from ui.loaded import LoadedPlan, View
from ui.pianqu_figures import DEFAULT_GAP_M, free_names, pairs_within

__all__ = [
    "OVER",
    "Over",
    "Progress",
    "Proposal",
    "ProposalSettings",
    "adopt",
    "is_stale",
    "propose",
    "proposed_frame",
]

Over = Literal["all", "ungrouped", "selection"]
OVER: dict[Over, str] = {"all": "全部小区", "ungrouped": "未分组的", "selection": "所选的"}
Progress = Callable[[float, str], None]

# The planner's first limits, not law; plans give none.
FIRST_MIN_HOUSEHOLDS, FIRST_MAX_HOUSEHOLDS = 500, 2_000
# Key of a 片区 that is only proposed, in the colouring; no uid looks like it.
PROPOSED = "方案:"
NEIGHBOURS_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class ProposalSettings:
    """What the planner has asked for.

    Attributes
    ----------
    gap_m : float
        Compounds within this distance are neighbours.
    min_households, max_households : int or None
        Limits of a 片区; None is no limit.
    seed : int
        Start of the search; the same gives the same proposal.
    over : str
        Which compounds: ``all``, ``ungrouped`` or ``selection``.
    """

    gap_m: float = DEFAULT_GAP_M
    min_households: int | None = FIRST_MIN_HOUSEHOLDS
    max_households: int | None = FIRST_MAX_HOUSEHOLDS
    seed: int = 0
    over: Over = "all"

    @property
    def words(self) -> str:
        """The settings as they are shown and written into the history."""
        low = "不限" if self.min_households is None else f"{self.min_households} 户"
        high = "不限" if self.max_households is None else f"{self.max_households} 户"
        return (
            f"相邻间距 {self.gap_m:g} 米，户数下限 {low}、上限 {high}，"
            f"随机种子 {self.seed}，范围：{OVER[self.over]}"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """A proposal, nothing of which is in the plan yet.

    Attributes
    ----------
    settings : ProposalSettings
        What it came from.
    plan_id : str
        Plan that it is for.
    revision : int
        Revision of the plan that it was made of.
    edition : int
        修订 of that, as planners are told.
    names : Series
        Name of the 片区 by uid of the compound, missing for 未分组.
    table : DataFrame
        By name: the columns of :func:`data.pianqu.totals` and ``state`` (符合, 户数不足), ``link_gap_m``
        (gaps to cross inside), ``isolated``.
    colors : Series
        Colour number by name.
    unassigned : Series
        Reason by uid of the compound that stays 未分组.
    moved : int
        Compounds that would leave a 片区 that they are in now.
    feasible : bool
        All are placed and all 片区 keep the limits.
    notes : tuple of str
        What the planner has to know.
    seconds : float
        How long the search took.
    key : str
        Tells it from every other proposal.
    """

    settings: ProposalSettings
    plan_id: str
    revision: int
    edition: int
    names: pd.Series
    table: pd.DataFrame
    colors: pd.Series
    unassigned: pd.Series
    moved: int
    feasible: bool
    notes: tuple[str, ...]
    seconds: float
    key: str = field(default_factory=lambda: secrets.token_hex(8))


def propose(
    loaded: LoadedPlan,
    view: View,
    settings: ProposalSettings,
    *,
    selection: Sequence[str] = (),
    progress: Progress,
) -> Proposal:
    """Work out a proposal for the compounds that the settings name.

    Parameters
    ----------
    loaded, view : LoadedPlan, View
        The plan at one revision.
    settings : ProposalSettings
        What is asked for.
    selection : sequence of str
        Selected compounds, for ``over="selection"``.
    progress : callable
        Told the share done and what is being done; what it raises ends the search.

    Raises
    ------
    RecordError
        If there is no compound to group, or the limits contradict each other.
    """
    began = time.perf_counter()
    records = _in_scope(view, settings.over, selection)
    progress(0.0, "正在量小区之间的间距…")
    pairs = pairs_within(loaded, view, settings.gap_m)
    bundling = bundle_by_gap(
        records["households"],
        pairs,
        min_households=settings.min_households,
        max_households=settings.max_households,
        seed=settings.seed,
        drawn=records.geometry.notna(),
        progress=lambda done: progress(
            NEIGHBOURS_SHARE + (1 - NEIGHBOURS_SHARE) * done, "正在试各种分法…"
        ),
    )
    plan_id = str(loaded.plan.plan_id)
    return _proposal(view, settings, records, bundling, pairs, plan_id=plan_id, began=began)


def _in_scope(view: View, over: Over, selection: Sequence[str]) -> gpd.GeoDataFrame:
    frame = view.frame
    if over == "selection":
        records = frame.loc[list(selection)]
    elif over == "ungrouped":
        records = frame[frame["pianqu_uid"].isna()]
    else:
        # Without a boundary there is nothing to go by: such compounds stay where they are.
        records = frame[frame.geometry.notna()]
    if not records.geometry.notna().any():
        raise RecordError(
            "自动方案",
            [f"“{OVER[over]}”里没有可以分组的小区（须有边界）。请换一个范围，或先画边界。"],
        )
    return records


def _proposal(
    view: View,
    settings: ProposalSettings,
    records: gpd.GeoDataFrame,
    bundling: Bundling,
    pairs: pd.DataFrame,
    *,
    plan_id: str,
    began: float,
) -> Proposal:
    name_of = dict(
        zip(bundling.bundles.index, free_names(view, len(bundling.bundles)), strict=True)
    )
    names = bundling.labels.map(name_of).astype(object)
    names = names.where(names.notna(), None)
    table = totals(records.assign(pianqu_uid=names), pairs=pairs)
    states = bundling.bundles[["state", "link_gap_m", "isolated"]].rename(index=name_of)
    held = view.frame["pianqu_uid"].reindex(names.index)
    return Proposal(
        settings=settings,
        plan_id=plan_id,
        revision=view.revision,
        edition=view.edition,
        names=names,
        table=states.join(table),
        colors=_colors(view, names, pairs),
        unassigned=bundling.unassigned,
        moved=int(held.notna().sum()),
        feasible=bundling.feasible,
        notes=bundling.notes,
        seconds=time.perf_counter() - began,
    )


def _keys(view: View, names: pd.Series) -> pd.Series:
    """片区 of every compound as it would be: an uid that stays, a proposed one, or missing."""
    keys = view.frame["pianqu_uid"].astype(object).copy()
    proposed = names.map(lambda name: f"{PROPOSED}{name}", na_action="ignore")
    keys.loc[names.index] = proposed.where(proposed.notna(), None).to_numpy()
    return keys


def _colors(view: View, names: pd.Series, pairs: pd.DataFrame) -> pd.Series:
    """Colours that differ between neighbours; those of 片区 that stay are kept."""
    keys = _keys(view, names)
    proposed = [f"{PROPOSED}{name}" for name in names.dropna().unique()]
    held = pd.concat(
        [view.pianqu["color"].astype("Int64"), pd.Series(pd.NA, index=proposed, dtype="Int64")]
    )
    beside = pd.DataFrame({end: pairs[end].map(keys) for end in ("i", "j")}).dropna()
    beside = beside[beside["i"] != beside["j"]].drop_duplicates()
    found = assign_colours(beside, held, palette_size=PALETTE_SIZE)
    return found[proposed].rename(lambda key: key.removeprefix(PROPOSED))


def proposed_frame(view: View, proposal: Proposal) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compounds and 片区 as they would be, for painting.

    Returns
    -------
    tuple of DataFrame
        The compounds with the proposed 片区, and the table of 片区 with name and colour.
    """
    keys = _keys(view, proposal.names.reindex(view.frame.index.intersection(proposal.names.index)))
    proposed = pd.DataFrame({"name": proposal.colors.index, "color": proposal.colors.to_numpy()})
    proposed.index = pd.Index([f"{PROPOSED}{name}" for name in proposed["name"]])
    staying = view.pianqu.loc[view.pianqu.index.isin(set(keys.dropna())), ["name", "color"]]
    return view.frame.assign(pianqu_uid=keys), pd.concat([pd.DataFrame(staying), proposed])


def is_stale(proposal: Proposal, revision: int) -> bool:
    """Tell whether the plan has moved on since the proposal was made."""
    return proposal.revision != revision


def adopt(plan: Plan, proposal: Proposal, *, actor: str) -> int:
    """Write the proposal in one transaction; returns the number of 片区.

    Raises
    ------
    StoreError
        If the plan has moved on since.
    """
    if is_stale(proposal, plan.revision()):
        raise StoreError("计划在方案生成之后又有修改，方案已过时，没有采用。请重新生成方案。")
    made = assign(plan, proposal.names, actor, label=f"采用自动方案（{proposal.settings.words}）")
    return len(made)

"""Automatic proposals of 片区: worked out beside the plan, compared, and taken over in one step.

A proposal carries the settings and the revision that it came from; when the plan has moved on it can no
longer be taken over.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from data.pianqu import PALETTE_SIZE, assign, totals
from data.pianqu_steps import COLOUR_GAP_M
from data.proposal_scope import Prepared, prepare
from data.proposal_settings import ProposalSettings
from data.store import Plan
from errors import StoreError
from geo.adjacency import neighbours
from geo.bundling import Bundling, Objective, propose
from geo.colouring import assign_colours
from geo.crs import plan_zone, to_plane

__all__ = [
    "FITS",
    "Measures",
    "Origin",
    "Proposal",
    "ProposalSettings",
    "adopt",
    "basis_revision",
    "free_names",
    "is_stale",
    "make_proposals",
    "prepare",
]

FITS = "符合"
_NAME = "片区"
# Layers and tables that a proposal rests on: compounds and their grouping, barriers, verdicts, zone.
_BASIS = ("compounds", "pianqu", "roads", "water", "barriers", "votes", "settings")
# Columns of a bundle that are told of a proposed 片区; the sums come from the plan's own figures.
_OF_BUNDLE = (
    "state",
    "diameter_m",
    "compactness",
    "balance_yuan",
    "subdistricts",
    "link_gap_m",
    "isolated",
)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """State of the plan that proposals are made of.

    Attributes
    ----------
    plan_id : str
        The plan.
    revision : int
        As of :func:`basis_revision`.
    edition : int
        修订 as planners are told.
    """

    plan_id: str
    revision: int
    edition: int


@dataclass(frozen=True, kw_only=True)
class Measures:
    """A proposal in figures, to compare it by.

    Attributes
    ----------
    pianqu : int
        片区, short ones included.
    short : int
        片区 below the minimum of households.
    placed, households : int
        Households in 片区 that keep the limits, and of all compounds that take part; unknown ones are 0.
    unassigned : int
        Compounds that take part and stay 未分组.
    compactness : float or None
        Mean of A²/2πI over the 片区.
    diameter_m : float or None
        Of the widest 片区.
    uncovered_yuan : int
        What 片区 lack after their own surpluses, added up.
    """

    pianqu: int
    short: int
    placed: int
    households: int
    unassigned: int
    compactness: float | None
    diameter_m: float | None
    uncovered_yuan: int

    @property
    def placed_share(self) -> float | None:
        """Share of the households that is placed; None if there are none."""
        return self.placed / self.households if self.households else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """A proposal, nothing of which is in the plan yet.

    Attributes
    ----------
    settings : ProposalSettings
        What it came from.
    origin : Origin
        State of the plan that it was made of.
    emphasis : str
        What sets it apart from the others.
    names : Series
        Name of the 片区 by uid of the compound that takes part, missing for 未分组.
    table : DataFrame
        By name: the columns of :func:`data.pianqu.totals` and ``state`` (符合, 户数不足), ``diameter_m``,
        ``compactness``, ``balance_yuan``, ``subdistricts``, ``link_gap_m``, ``isolated``.
    colors : Series
        Colour number by name.
    unassigned : Series
        Reason by uid of the compound that takes part and stays 未分组.
    staying : Series
        Reason by uid of the compound in the range that does not take part.
    moved : int
        Compounds that would leave a 片区 that they are in now.
    measures : Measures
        To compare it by.
    feasible : bool
        All are placed and all 片区 keep the limits.
    objective, bound : Objective
        The three levels reached, and what none can go below.
    optimal : bool
        Proven to be the best there is.
    gap : float or None
        Relative distance to the bound.
    proof : str
        That in words.
    notes : tuple of str
        What the planner has to know.
    seconds : float
        How long the search took.
    key : str
        Tells it from every other proposal.
    """

    settings: ProposalSettings
    origin: Origin
    emphasis: str
    names: pd.Series[Any]
    table: pd.DataFrame
    colors: pd.Series[int]
    unassigned: pd.Series[str]
    staying: pd.Series[str]
    moved: int
    measures: Measures
    feasible: bool
    objective: Objective
    bound: Objective
    optimal: bool
    gap: float | None
    proof: str
    notes: tuple[str, ...]
    seconds: float
    key: str = field(default_factory=lambda: secrets.token_hex(8))


def make_proposals(
    prepared: Prepared,
    pairs: pd.DataFrame,
    settings: ProposalSettings,
    *,
    frame: gpd.GeoDataFrame,
    pianqu: pd.DataFrame,
    origin: Origin,
    progress: Callable[[float], None] | None = None,
) -> tuple[Proposal, ...]:
    """Work out proposals, the best first; the others set other accents.

    Parameters
    ----------
    prepared : Prepared
        Who takes part, from :func:`prepare`.
    pairs : DataFrame
        Neighbours ``i``, ``j``, ``gap_m``, barriers taken into account.
    settings : ProposalSettings
        What is asked for.
    frame, pianqu : GeoDataFrame, DataFrame
        Compounds and 片区 of the plan.
    origin : Origin
        State of the plan that these are of.
    progress : callable, optional
        Told the share done, 0 to 1; what it raises ends the search.

    Returns
    -------
    tuple of Proposal
        As many as asked for, or fewer if there is nothing else to propose.

    Raises
    ------
    RecordError
        If nobody can be grouped, or the limits contradict each other.
    """
    prepared.refuse_nobody()
    found = propose(
        prepared.compounds,
        prepared.shapes,
        pairs,
        limits=settings.limits,
        weights=settings.weights,
        aim=settings.aim,
        together=prepared.together,
        apart=prepared.apart,
        pick=settings.pick,
        proposals=settings.proposals,
        seed=settings.seed,
        progress=progress,
    )
    draft = _Draft(prepared, pairs, settings, frame, pianqu, origin, _side_by_side(frame))
    best = found[0]
    if len(found) < settings.proposals:
        best = replace(best, notes=(*best.notes, _fewer(len(found), settings.proposals)))
    return (
        draft.proposal(best),
        *(draft.proposal(_beside_the_best(other, best)) for other in found[1:]),
    )


def _fewer(made: int, asked: int) -> str:
    return f"要 {asked} 个方案，只有 {made} 个：其余分法与这{'个' if made == 1 else '些'}差别太小。"


def _beside_the_best(other: Bundling, best: Bundling) -> Bundling:
    """Tell how far another proposal is from the best one: its own bound is looser than that one."""
    less, fewer = other.objective.left - best.objective.left, _number(other) - _number(best)
    if less:
        told, gap = f"未成片户数比方案 1 多 {less:,} 户", less / max(other.objective.left, 1)
    elif other.objective.number != best.objective.number:
        told = f"片区数比方案 1 {'多' if fewer > 0 else '少'} {abs(fewer):,}"
        gap = abs(fewer) / max(_number(other), _number(best), 1)
    else:
        loss = other.objective.score - best.objective.score
        gap = max(loss, 0.0) / max(other.objective.score, 1e-9)
        told = f"未成片户数、片区数与方案 1 相同，综合得分差 {gap:.1%}"
    if not best.optimal:
        return replace(other, proof=told)
    return replace(other, proof=f"{told}（方案 1 已证明最优）", bound=best.objective, gap=gap)


def _number(bundling: Bundling) -> int:
    return abs(bundling.objective.number)


@dataclass(frozen=True)
class _Draft:
    """What all proposals of one search share."""

    prepared: Prepared
    pairs: pd.DataFrame
    settings: ProposalSettings
    frame: gpd.GeoDataFrame
    pianqu: pd.DataFrame
    origin: Origin
    beside: pd.DataFrame

    def proposal(self, bundling: Bundling) -> Proposal:
        name_of = self._names(bundling)
        names = bundling.labels.map(name_of).astype(object)
        names = names.where(names.notna(), None).rename("name")
        table = totals(self.prepared.records.assign(pianqu_uid=names), pairs=self.pairs)
        told = bundling.bundles[list(_OF_BUNDLE)].rename(index=name_of)
        now = self.frame["pianqu_uid"].reindex(names.index).map(self.pianqu["name"].to_dict())
        return Proposal(
            settings=self.settings,
            origin=self.origin,
            emphasis=bundling.emphasis,
            names=names,
            table=told.join(table),
            colors=self._colors(names),
            unassigned=bundling.unassigned,
            staying=self.prepared.staying,
            moved=int((now.notna() & (now != names)).sum()),
            measures=_measures(bundling, self.prepared.compounds),
            feasible=bundling.feasible,
            objective=bundling.objective,
            bound=bundling.bound,
            optimal=bundling.optimal,
            gap=bundling.gap,
            proof=bundling.proof,
            notes=(*self.prepared.notes, *bundling.notes),
            seconds=bundling.seconds,
        )

    def _names(self, bundling: Bundling) -> dict[Any, str]:
        """Name of each bundle: that of the 片区 whose locked compounds it holds, or a free one."""
        at = bundling.labels.reindex(self.prepared.held.index).dropna()
        held = self.prepared.held.to_dict()
        kept = {int(number): str(held[uid]) for uid, number in at.items()}
        new = [number for number in bundling.bundles.index if number not in kept]
        return {**kept, **dict(zip(new, free_names(self.pianqu["name"], len(new)), strict=True))}

    def _colors(self, names: pd.Series[Any]) -> pd.Series[int]:
        """Colours as adopting would give them: 片区 that stay keep theirs, neighbours differ."""
        after = self.frame["pianqu_uid"].map(self.pianqu["name"].to_dict()).astype(object)
        after.loc[names.index] = names.to_numpy()
        present = sorted({str(name) for name in after.dropna()})
        named = self.pianqu.drop_duplicates("name").set_index("name")
        held = named["color"].astype("Int64").reindex(present)
        ends = pd.DataFrame({end: self.beside[end].map(after) for end in ("i", "j")}).dropna()
        ends = ends[ends["i"] != ends["j"]].drop_duplicates()
        colors = assign_colours(ends, held, palette_size=PALETTE_SIZE)
        return colors[colors.index.isin(set(names.dropna()))]


def _measures(bundling: Bundling, compounds: pd.DataFrame) -> Measures:
    bundles = bundling.bundles
    fits = bundles["state"] == FITS
    lacking = (-bundles["balance_yuan"]).clip(lower=0)
    return Measures(
        pianqu=len(bundles),
        short=int((~fits).sum()),
        placed=int(bundles.loc[fits, "households"].sum()),
        households=int(compounds["households"].sum()),
        unassigned=len(bundling.unassigned),
        compactness=float(bundles["compactness"].mean()) if len(bundles) else None,
        diameter_m=float(bundles["diameter_m"].max()) if len(bundles) else None,
        uncovered_yuan=int(lacking.sum()),
    )


def _side_by_side(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Compounds so near that their 片区 must differ in colour."""
    drawn = frame.geometry.dropna()
    return neighbours(to_plane(drawn, plan_zone(drawn).epsg), max_gap_m=COLOUR_GAP_M)


def free_names(taken: Iterable[Any], count: int) -> list[str]:
    """片区 1, 片区 2, … after the highest number that a 片区 has: a taken name would mean that 片区.

    Examples
    --------
    >>> free_names(["金龙片区", "片区 7"], 2)
    ['片区 8', '片区 9']
    """
    numbers = [int(found[1]) for name in taken if (found := re.search(r"(\d{1,9})$", str(name)))]
    first = max(numbers, default=0) + 1
    return [f"{_NAME} {number}" for number in range(first, first + count)]


def basis_revision(plan: Plan) -> int:
    """Revision at which that was last changed which proposals rest on; saving a 方案 changes nothing of it."""
    return max(plan.layer_revision(name) for name in _BASIS)


def is_stale(proposal: Proposal, revision: int) -> bool:
    """Tell by its basis whether the plan has moved on since the proposal was made."""
    return proposal.origin.revision != revision


def adopt(plan: Plan, proposal: Proposal, *, actor: str) -> dict[str, str]:
    """Write a proposal in one transaction; returns name to uid of its 片区.

    Raises
    ------
    StoreError
        If the plan has moved on since, or is another.
    """

    def refuse_stale() -> None:
        if str(plan.plan_id) != proposal.origin.plan_id or is_stale(proposal, basis_revision(plan)):
            raise StoreError("计划在方案生成之后又有修改，方案已过时，没有采用。请重新生成方案。")

    label = f"采用自动方案“{proposal.emphasis}”（{proposal.settings.words}）"
    return assign(plan, proposal.names, actor, label=label, check=refuse_stale)

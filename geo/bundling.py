"""Proposals of 片区: neighbouring compounds under limits, the best that can be found and how good that is.

It never fails on islands: a compound without neighbours is a 片区 of one and is said to be so, and what can
not be placed is listed with the reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geo.bundle_problem import Aim, BundleLimits, BundleWeights

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.bundle_search import Solution
    from geo.bundle_tables import Linked
    from geo.bundle_units import Units

__all__ = ["Bundling", "Objective", "propose", "warm"]

Progress = Callable[[float], None]

# Partitions whose bundles the best few are picked from.
_PARTITIONS = 4


class Objective(NamedTuple):
    """Three levels, the first decides; lower is better in each.

    Attributes
    ----------
    left : int
        Households left over in bundles that do not meet the minimum (a compound counts at least 1).
    number : int
        Bundles: less the number that meet the minimum (aim ``most``), the number (``fewest``), 0 (``free``).
    score : float
        Weighted sum of :class:`geo.bundle_problem.BundleWeights`.
    """

    left: int
    number: int
    score: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundling:
    """A proposal.

    Attributes
    ----------
    labels : Series
        ``Int64``: number of the 片区 from 1 by label of the compound, missing for 未分组.
    bundles : DataFrame
        By number: ``compounds``, ``households``, ``unknown_households`` (compounds counted as 0),
        ``investment_yuan`` and ``balance_yuan`` (of what is known), ``diameter_m``, ``compactness`` (A²/2πI, 1
        for a circle), ``subdistricts``, ``link_gap_m`` (gaps to cross inside), ``isolated`` (one compound
        without neighbours), ``parts`` (more than 1 only through `together`), ``state`` (符合, 户数不足).
    unassigned : Series
        Reason (Chinese) by label of the compound.
    feasible : bool
        All compounds are in a 片区 and all 片区 keep the limits; with `pick`, so many that keep them are there.
    notes : tuple of str
        What a planner has to know, in Chinese.
    objective, bound : Objective
        What is reached, and what no partition can be better than, by the weights asked for.
    optimal : bool
        Nothing better exists.
    gap : float or None
        Relative distance from the bound in the first level that is not proven; None with `pick`.
    proof : str
        The same in Chinese.
    emphasis : str
        What this proposal minds most: 综合, 更紧凑, 户数更均衡, 资金更平衡, 另一种分法.
    limits, weights, aim, seed
        As asked for.
    seconds : float
        Time of the whole call until this proposal stood.
    """

    labels: pd.Series[int]
    bundles: pd.DataFrame
    unassigned: pd.Series[str]
    feasible: bool
    notes: tuple[str, ...]
    objective: Objective
    bound: Objective
    optimal: bool
    gap: float | None
    proof: str
    emphasis: str
    limits: BundleLimits
    weights: BundleWeights
    aim: Aim
    seed: int
    seconds: float


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """What all proposals of one call have in common."""

    order: pd.Index[Any]
    compounds: pd.DataFrame
    units: Units
    graph: Linked
    seed: int
    pick: int | None
    began: float


class _Picked(NamedTuple):
    """Units of the bundles that are picked, and how many bundles there were to pick from."""

    units: Any
    of: int


def propose(  # noqa: PLR0913 - one call says all that is asked for
    compounds: pd.DataFrame,
    shapes: gpd.GeoSeries,
    pairs: pd.DataFrame,
    *,
    limits: BundleLimits,
    weights: BundleWeights | None = None,
    aim: Aim = "most",
    together: Iterable[tuple[Any, Any]] = (),
    apart: Iterable[tuple[Any, Any]] = (),
    pick: int | None = None,
    proposals: int = 1,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
) -> tuple[Bundling, ...]:
    """Propose 片区 of neighbouring compounds.

    Parameters
    ----------
    compounds : DataFrame
        By label: ``households``, and where known ``investment_yuan``, ``balance_yuan``, ``subdistrict``;
        missing is unknown and counts as 0.
    shapes : GeoSeries
        Boundaries by the same labels, in metres; compounds without one stay 未分组.
    pairs : DataFrame
        Neighbours with ``i``, ``j``, ``gap_m``, as from :func:`geo.adjacency.neighbours`; pairs of other labels
        are passed over, so that a selection can be bundled.
    limits, weights, aim
        What is asked for.
    together, apart : pairs of labels
        Compounds that have to be, or may not be, in one 片区.
    pick : int, optional
        Keep only so many 片区, the best by themselves; the rest stays 未分组.
    proposals : int
        How many that differ visibly; fewer if there are no more.
    seed : int
        The same gives the same proposals, whatever the order of the rows.
    effort : float
        Share of the usual work; 0 only cuts trees, which takes a fraction of a second.
    progress : callable, optional
        Told the share done, 0 to 1. What it raises ends the search.

    Returns
    -------
    tuple of Bundling
        The best by the objective first.

    Raises
    ------
    RecordError
        All that is wrong at once: a label twice, negative households, limits or pairs that contradict.
    CrsError
        If `shapes` is not in metres.
    """
    from geo.bundle_search import alternatives
    from geo.bundle_tables import linked
    from geo.bundle_units import build_units

    began = time.perf_counter()
    units = build_units(
        compounds,
        shapes,
        pairs,
        limits=limits,
        weights=weights,
        aim=aim,
        together=together,
        apart=apart,
    )
    asked = _Asked(
        order=compounds.index,
        compounds=compounds.loc[units.unit_of.index],
        units=units,
        graph=linked(units, pairs),
        seed=seed,
        pick=pick,
        began=began,
    )
    # The best few are not all in one partition: they are chosen among those of several.
    wanted = proposals if pick is None else max(proposals, _PARTITIONS)
    found = alternatives(
        units.problem, proposals=wanted, seed=seed, effort=effort, progress=progress
    )
    if pick is not None:
        return _pick(asked, found, proposals)
    return tuple(_bundling(asked, solution, emphasis) for emphasis, solution in found)


def _pick(asked: _Asked, found: list[tuple[str, Solution]], proposals: int) -> tuple[Bundling, ...]:
    """Pick the best few of all partitions; then those of each by itself, as long as they differ."""
    from geo.bundle_picks import best_few

    slots = [solution.slot for _, solution in found]
    made: list[Bundling] = []
    for emphasis, sources in [(found[0][0], slots), *((e, [s.slot]) for e, s in found[1:])]:
        slot, units, of = best_few(asked.units.problem, sources, asked.pick or 0)
        solution = replace(found[0][1], slot=slot, optimal=False)
        one = _bundling(asked, solution, emphasis, _Picked(np.flatnonzero(units), of))
        if len(made) < proposals and not any(one.labels.equals(other.labels) for other in made):
            made.append(one)
    return tuple(made)


def _bundling(
    asked: _Asked, solution: Solution, emphasis: str, picked: _Picked | None = None
) -> Bundling:
    from geo.bundle_tables import bundle_costs, bundle_table, numbers_of

    units = asked.units
    number = numbers_of(solution.slot)
    judged, diameter = bundle_costs(units.problem, number)
    table = bundle_table(units, asked.compounds, asked.graph, number, costs=(judged, diameter))
    placed = pd.Series(number[asked.graph.unit] + 1, index=asked.graph.labels, dtype="Int64")
    unassigned = units.unassigned
    reached, told = _objective(judged), None
    # Added up in another order, what is proven may differ in its last digit.
    bound = min(_bound(solution), reached)
    if picked is not None:
        kept = np.unique(number[picked.units])
        told = f"从 {picked.of} 个候选片区中选出最好的 {len(kept)} 个"
        placed, table, out = _only(placed, table, kept)
        reached = bound = _objective(judged[kept])
        reason = f"不在选出的 {len(kept)} 个片区内"
        unassigned = pd.concat([unassigned, pd.Series(reason, index=out, dtype=object)])
    optimal = told is None and solution.optimal
    gap, proof = (None, told) if told else _proof(reached, bound, optimal, units.aim)
    complete = units.unassigned.empty if asked.pick is None else len(table) >= asked.pick
    return Bundling(
        labels=placed.reindex(asked.order).rename("bundle"),
        bundles=table,
        unassigned=unassigned.rename("reason"),
        feasible=bool(complete and (table["state"] == "符合").all()),
        notes=_notes(table, unassigned, units.limits),
        objective=reached,
        bound=bound,
        optimal=optimal,
        gap=gap,
        proof=proof,
        emphasis=emphasis,
        limits=units.limits,
        weights=units.weights,
        aim=units.aim,
        seed=asked.seed,
        seconds=time.perf_counter() - asked.began,
    )


def _objective(judged: Any) -> Objective:
    left, number, score = judged[:, 1:].sum(axis=0).tolist()
    return Objective(round(left), round(number), score)


def _bound(solution: Solution) -> Objective:
    left, number, score = solution.bound.tolist()
    return Objective(round(left), round(number), score)


def _only(
    placed: pd.Series[int], table: pd.DataFrame, chosen: Any
) -> tuple[pd.Series[int], pd.DataFrame, pd.Index[Any]]:
    """Keep some of the bundles, numbered anew."""
    number = pd.Series(range(1, len(chosen) + 1), index=table.index[chosen], dtype="Int64")
    kept = placed.map(number).astype("Int64")
    table = table.iloc[chosen].set_axis(
        pd.RangeIndex(1, len(chosen) + 1, name="bundle"), axis="index"
    )
    return kept, table, placed.index[kept.isna()]


def _proof(
    reached: Objective, bound: Objective, optimal: bool, aim: Aim
) -> tuple[float | None, str]:
    """How far from the bound, in the first level that is not proven."""
    if optimal:
        return 0.0, "已证明最优"
    if reached.left > bound.left:
        gap = (reached.left - bound.left) / max(reached.left, 1)
        return gap, f"未成片户数 {reached.left}，下界 {bound.left}，相差 {gap:.1%}"
    if reached.number > bound.number:
        gap = (reached.number - bound.number) / max(abs(reached.number), abs(bound.number), 1)
        side = "上界" if aim == "most" else "下界"
        return gap, f"片区数 {abs(reached.number)}，{side} {abs(bound.number)}，相差 {gap:.1%}"
    gap = max(reached.score - bound.score, 0.0) / max(reached.score, 1e-9)
    what = "未成片户数已证明最少" if aim == "free" else "未成片户数和片区数已证明最优"
    return gap, f"{what}；综合得分 {reached.score:.4f}，下界 {bound.score:.4f}，相差 {gap:.1%}"


def _notes(
    bundles: pd.DataFrame, unassigned: pd.Series[str], limits: BundleLimits
) -> tuple[str, ...]:
    notes = []
    unknown = int(bundles["unknown_households"].sum())
    if unknown:
        notes.append(f"{unknown} 个小区户数未知，按 0 户计算，请在台账中补全。")
    isolated = int(bundles["isolated"].sum())
    if isolated:
        notes.append(f"{isolated} 个小区在相邻间距内没有其他小区，单独成片。")
    short = int(((bundles["state"] == "户数不足") & ~bundles["isolated"]).sum())
    if short:
        notes.append(
            f"{short} 个片区不足 {limits.min_households} 户，在各项限制内没有可以并入的片区。"
        )
    notes += [
        f"{count} 个小区未分组：{reason}。"
        for reason, count in unassigned.value_counts(sort=False).items()
    ]
    return tuple(notes)


def warm() -> None:
    """Compile all kernels on a tiny problem, so that the first proposal of a planner does not wait."""
    import geopandas as gpd
    import shapely

    from geo import recut, tree_cuts
    from geo.adjacency import neighbours
    from geo.bundle_units import build_units
    from geo.components import components_of

    # A long row of compounds, and a few apart from it, which are looked through one by one.
    names = [f"{k:02d}" for k in range(20)]
    west = [60 * k + (1_000 if k >= 16 else 0) for k in range(len(names))]
    boxes = [shapely.box(x, 0, x + 50, 50) for x in west]
    ledger = pd.DataFrame({"households": 200, "subdistrict": "x"}, index=names)
    shapes = gpd.GeoSeries(boxes, index=names, crs="EPSG:4547")
    pairs = neighbours(shapes)
    limits = BundleLimits(min_households=300, max_households=900, max_diameter_m=200)
    propose(ledger, shapes, pairs, limits=limits, apart=[("00", "01")])
    # All of it is proven before a tree is cut, so those are called by themselves.
    problem = build_units(ledger, shapes, pairs, limits=limits).problem
    components = components_of(problem)
    slot = tree_cuts.search(problem, components, seed=0, effort=0.0)
    recut.improve(problem, components, slot, seed=0, effort=0.01)

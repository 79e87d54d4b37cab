"""From compounds, boundaries and pairs to the arrays of a problem, and back from units to compounds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely
from numpy.typing import NDArray
from scipy.sparse import csgraph

from errors import RecordError
from geo.adjacency import sorted_positions
from geo.bundle_problem import (
    AREA,
    AREA_X,
    AREA_Y,
    BALANCE,
    COLUMNS,
    COMPOUNDS,
    DIRECTIONS,
    HOUSEHOLDS,
    INVESTMENT,
    MOMENT,
    Aim,
    BundleLimits,
    BundleWeights,
    Problem,
    exact_diameter_m,
    middle_households,
    short_cost,
)
from geo.compiled import compiled
from geo.crs import require_metric

__all__ = ["Units", "build_units"]

Pairs = Iterable[tuple[Any, Any]]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_WHAT = "片区划分"
_AIMS: dict[Aim, int] = {"most": -1, "free": 0, "fewest": 1}


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """A problem and whose compounds its units are.

    Attributes
    ----------
    problem : Problem
        Units by position, in the order of the label of their first compound.
    unit_of : Series
        Position of the unit by label of the compound, for the compounds that take part.
    unassigned : Series
        Reason (Chinese) by label of the compound that can not take part.
    unknown_households : Series
        bool by label: counted as 0.
    limits, weights, aim
        As asked for.
    """

    problem: Problem
    unit_of: pd.Series[int]
    unassigned: pd.Series[str]
    unknown_households: pd.Series[bool]
    limits: BundleLimits
    weights: BundleWeights
    aim: Aim


def build_units(
    compounds: pd.DataFrame,
    shapes: gpd.GeoSeries,
    pairs: pd.DataFrame,
    *,
    limits: BundleLimits,
    weights: BundleWeights | None = None,
    aim: Aim = "most",
    together: Pairs = (),
    apart: Pairs = (),
) -> Units:
    """Put a problem together.

    Parameters
    ----------
    compounds : DataFrame
        Unique labels; ``households``, and where known ``investment_yuan``, ``balance_yuan`` (income, grants
        and contributions less cost) and ``subdistrict``. Missing is unknown and counts as 0.
    shapes : GeoSeries
        Boundaries by the same labels, in metres; compounds without one stay 未分组.
    pairs : DataFrame
        Neighbours ``i``, ``j``, ``gap_m``; pairs with other labels are passed over.
    limits, weights, aim
        What is asked for.
    together, apart : pairs of labels
        Compounds that have to be, or may not be, in one bundle. `together` may join what is not adjacent.

    Returns
    -------
    Units

    Raises
    ------
    RecordError
        All that is wrong at once: a label twice, negative households, limits or pairs that contradict.
    CrsError
        If `shapes` is not in metres.
    """
    require_metric(shapes=shapes)
    weights = weights or BundleWeights()
    together, apart = list(together), list(apart)
    _check(compounds, limits, together, apart)
    compounds = compounds.iloc[sorted_positions(compounds.index)]
    shapes = shapes.reindex(compounds.index)
    drawn = ~(shapes.isna() | shapes.is_empty)
    kept = compounds[drawn.to_numpy()]
    unit = _unit_of(kept.index, together)
    _check_apart(kept.index, unit, apart)
    put = partial(_problem, pairs=pairs, limits=limits, weights=weights, aim=aim)
    problem = put(kept, shapes[drawn], unit, apart=apart)
    too_big = _too_big(problem, limits)
    unassigned = pd.Series("还没有边界", index=compounds.index[~drawn.to_numpy()], dtype=object)
    if too_big.any():
        out = too_big[unit] != ""
        reasons = pd.Series(too_big[unit[out]], index=kept.index[out], dtype=object)
        unassigned = pd.concat([unassigned, reasons])
        kept, unit = kept[~out], np.unique(unit[~out], return_inverse=True)[1]
        still = [(a, b) for a, b in apart if a in kept.index and b in kept.index]
        problem = put(kept, shapes[kept.index], unit, apart=still)
    return Units(
        problem=problem,
        unit_of=pd.Series(unit, index=kept.index, name="unit", dtype=np.int64),
        unassigned=unassigned.rename("reason"),
        unknown_households=kept["households"].isna(),
        limits=limits,
        weights=weights,
        aim=aim,
    )


def _check(
    compounds: pd.DataFrame,
    limits: BundleLimits,
    together: list[tuple[Any, Any]],
    apart: list[tuple[Any, Any]],
) -> None:
    low, high = limits.min_households, limits.max_households
    problems = []
    if not compounds.index.is_unique:
        problems.append("小区标识码重复，请先处理重复的行。")
    negative = compounds.index[(compounds["households"] < 0).fillna(False).astype(bool)]
    problems += [f"小区 {label} 的户数是负数，请在台账中改正。" for label in negative]
    if low is not None and low < 0:
        problems.append(f"最少户数是 {low}，应为 0 或更大。")
    if high is not None and high < 1:
        problems.append(f"最多户数是 {high}，应为 1 或更大。")
    elif low is not None and high is not None and low > high:
        problems.append(f"最少户数 {low} 大于最多户数 {high}，请改小最少户数或改大最多户数。")
    for title, most in (
        ("最大投资", limits.max_investment_yuan),
        ("最大跨度", limits.max_diameter_m),
    ):
        if most is not None and not (math.isfinite(most) and most > 0):
            problems.append(f"{title}是 {most}，应大于 0。")
    named = {label for pair in (*together, *apart) for label in pair}
    strangers = named - set(compounds.index) if named else set()
    problems += [
        f"指定同片或分开的小区 {label} 不在范围内。" for label in sorted(map(str, strangers))
    ]
    if problems:
        raise RecordError(_WHAT, problems)


def _unit_of(labels: pd.Index[Any], together: list[tuple[Any, Any]]) -> Ints:
    """Position of the unit of each compound, units in the order of their first compound."""
    size = len(labels)
    if not together:
        return np.arange(size, dtype=np.int64)
    at = {label: position for position, label in enumerate(labels)}
    ends = [(at[a], at[b]) for a, b in together if a in at and b in at]
    known = np.array(ends, dtype=np.int64).reshape(-1, 2)
    links = sp.coo_array((np.ones(len(known)), (known[:, 0], known[:, 1])), shape=(size, size))
    _, group = csgraph.connected_components(links, directed=False)
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def _check_apart(labels: pd.Index[Any], unit: Ints, apart: list[tuple[Any, Any]]) -> None:
    position = dict(zip(labels, unit.tolist(), strict=True)) if apart else {}
    problems = [
        f"小区 {a} 与 {b} 既要求同片又要求分开，请去掉其中一条。"
        for a, b in apart
        if a in position and b in position and position[a] == position[b]
    ]
    if problems:
        raise RecordError(_WHAT, problems)


def _problem(
    kept: pd.DataFrame,
    shapes: gpd.GeoSeries,
    unit: Ints,
    *,
    pairs: pd.DataFrame,
    limits: BundleLimits,
    weights: BundleWeights,
    aim: Aim,
    apart: list[tuple[Any, Any]],
) -> Problem:
    size = int(unit.max()) + 1 if len(unit) else 0
    corners, owner = _hull_corners(shapes)
    sums = _sums(kept, shapes, unit, size)
    subdistrict = _subdistricts(kept, unit, size)
    start, neighbour, gap_m = _graph(kept.index, unit, size, pairs)
    if limits.subdistricts == "hard":
        start, neighbour, gap_m = _same_only(start, neighbour, gap_m, subdistrict)
    hull_unit = unit[owner]
    order = np.argsort(hull_unit, kind="stable")
    hull_start = _starts(hull_unit, size)
    apart_start, apart_with = _rows(_apart_ends(kept.index, unit, apart), size)
    households = max(float(sums[:, HOUSEHOLDS].sum()), 1.0)
    balances = max(float(np.abs(sums[:, BALANCE]).sum()), 1.0)
    split = weights.subdistrict / households if limits.subdistricts == "prefer" else 0.0
    return Problem(
        start=start,
        neighbour=neighbour,
        gap_m=gap_m,
        sums=sums,
        support=_support(corners[order], hull_start, wanted=limits.max_diameter_m is not None),
        hull_start=hull_start,
        hull=corners[order],
        subdistrict=subdistrict,
        apart_start=apart_start,
        apart=apart_with,
        floor=float(limits.min_households or 0),
        ceiling=_or_inf(limits.max_households),
        max_investment=_or_inf(limits.max_investment_yuan),
        max_diameter=_or_inf(limits.max_diameter_m),
        aim=_AIMS[aim],
        compact=weights.compact / households,
        balanced=weights.balanced / households,
        money=weights.money / balances,
        split=split,
        short=short_cost(limits, weights) / households,
        target=middle_households(limits),
    )


def _or_inf(limit: float | None) -> float:
    return math.inf if limit is None else float(limit)


def _hull_corners(shapes: gpd.GeoSeries) -> tuple[Floats, Ints]:
    """Corners of the convex hulls, from the middle of all, and the position of the compound of each."""
    hulls = shapely.convex_hull(shapes.to_numpy())
    corners, owner = shapely.get_coordinates(hulls, return_index=True)
    return corners - _middle(shapes), owner.astype(np.int64)


def _middle(shapes: gpd.GeoSeries) -> Floats:
    if not len(shapes):
        return np.zeros(2)
    west, south, east, north = shapes.total_bounds
    return np.array([(west + east) / 2, (south + north) / 2])


def _sums(kept: pd.DataFrame, shapes: gpd.GeoSeries, unit: Ints, size: int) -> Floats:
    area = shapely.area(shapes.to_numpy())
    centre = shapely.get_coordinates(shapely.centroid(shapes.to_numpy())) - _middle(shapes)
    rows = np.zeros((len(kept), len(COLUMNS)))
    rows[:, COMPOUNDS] = 1
    rows[:, HOUSEHOLDS] = _figures(kept, "households")
    rows[:, INVESTMENT] = _figures(kept, "investment_yuan")
    rows[:, BALANCE] = _figures(kept, "balance_yuan")
    rows[:, AREA] = area
    rows[:, AREA_X], rows[:, AREA_Y] = area * centre[:, 0], area * centre[:, 1]
    # A compound is taken for a circle of its area about its centroid.
    rows[:, MOMENT] = area * (centre**2).sum(axis=1) + area**2 / (2 * math.pi)
    sums = np.zeros((size, len(COLUMNS)))
    np.add.at(sums, unit, rows)
    return sums


def _figures(kept: pd.DataFrame, name: str) -> Floats:
    if name not in kept:
        return np.zeros(len(kept))
    return pd.to_numeric(kept[name]).to_numpy(dtype=float, na_value=0.0)


def _subdistricts(kept: pd.DataFrame, unit: Ints, size: int) -> Ints:
    """Code of each unit; −1 where it is unknown or a unit lies in several."""
    if "subdistrict" not in kept:
        return np.full(size, -1, dtype=np.int64)
    codes, _ = pd.factorize(kept["subdistrict"], sort=True)
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1, dtype=np.int64)
    np.minimum.at(low, unit, codes)
    np.maximum.at(high, unit, codes)
    return np.where(low == high, high, -1).astype(np.int64)


def _graph(
    labels: pd.Index[Any], unit: Ints, size: int, pairs: pd.DataFrame
) -> tuple[Ints, Ints, Floats]:
    first, second = (labels.get_indexer(pd.Index(pairs[end])) for end in ("i", "j"))
    known = (first >= 0) & (second >= 0)
    a, b = unit[first[known]], unit[second[known]]
    gap = pairs["gap_m"].to_numpy(dtype=float)[known]
    other = a != b
    a, b, gap = a[other], b[other], gap[other]
    both = np.column_stack([np.concatenate([a, b]), np.concatenate([b, a])])
    gaps = np.concatenate([gap, gap])
    order = np.lexsort((gaps, both[:, 1], both[:, 0]))
    both, gaps = both[order], gaps[order]
    fresh = np.ones(len(both), dtype=bool)
    fresh[1:] = (both[1:] != both[:-1]).any(axis=1)
    both, gaps = both[fresh], gaps[fresh]
    return _starts(both[:, 0], size), both[:, 1].astype(np.int64), gaps


def _same_only(
    start: Ints, neighbour: Ints, gap_m: Floats, subdistrict: Ints
) -> tuple[Ints, Ints, Floats]:
    """Keep the pairs inside a subdistrict; a unit of none, or of several, is the same as nobody."""
    one = np.repeat(np.arange(len(start) - 1), np.diff(start))
    a, b = subdistrict[one], subdistrict[neighbour]
    keep = (a == b) & (a >= 0)
    return _starts(one[keep], len(start) - 1), neighbour[keep], gap_m[keep]


def _apart_ends(labels: pd.Index[Any], unit: Ints, apart: list[tuple[Any, Any]]) -> Ints:
    position = dict(zip(labels, unit.tolist(), strict=True)) if apart else {}
    ends = [(position[a], position[b]) for a, b in apart if a in position and b in position]
    both = sorted({*ends, *((b, a) for a, b in ends)})
    return np.array(both, dtype=np.int64).reshape(-1, 2)


def _rows(ends: Ints, size: int) -> tuple[Ints, Ints]:
    return _starts(ends[:, 0], size), np.ascontiguousarray(ends[:, 1])


def _starts(owner: Ints, size: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=size))]).astype(np.int64)


def _support(corners: Floats, start: Ints, *, wanted: bool) -> Floats:
    """Reach of every unit; nothing asks for it where there is no limit of the diameter."""
    size = len(start) - 1
    if not wanted or not size:
        return np.zeros((size, DIRECTIONS))
    angles = 2 * math.pi * np.arange(DIRECTIONS) / DIRECTIONS
    reach = corners @ np.stack([np.cos(angles), np.sin(angles)])
    return np.maximum.reduceat(reach, start[:-1], axis=0)


def _too_big(problem: Problem, limits: BundleLimits) -> NDArray[np.object_]:
    """Why a unit can be in no 片区 at all, empty where it can."""
    reasons = np.full(problem.size, "", dtype=object)
    several = problem.sums[:, COMPOUNDS] > 1
    who = np.where(several, "指定同片的小区合计", "本小区")
    wide = np.zeros(problem.size, dtype=bool)
    if limits.max_diameter_m is not None:
        across = np.zeros(problem.size)
        _measure(problem, np.arange(problem.size), across)
        wide = across > problem.max_diameter
    costly = problem.sums[:, INVESTMENT] > problem.max_investment
    crowded = problem.sums[:, HOUSEHOLDS] > problem.ceiling
    reasons[wide] = (
        who[wide] + f"跨度已超过片区上限 {limits.max_diameter_m:g} 米" if wide.any() else ""
    )
    if costly.any():
        most = (limits.max_investment_yuan or 0) / 10_000
        reasons[costly] = who[costly] + f"投资已超过片区上限 {most:,.1f} 万元"
    reasons[crowded] = who[crowded] + f"户数已超过片区上限 {limits.max_households} 户"
    return reasons


@compiled
def _measure(problem: Problem, units: Ints, across: Floats) -> None:
    """Diameter of every unit by itself."""
    for unit in units:
        across[unit] = exact_diameter_m(problem, units[unit : unit + 1])

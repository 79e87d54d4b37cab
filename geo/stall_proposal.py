"""What could be asked for, out of what would fit: whole rows, along roads first, no more than is needed.

Each row of the capacity is weighed with the aisles that it needs and that are not there yet: none for a row
along a road. Rows follow one another by the ground that a stall takes, paved ground at half, until there are enough
or what has to stay unpaved is reached. Groups are parted and dead ends cut before a row counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.stall_leading import back_m, parted
from geo.stall_loops import ways_of
from geo.stall_lot import Ready
from geo.stall_shapes import Plan, rectangles, stalls_of
from geo.stall_sizes import LayoutLimits
from geo.stall_strips import Floats
from geo.stall_trim import Net, net_of

__all__ = ["propose", "without_dead_ends"]

# Paved ground counts for so much of open soil, rows along a road come before those that need a new aisle.
_PAVED_PART, _NEW_AISLE_M2 = 0.5, 6.0
# Aisles are cut to their stalls within a hair.
_SLACK_M = 0.05


class _Case(NamedTuple):
    ready: Ready
    limits: LayoutLimits
    paved: shapely.Geometry
    unpaved_m2: float


def propose(ready: Ready, plan: Plan, limits: LayoutLimits, paved: shapely.Geometry) -> Plan:
    """Choose rows of a plan under the limits of a proposal.

    Parameters
    ----------
    ready : Ready
        The lot.
    plan : Plan
        Its capacity.
    limits : LayoutLimits
        What has to be kept.
    paved : geometry
        Paved already, in the frame of the lot.

    Returns
    -------
    Plan
        Aisles that are needed, rows that are kept, perhaps in parts.
    """
    soil = shapely.area(ready.ground) - shapely.area(shapely.intersection(ready.ground, paved))
    case = _Case(ready, limits, paved, (1.0 - limits.keep_unpaved_share) * float(soil))
    net = net_of(ready, plan)
    plan = without_dead_ends(ready, plan, limits.longest_dead_end_m)
    chosen: list[int] = []
    best = Plan(plan.aisles, plan.rows[:0])
    open_ = list(range(len(plan.rows)))
    while open_ and (limits.most is None or _count(best) < limits.most):
        row = _next(case, plan, net, chosen, open_)
        open_.remove(row)
        tried = _within(case, Plan(plan.aisles, plan.rows[sorted([*chosen, row])]))
        if _soil_m2(case, _used(case, tried, net)) <= case.unpaved_m2 and _count(tried) > _count(
            best
        ):
            chosen.append(row)
            best = tried
    return best


def _count(plan: Plan) -> int:
    return int(plan.rows[:, 5].sum())


def _way_in(net: Net, aisle: int) -> list[int]:
    """List an aisle and those that it is driven into from."""
    way = []
    while aisle >= 0 and aisle in net.parent:
        way.append(aisle)
        aisle = net.parent[aisle]
    return way


def _next(case: _Case, plan: Plan, net: Net, chosen: list[int], open_: list[int]) -> int:
    """Row that takes the least ground for a stall, with the aisles that it needs first."""
    there = {i for row in chosen for i in _way_in(net, int(plan.rows[row, 7]))}
    by_aisle: dict[int, float] = {}

    def ground(row: int) -> tuple[float, float, int]:
        aisle = int(plan.rows[row, 7])
        if aisle not in by_aisle:
            new = sum(plan.aisles[i, 7] for i in _way_in(net, aisle) if i not in there)
            by_aisle[aisle] = float(new)
        mates = [k for k in open_ if int(plan.rows[k, 7]) == aisle]
        stalls = float(sum(plan.rows[k, 5] for k in mates))
        kind = int(plan.rows[row, 1])
        own = case.ready.kinds[kind, 0] * plan.rows[row, 6]
        extra = by_aisle[aisle] / stalls
        # A new aisle is only worth its trouble for many.
        extra += _NEW_AISLE_M2 if by_aisle[aisle] > 1.0 else 0.0
        return (
            round(float(own * _soil_part(case, plan.rows[row]) + extra), 3),
            -plan.rows[row, 5],
            row,
        )

    return min(open_, key=ground)


def _soil_part(case: _Case, row: Floats) -> float:
    if case.paved.is_empty:
        return 1.0
    shape = shapely.union_all(stalls_of(case.ready, row[None]).shapes)
    return float(1.0 - (1.0 - _PAVED_PART) * shape.intersection(case.paved).area / shape.area)


def _used(case: _Case, plan: Plan, net: Net) -> shapely.Geometry:
    """Ground under the stalls and the aisles that they need."""
    if not len(plan.rows):
        return shapely.Polygon()
    aisles = sorted({i for a in plan.rows[:, 7] for i in _way_in(net, int(a))})
    wide = rectangles(plan.aisles[aisles], case.ready.turn)
    shapes = stalls_of(case.ready, plan.rows).shapes
    return shapely.intersection(shapely.union_all([*wide, *shapes]), case.ready.ground)


def _soil_m2(case: _Case, used: shapely.Geometry) -> float:
    return float(shapely.area(shapely.difference(used, case.paved)))


def _within(case: _Case, plan: Plan) -> Plan:
    """Part groups and stop at the most that are asked for."""
    plan = _in_groups(case, plan)
    most = case.limits.most
    if most is None or _count(plan) <= most:
        return _with_backs(case, plan)
    # The last row added is the one that may be cut: the smallest that is long enough.
    rows = plan.rows.copy()
    over = _count(plan) - most
    while over > 0:
        k = int(np.argmin(np.where(rows[:, 5] > 0, rows[:, 5], np.inf)))
        off = min(over, int(rows[k, 5]))
        rows[k, 5] -= off
        over -= off
    return _with_backs(case, Plan(plan.aisles, rows[rows[:, 5] > 0]))


def _with_backs(case: _Case, plan: Plan) -> Plan:
    """Give the depth at a wall to stalls that have lost those at their backs: the ground is free now."""
    wall = case.ready.kinds[plan.rows[:, 1].astype(np.int64), 2]
    short = plan.rows[:, 6] < wall - 0.015
    if not short.any():
        return plan
    stalls = stalls_of(case.ready, plan.rows)
    centre = shapely.get_coordinates(shapely.centroid(stalls.shapes))
    out = shapely.get_coordinates(stalls.doors) - centre
    out /= np.hypot(out[:, 0], out[:, 1])[:, None]
    behind = centre - out * (0.5 * plan.rows[stalls.row, 6] + 0.3)[:, None]
    found, _ = shapely.STRtree(stalls.shapes).query(shapely.points(behind), predicate="intersects")
    backed = np.zeros(len(behind), dtype=np.bool_)
    backed[found] = True
    deeper = plan.rows.copy()
    deeper[:, 6] = np.maximum(wall, deeper[:, 6])
    # What an aisle lies behind has no wall there either.
    at, _ = shapely.STRtree(rectangles(plan.aisles, case.ready.turn)).query(
        shapely.buffer(stalls_of(case.ready, deeper).shapes, -_SLACK_M / 10, join_style="mitre"),
        predicate="intersects",
    )
    backed[at] = True
    alone = parted(case.ready, plan, stalls.row, short[stalls.row] & ~backed).rows
    alone[:, 6] = case.ready.kinds[alone[:, 1].astype(np.int64), 2]
    rest = parted(case.ready, plan, stalls.row, ~short[stalls.row] | backed).rows
    return Plan(plan.aisles, np.vstack([rest, alone]))


def _in_groups(case: _Case, plan: Plan) -> Plan:
    """Leave stalls out so that no more than so many stand together."""
    most = case.limits.group_most
    if most is None or _count(plan) <= most:
        return plan
    stalls = stalls_of(case.ready, plan.rows)
    middle = shapely.get_coordinates(shapely.centroid(stalls.shapes))
    kept = np.ones(len(stalls.shapes), dtype=np.bool_)
    tree = shapely.STRtree(stalls.shapes)
    i, j = tree.query(stalls.shapes, predicate="dwithin", distance=case.limits.group_gap_m - 1e-3)
    for _ in range(len(kept)):
        group = _largest(kept, i, j)
        if len(group) <= most:
            break
        # The first of them along their row stay, what stands nearer to those than the gap goes.
        first = group[_along(middle[group])[:most]]
        near = np.unique(j[np.isin(i, first)])
        kept[np.setdiff1d(np.intersect1d(near, group), first)] = False
    return parted(case.ready, plan, stalls.row, kept)


def _along(middle: Floats) -> NDArray[np.int64]:
    apart = middle - middle.mean(axis=0)
    _, _, axes = np.linalg.svd(apart, full_matrices=False)
    axis = axes[0] * (1.0 if axes[0][np.argmax(np.abs(axes[0]))] > 0 else -1.0)
    return np.argsort(np.round(apart @ axis, 3), kind="stable")


def _largest(
    kept: NDArray[np.bool_], i: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.int64]:
    both = kept[i] & kept[j]
    graph = coo_array((np.ones(int(both.sum())), (i[both], j[both])), shape=(len(kept), len(kept)))
    _, of = connected_components(graph, directed=False)
    sizes = np.bincount(of[kept], minlength=of.max() + 1)
    return np.flatnonzero((of == int(np.argmax(sizes))) & kept)


def without_dead_ends(ready: Ready, plan: Plan, longest_m: float | None) -> Plan:
    """Leave out stalls that stand farther in than a car may have to drive back, or whose aisle goes on farther."""
    if longest_m is None or not len(plan.rows):
        return plan
    row = stalls_of(ready, plan.rows).row
    back = back_m(ready, plan)
    kept = back <= longest_m + _SLACK_M
    if kept.all():
        aisle = plan.rows[row, 7].astype(np.int64)
        over = ways_of(ready, plan.aisles).dead_end_m(plan.aisles) > longest_m + _SLACK_M
        farthest = np.zeros(len(plan.aisles))
        np.maximum.at(farthest, aisle, back)
        kept = ~over[aisle] | (back < farthest[aisle] - _SLACK_M)
    return plan if kept.all() else parted(ready, plan, row, kept)

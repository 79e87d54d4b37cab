"""What could be asked for, out of what would fit: whole rows, along roads first, no more than is needed.

Each row of the capacity is weighed with the aisles that it needs and that are not there yet: none for a row
along a road. Rows follow one another by the ground that a stall takes, paved ground at half, until there are enough
or what has to stay unpaved is reached. Groups are parted and dead ends cut before a row counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from geo.stall_groups import kept_in_groups
from geo.stall_leading import back_m, parted
from geo.stall_loops import ways_of
from geo.stall_lot import Ready
from geo.stall_shapes import Plan, rectangles, stalls_of
from geo.stall_sizes import LayoutLimits
from geo.stall_strips import Floats
from geo.stall_trim import Net, net_of

__all__ = ["Lot", "propose", "without_dead_ends"]

# Paved ground counts for so much of open soil, rows along a road come before those that need a new aisle.
_PAVED_PART, _NEW_AISLE_M2 = 0.5, 6.0
# A stall or two that stand alone along a new aisle come last. An aisle that takes less ground than this lies on a road.
_FEW, _LONE_M2, _NEW_M2 = 3, 8.0, 0.5
# Aisles are cut to their stalls within a hair.
_SLACK_M = 0.05


class Lot(NamedTuple):
    """A piece of ground, aisles and rows that fit on it, what is paved of it (in its own frame)."""

    ready: Ready
    plan: Plan
    paved: shapely.Geometry


def propose(lots: Sequence[Lot], limits: LayoutLimits) -> list[Plan]:
    """Choose rows of the plans of some lots under the limits of a proposal, which hold for all together.

    Parameters
    ----------
    lots : sequence of Lot
        Pieces of one ground; aisles of one do not lead to another.
    limits : LayoutLimits
        What has to be kept.

    Returns
    -------
    list of Plan
        By lot: aisles that are needed, rows that are kept, perhaps in parts.
    """
    choices = [_Choice.of(lot, limits) for lot in lots]
    allowed_m2 = (1.0 - limits.keep_unpaved_share) * sum(choice.soil_m2 for choice in choices)
    count, used_m2 = 0, 0.0
    while limits.most is None or count < limits.most:
        open_ = [choice for choice in choices if choice.open_]
        if not open_:
            break
        choice = min(open_, key=lambda one: one.next_[0])
        tried = choice.tried(None if limits.most is None else limits.most - count)
        more_m2 = choice.used_m2(tried) - choice.taken_m2
        if used_m2 + more_m2 <= allowed_m2 and _count(tried) > _count(choice.best):
            count, used_m2 = count + _count(tried) - _count(choice.best), used_m2 + more_m2
            choice.take(tried)
        choice.leave()
    return _together_in_groups(lots, [choice.best for choice in choices], limits)


@dataclass(kw_only=True, eq=False)
class _Choice:
    """Rows of one lot that have been chosen, and those that are open.

    Attributes
    ----------
    net : Net
        How its aisles hang together.
    own_m2 : ndarray of float, (rows,)
        Ground that a stall of each row takes, paved ground in part.
    soil_m2, taken_m2 : float
        Ground that is not paved, and what has been taken of it.
    """

    lot: Lot
    limits: LayoutLimits
    net: Net
    own_m2: Floats
    soil_m2: float
    open_: list[int]
    best: Plan
    chosen: list[int] = field(default_factory=list)
    taken_m2: float = 0.0

    @classmethod
    def of(cls, lot: Lot, limits: LayoutLimits) -> _Choice:
        """Look a lot over; stalls too far down a dead end are none of its rows."""
        ready, plan, paved = lot
        net = net_of(ready, plan)
        plan = without_dead_ends(ready, plan, limits.longest_dead_end_m)
        known = shapely.area(shapely.intersection(ready.ground, paved))
        kind = plan.rows[:, 1].astype(np.int64)
        return cls(
            lot=lot._replace(plan=plan),
            limits=limits,
            net=net,
            own_m2=ready.kinds[kind, 0] * plan.rows[:, 6] * _soil_parts(lot, plan.rows),
            soil_m2=float(shapely.area(ready.ground) - known),
            open_=list(range(len(plan.rows))),
            best=Plan(plan.aisles, plan.rows[:0]),
        )

    @cached_property
    def next_(self) -> tuple[tuple[float, float], int]:
        """Row that takes the least ground for a stall, with the aisles that it needs first; how it compares."""
        plan, rows = self.lot.plan, np.array(self.open_)
        aisle = plan.rows[:, 7].astype(np.int64)
        there = {i for row in self.chosen for i in self._way_in(int(aisle[row]))}
        new_m2 = np.zeros(len(plan.aisles))
        for at in np.unique(aisle[rows]).tolist():
            new_m2[at] = sum(plan.aisles[i, 7] for i in self._way_in(at) if i not in there)
        stalls = np.bincount(aisle[rows], plan.rows[rows, 5], minlength=len(plan.aisles))
        count, new = plan.rows[rows, 5], new_m2[aisle[rows]]
        # A new aisle is only worth its trouble for many, and nobody builds one for a stall or two.
        extra = new / stalls[aisle[rows]] + np.where(new > 1.0, _NEW_AISLE_M2, 0.0)
        lone = (count < _FEW) & (plan.aisles[aisle[rows], 7] > _NEW_M2)
        each = np.round(self.own_m2[rows] + extra + np.where(lone, _LONE_M2, 0.0), 3)
        k = int(np.lexsort((rows, -count, each))[0])
        return (float(each[k]), -float(count[k])), int(rows[k])

    def tried(self, more: int | None) -> Plan:
        """Add the next row, at most so many stalls."""
        rows = sorted([*self.chosen, self.next_[1]])
        most = None if more is None else _count(self.best) + more
        plan = Plan(self.lot.plan.aisles, self.lot.plan.rows[rows])
        return _within(self.lot.ready, plan, self.limits, most)

    def take(self, tried: Plan) -> None:
        """Keep what has been tried."""
        self.chosen.append(self.next_[1])
        self.best, self.taken_m2 = tried, self.used_m2(tried)

    def leave(self) -> None:
        """Go on to the row after the next."""
        self.open_.remove(self.next_[1])
        del self.next_

    def used_m2(self, plan: Plan) -> float:
        """Ground that is not paved yet under stalls and the aisles that they need."""
        if not len(plan.rows):
            return 0.0
        ready = self.lot.ready
        aisles = sorted({i for a in plan.rows[:, 7] for i in self._way_in(int(a))})
        wide = rectangles(plan.aisles[aisles], ready.turn)
        shapes = stalls_of(ready, plan.rows).shapes
        used = shapely.intersection(shapely.union_all([*wide, *shapes]), ready.ground)
        return float(shapely.area(shapely.difference(used, self.lot.paved)))

    def _way_in(self, aisle: int) -> list[int]:
        """List an aisle and those that it is driven into from."""
        way = []
        while aisle >= 0 and aisle in self.net.parent:
            way.append(aisle)
            aisle = self.net.parent[aisle]
        return way


def _count(plan: Plan) -> int:
    return int(plan.rows[:, 5].sum())


def _soil_parts(lot: Lot, rows: Floats) -> Floats:
    """Part of each row that counts: paved ground is cheaper."""
    if lot.paved.is_empty or not len(rows):
        return np.ones(len(rows))
    stalls = stalls_of(lot.ready, rows)
    paved = shapely.area(shapely.intersection(stalls.shapes, lot.paved))
    whole = np.bincount(stalls.row, shapely.area(stalls.shapes), minlength=len(rows))
    there = np.bincount(stalls.row, paved, minlength=len(rows))
    return np.asarray(1.0 - (1.0 - _PAVED_PART) * there / np.maximum(whole, 1e-9))


def _within(ready: Ready, plan: Plan, limits: LayoutLimits, most: int | None) -> Plan:
    """Part groups and stop at the most that are asked for."""
    plan = _in_groups(ready, plan, limits)
    if most is None or _count(plan) <= most:
        return _with_backs(ready, plan)
    # The last row added is the one that may be cut: the smallest that is long enough.
    rows = plan.rows.copy()
    over = _count(plan) - most
    while over > 0:
        k = int(np.argmin(np.where(rows[:, 5] > 0, rows[:, 5], np.inf)))
        off = min(over, int(rows[k, 5]))
        rows[k, 5] -= off
        over -= off
    return _with_backs(ready, Plan(plan.aisles, rows[rows[:, 5] > 0]))


def _with_backs(ready: Ready, plan: Plan) -> Plan:
    """Give the depth at a wall to stalls that have lost those at their backs: the ground is free now."""
    wall = ready.kinds[plan.rows[:, 1].astype(np.int64), 2]
    short = plan.rows[:, 6] < wall - 0.015
    if not short.any():
        return plan
    stalls = stalls_of(ready, plan.rows)
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
    at, _ = shapely.STRtree(rectangles(plan.aisles, ready.turn)).query(
        shapely.buffer(stalls_of(ready, deeper).shapes, -_SLACK_M / 10, join_style="mitre"),
        predicate="intersects",
    )
    backed[at] = True
    alone = parted(ready, plan, stalls.row, short[stalls.row] & ~backed).rows
    alone[:, 6] = ready.kinds[alone[:, 1].astype(np.int64), 2]
    rest = parted(ready, plan, stalls.row, ~short[stalls.row] | backed).rows
    return Plan(plan.aisles, np.vstack([rest, alone]))


def _in_groups(ready: Ready, plan: Plan, limits: LayoutLimits) -> Plan:
    """Leave stalls out so that no more than so many stand together."""
    if limits.group_most is None or _count(plan) <= limits.group_most:
        return plan
    stalls = stalls_of(ready, plan.rows)
    kept = kept_in_groups(stalls.shapes, limits.group_most, limits.group_gap_m)
    return plan if kept.all() else parted(ready, plan, stalls.row, kept)


def _together_in_groups(lots: Sequence[Lot], plans: list[Plan], limits: LayoutLimits) -> list[Plan]:
    """Do the same with those of several lots, between which there may only be a lane."""
    if limits.group_most is None or len(lots) == 1:
        return plans
    stalls = [stalls_of(lot.ready, plan.rows) for lot, plan in zip(lots, plans, strict=True)]
    drawn = [
        shapely.transform(own.shapes, lot.ready.own.outwards)
        for lot, own in zip(lots, stalls, strict=True)
    ]
    kept = kept_in_groups(np.concatenate(drawn), limits.group_most, limits.group_gap_m)
    parts = np.split(kept, np.cumsum([len(own) for own in drawn])[:-1])
    return [
        plan if part.all() else _with_backs(lot.ready, parted(lot.ready, plan, own.row, part))
        for lot, plan, own, part in zip(lots, plans, stalls, parts, strict=True)
    ]


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

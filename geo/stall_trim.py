"""Aisles cut to what their rows need, and how far one drives in before one has to drive back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from geo.stall_lot import Ready
from geo.stall_rows import AT_ROAD, FRAME, FROM, TAKES, TO, WIDE
from geo.stall_shapes import Plan, rectangles
from geo.stall_strips import Floats, Ints

__all__ = ["Net", "net_of", "trimmed"]

Interval = tuple[float, float]
# An aisle that takes less ground than this lies on a road.
_ON_ROAD_M2 = 0.5
_NEAR_M = 0.02


class Net(NamedTuple):
    """How the aisles of a plan hang together.

    Attributes
    ----------
    order : list of int
        Aisles from the roads inwards; those that no road reaches are left out.
    parent : dict
        Aisle that each is driven into from, −1 for a road.
    door : dict
        Interval along the aisle by which it is driven into.
    branch : dict
        The same along its parent.
    depth_m : dict
        Way from the road to its door.
    """

    order: list[int]
    parent: dict[int, int]
    door: dict[int, Interval]
    branch: dict[int, Interval]
    depth_m: dict[int, float]


def net_of(ready: Ready, plan: Plan) -> Net:
    """Grow the tree of shortest ways from the roads over the aisles."""
    net = Net([], {}, {}, {}, {})
    doors = _doors(ready, plan)
    waiting = {i: (0.0, -1, doors[i], doors[i]) for i in doors}
    while waiting:
        i = min(waiting, key=lambda k: (waiting[k][0], k))
        depth, parent, door, branch = waiting.pop(i)
        net.order.append(i)
        net.parent[i], net.door[i], net.branch[i], net.depth_m[i] = parent, door, branch, depth
        for j in range(len(plan.aisles)):
            if j in net.parent:
                continue
            shared = _shared(ready, plan.aisles[i], plan.aisles[j])
            if shared is None:
                continue
            new = depth + _away(door, shared[0]) if plan.aisles[i, TAKES] > _ON_ROAD_M2 else 0.0
            if j not in waiting or new < waiting[j][0] - 1e-6:
                waiting[j] = (new, i, shared[1], shared[0])
    return net


def trimmed(ready: Ready, plan: Plan) -> tuple[Plan, Floats]:
    """Cut aisles to their rows, to those that branch off and to the way in; drop those that serve nothing.

    Returns
    -------
    Plan, ndarray of float
        The plan, and by aisle how far its farther end is from the road or the last way out, 0 on roads.
    """
    net = net_of(ready, plan)
    needs: dict[int, list[Interval]] = {i: [] for i in net.order}
    extent = _extents(ready, plan)
    for row, (low, high) in zip(plan.rows[:, 7].astype(np.int64), extent, strict=True):
        needs.setdefault(int(row), []).append((low, high))
    aisles = plan.aisles.copy()
    kept = np.zeros(len(aisles), dtype=np.bool_)
    dead = np.zeros(len(aisles))
    for i in reversed(net.order):
        if not needs[i]:
            continue
        kept[i] = True
        low = min(need[0] for need in (*needs[i], net.door[i]))
        high = max(need[1] for need in (*needs[i], net.door[i]))
        if aisles[i, TAKES] > _ON_ROAD_M2:
            aisles[i, FROM], aisles[i, TO] = max(low, aisles[i, FROM]), min(high, aisles[i, TO])
            dead[i] = net.depth_m[i] + max(
                _away(net.door[i], (low, low)), _away(net.door[i], (high, high))
            )
        if net.parent[i] >= 0:
            needs[net.parent[i]].append(net.branch[i])
    new = np.cumsum(kept) - 1
    rows = plan.rows[kept[plan.rows[:, 7].astype(np.int64)]].copy()
    rows[:, 7] = new[rows[:, 7].astype(np.int64)]
    return Plan(aisles=aisles[kept], rows=rows), dead[kept]


def _extents(ready: Ready, plan: Plan) -> Floats:
    kind, n = plan.rows[:, 1].astype(np.int64), plan.rows[:, 5]
    long = ready.kinds[kind, 1] + (n - 1) * ready.kinds[kind, 0]
    return np.stack([plan.rows[:, 3], plan.rows[:, 3] + long], axis=1)


def _away(one: Interval, other: Interval) -> float:
    """Gap between two intervals."""
    return max(0.0, one[0] - other[1], other[0] - one[1])


def _doors(ready: Ready, plan: Plan) -> dict[int, Interval]:
    """Interval along each aisle in which it meets a road, the one nearest to its rows."""
    at_road: Ints = np.flatnonzero(plan.aisles[:, AT_ROAD] > 0.5)
    given = [shape for shape in (ready.roads, ready.streets) if not shape.is_empty]
    if not given or not len(at_road):
        return {}
    wide = shapely.buffer(rectangles(plan.aisles[at_road], ready.turn), _NEAR_M, join_style="mitre")
    shared = shapely.intersection(wide, shapely.union_all(given))
    extents = _extents(ready, plan)
    found: dict[int, Interval] = {}
    for i, shape in zip(at_road.tolist(), shared, strict=True):
        c, s = ready.turn[int(plan.aisles[i, FRAME])]
        own = extents[plan.rows[:, 7] == i]
        middle = float(own.mean()) if len(own) else float(plan.aisles[i, FROM])
        best: tuple[float, Interval] | None = None
        for part in shapely.get_parts(shape):
            xy = shapely.get_coordinates(part)
            x, y = xy[:, 0] * c + xy[:, 1] * s, xy[:, 1] * c - xy[:, 0] * s
            if max(np.ptp(x), np.ptp(y)) < ready.access - 3 * _NEAR_M:
                continue
            low, high = _narrowed(
                (float(x.min()), float(x.max())), middle, ready.access + plan.aisles[i, WIDE]
            )
            away = _away((low, high), (middle, middle))
            if best is None or away < best[0] - 1e-6:
                best = away, (low, high)
        if best is not None:
            found[i] = best[1]
    return found


def _narrowed(span: Interval, middle: float, most: float) -> Interval:
    """Part of an interval nearest to a place."""
    if span[1] - span[0] <= most:
        return span
    low = min(max(middle - 0.5 * most, span[0]), span[1] - most)
    return low, low + most


def _shared(ready: Ready, one: Floats, other: Floats) -> tuple[Interval, Interval] | None:
    """Intervals along two aisles in which they meet, if a car can drive from one to the other."""
    boxes = shapely.buffer(rectangles(np.stack([one, other]), ready.turn), 1e-3, join_style="mitre")
    if not boxes[0].intersects(boxes[1]):
        return None
    xy = shapely.get_coordinates(shapely.intersection(boxes[0], boxes[1]))
    spans, wide = [], 0.0
    for aisle in (one, other):
        c, s = ready.turn[int(aisle[FRAME])]
        x, y = xy[:, 0] * c + xy[:, 1] * s, xy[:, 1] * c - xy[:, 0] * s
        spans.append((max(float(x.min()), aisle[FROM]), min(float(x.max()), aisle[TO])))
        wide = max(wide, float(np.ptp(x)), float(np.ptp(y)))
    if wide < ready.access - 5e-3:
        return None
    return spans[0], spans[1]

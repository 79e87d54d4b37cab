"""Aisles that are too long as dead ends, led on to the next road or aisle; and how far each stall has to drive back.

A way on is worth the stalls that stand in it if more are saved by it.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.stall_loops import ways_of
from geo.stall_lot import Ready
from geo.stall_rows import AT_ROAD, FRAME, FROM, TO, WIDE
from geo.stall_shapes import Plan, rectangles, stalls_of
from geo.stall_strips import Floats, Ints

__all__ = ["back_m", "led_on", "parted"]

Shapes = NDArray[np.object_]

_NEAR_M = 0.02
# Shapes that were cut along one another overlap by less.
_HAIR_M = 2e-3
# Aisles are cut to their stalls within a hair.
_SLACK_M = 0.05
# So many ways on are tried for an aisle, so far ahead: the tool's own figures.
_TRIED, _AHEAD_M = 4, 40.0


def back_m(ready: Ready, plan: Plan) -> Floats:
    """How far it is back from each stall to the last place with two ways on."""
    ways = ways_of(ready, plan.aisles)
    stalls = stalls_of(ready, plan.rows)
    xy = shapely.get_coordinates(shapely.centroid(stalls.shapes))
    aisle = plan.rows[stalls.row, 7].astype(np.int64)
    turn = ready.turn[plan.aisles[aisle, FRAME].astype(np.int64)]
    x = xy[:, 0] * turn[:, 0] + xy[:, 1] * turn[:, 1]
    half = 0.5 * ready.kinds[plan.rows[stalls.row, 1].astype(np.int64), 1]
    each = zip(aisle.tolist(), (x - half).tolist(), (x + half).tolist(), strict=True)
    return np.array(
        [max(ways.back_from(at, low), ways.back_from(at, high)) for at, low, high in each]
    )


def parted(ready: Ready, plan: Plan, row: Ints, kept: NDArray[np.bool_]) -> Plan:
    """Rows made of what is kept of them: each run of stalls becomes a row."""
    rows = []
    for k in range(len(plan.rows)):
        flags = kept[row == k]
        steps = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int64), [0]])))
        for start, stop in zip(steps[::2], steps[1::2], strict=True):
            part = plan.rows[k].copy()
            part[3] += start * ready.kinds[int(part[1]), 0]
            part[5] = stop - start
            rows.append(part)
    return Plan(plan.aisles, np.array(rows).reshape(-1, 8))


def led_on(ready: Ready, plan: Plan, longest_m: float) -> Plan:
    """Lead aisles on over free ground, and over stalls where that saves more of them.

    Parameters
    ----------
    ready : Ready
        The lot.
    plan : Plan
        Aisles cut to their rows.
    longest_m : float
        Longest dead end.
    """
    dead = ways_of(ready, plan.aisles).dead_end_m(plan.aisles)
    if not (dead > longest_m + _SLACK_M).any():
        return plan
    free = shapely.union_all([ready.ground, ready.roads])
    free = shapely.buffer(free, _HAIR_M, join_style="mitre")
    saved = _within(ready, plan, longest_m)
    for i in np.flatnonzero(dead > longest_m + _SLACK_M).tolist():
        for tried in _longer(ready, plan, i, free):
            within = _within(ready, tried, longest_m)
            if within > saved:
                plan, saved = tried, within
                break
    return plan


def _within(ready: Ready, plan: Plan, longest_m: float) -> int:
    return int((back_m(ready, plan) <= longest_m + _SLACK_M).sum())


def _longer(ready: Ready, plan: Plan, i: int, free: shapely.Geometry) -> list[Plan]:
    """Lengthen an aisle at either end up to what it would meet there, the nearest first, without stalls in the way."""
    aisles = plan.aisles
    outer = [part for part in (ready.roads, ready.streets) if not part.is_empty]
    others = rectangles(np.delete(aisles, i, axis=0), ready.turn)
    grown = shapely.buffer(np.array([*outer, *others], dtype=object), _NEAR_M, quad_segs=2)
    found: list[tuple[float, int, Floats]] = []
    for end, way in ((FROM, -1.0), (TO, 1.0)):
        tip = float(aisles[i, end])
        ahead = aisles[i].copy()
        ahead[FROM], ahead[TO] = min(tip, tip + way * _AHEAD_M), max(tip, tip + way * _AHEAD_M)
        strip = rectangles(ahead[None], ready.turn)[0]
        inner = shapely.buffer(strip, -_HAIR_M, join_style="mitre")
        room = min([*_off(ready, ahead, [shapely.difference(inner, free)], tip), _AHEAD_M])
        for off in _off(ready, ahead, shapely.get_parts(shapely.intersection(grown, strip)), tip):
            if _NEAR_M < off <= room + _NEAR_M:
                far = min(off + aisles[i, WIDE], room)
                longer = aisles[i].copy()
                longer[end], longer[AT_ROAD] = tip + way * far, 1.0
                found.append((far, end, longer))
    found.sort(key=lambda one: one[:2])
    return [_cleared(ready, plan, i, longer) for _, _, longer in found[:_TRIED]]


def _cleared(ready: Ready, plan: Plan, i: int, aisle: Floats) -> Plan:
    """Put a longer aisle in place of one, without the stalls in its way."""
    aisles = plan.aisles.copy()
    aisles[i] = aisle
    stalls = stalls_of(ready, plan.rows)
    inner = shapely.buffer(rectangles(aisle[None], ready.turn)[0], -_HAIR_M, join_style="mitre")
    hit = shapely.intersects(stalls.shapes, inner)
    plan = Plan(aisles, plan.rows)
    return parted(ready, plan, stalls.row, ~hit) if hit.any() else plan


def _off(
    ready: Ready, aisle: Floats, shapes: Shapes | list[shapely.Geometry], tip: float
) -> list[float]:
    """How far shapes are from the end of an aisle, along it."""
    c, s = ready.turn[int(aisle[FRAME])]
    found = []
    for shape in shapes:
        xy = shapely.get_coordinates(shape)
        if len(xy) and shapely.area(shape) > _NEAR_M**2:
            found.append(float(np.abs(xy[:, 0] * c + xy[:, 1] * s - tip).min()))
    return found

"""Rows and aisles as polygons in the plane, pruned to what a car reaches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.stall_lot import Ready
from geo.stall_sizes import Layout, LayoutLimits, no_stalls
from geo.stall_strips import Floats, Ints
from geo.stall_tidy import Pieces, tidied

__all__ = ["Plan", "Stalls", "draw", "rectangles", "stalls_of"]

Shapes = NDArray[np.object_]

# Aisles stand so far into a road that they meet, or rounding would leave a crack between them.
_INTO_ROAD_M = 0.01
# What is narrower is no piece of an aisle.
_THIN_M = 0.03
# What is wider in the mean has no slivers that matter.
_SLENDER_M = 1.0
# From a stall into its aisle.
_STEP_M = 0.3
# A stall's mouth lies on the edge of what is driven on: so far from it counts as on it.
_NEAR_M = 0.05


class Plan(NamedTuple):
    """What the search hands over, in the frame of the lot.

    Attributes
    ----------
    aisles : ndarray of float, (m, >= 5)
        Frame, y, x from, x to, width.
    rows : ndarray of float, (n, 8)
        Rows of :class:`geo.stall_strips.Work`.
    """

    aisles: Floats
    rows: Floats


class Stalls(NamedTuple):
    """Stalls one by one: outline, mouth, a point in the aisle and the strip before it, kind, aisle, row."""

    shapes: Shapes
    mouths: Shapes
    doors: Shapes
    strips: Shapes
    kind: Ints
    aisle: Ints
    row: Ints


def draw(
    ready: Ready, plan: Plan, limits: LayoutLimits, dead_end_m: Floats | None = None
) -> Layout:
    """Make the layout of a plan.

    Parameters
    ----------
    ready : Ready
        The lot.
    plan : Plan
        Aisles and rows.
    limits : LayoutLimits
        For the width that a car needs.
    dead_end_m : ndarray of float, (m,), optional
        By aisle.
    """
    stalls = stalls_of(ready, plan.rows)
    if not len(stalls.shapes):
        return no_stalls()
    wide = rectangles(plan.aisles, ready.turn)
    reached = _reached(ready, wide, stalls.doors, limits)
    dropped = int((~reached).sum())
    stalls = Stalls(*(part[reached] for part in stalls))  # type: ignore[arg-type]
    if not len(stalls.shapes):
        return no_stalls()
    aisles, of_stall, of_plan = _new_aisles(ready, wide, stalls)
    dead_end_m = np.zeros(len(wide)) if dead_end_m is None else dead_end_m
    ground = shapely.intersection(shapely.union_all(aisles), ready.ground) if len(aisles) else None
    area = float(shapely.area(stalls.shapes).sum()) + (float(ground.area) if ground else 0.0)
    out = ready.own.outwards
    shapes = shapely.transform(stalls.shapes, out)
    return Layout(
        stalls=shapes,
        arrangement=np.array([size.id for size in ready.sizes])[stalls.kind],
        angle_deg=_bearing(shapes),
        aisle=of_stall,
        mouth=shapely.transform(stalls.mouths, out),
        aisles=shapely.transform(aisles, out) if len(aisles) else np.empty(0, dtype=object),
        dead_end_m=dead_end_m[of_plan],
        area_m2=area,
        m2_per_stall=area / len(shapes),
        dropped=dropped,
    )


def rectangles(aisles: Floats, turn: Floats) -> Shapes:
    """Aisles as polygons in the frame of the lot."""
    f, y, a, b, wide = (aisles[:, k] for k in range(5))
    corners = np.stack([a, y, b, y, b, y + wide, a, y + wide], axis=1).reshape(-1, 4, 2)
    return np.asarray(shapely.polygons(_unturned(corners, turn[f.astype(np.int64)])))


def _unturned(xy: Floats, turn: Floats) -> Floats:
    c, s = turn[:, :1], turn[:, 1:]
    return np.stack([xy[..., 0] * c - xy[..., 1] * s, xy[..., 0] * s + xy[..., 1] * c], axis=-1)


def stalls_of(ready: Ready, rows: Floats) -> Stalls:
    """Stalls of rows, in the frame of the lot."""
    number = rows[:, 5].astype(np.int64)
    row = np.repeat(np.arange(len(rows)), number)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
    f, kind, side = (rows[row, k].astype(np.int64) for k in range(3))
    sizes = ready.sizes
    angle = np.radians([size.angle_deg for size in sizes])[kind]
    width = np.array([size.width_m for size in sizes])[kind]
    length = np.array([size.length_m for size in sizes])[kind]
    pitch = np.array([size.pitch_m for size in sizes])[kind]
    depth = rows[row, 6]
    along = np.degrees(angle) < 1.0
    upright = np.degrees(angle) > 89.0
    length = np.where(upright, np.minimum(length, depth), length)
    # A parallel stall opens with its long side, the others with their short one.
    front = np.where(along, length, width)
    deep = np.where(along, width, length)
    angle = np.where(along, 0.5 * np.pi, angle)
    x, y = rows[row, 3] + turn * pitch, rows[row, 4]
    c, s = np.cos(angle), np.sin(angle)
    c[upright | along] = 0.0
    p = np.stack([x, y + side * front * c], axis=1)
    q = np.stack([x + front * s, y], axis=1)
    # A step out of the stall: where its car drives off.
    door = np.stack([x + 0.5 * front * s, y - side * _STEP_M], axis=1)
    into = np.stack([deep * c, side * deep * s], axis=1)
    corners = _unturned(np.stack([p, q, q + into, p + into], axis=1), ready.turn[f])
    far = y - side * ready.kinds[kind, 4]
    strips = np.stack([x, y, x + front * s, y, x + front * s, far, x, far], axis=1)
    strips = _unturned(strips.reshape(-1, 4, 2), ready.turn[f])
    return Stalls(
        shapes=np.asarray(shapely.polygons(corners)),
        mouths=np.asarray(shapely.linestrings(corners[:, :2])),
        doors=np.asarray(shapely.points(_unturned(door[:, None], ready.turn[f])[:, 0])),
        strips=np.asarray(shapely.polygons(strips)),
        kind=kind,
        aisle=rows[row, 7].astype(np.int64),
        row=row,
    )


def _reached(ready: Ready, wide: Shapes, doors: Shapes, limits: LayoutLimits) -> NDArray[np.bool_]:
    """Stalls that a disc as wide as the narrowest aisle reaches from a road."""
    given = [shape for shape in (ready.roads, ready.streets) if not shape.is_empty]
    roads = shapely.union_all(given)
    all_ = shapely.union_all([roads, *shapely.buffer(wide, _NEAR_M / 10, join_style="mitre")])
    radius = 0.5 * limits.min_aisle_m - 2e-3
    parts = shapely.get_parts(shapely.buffer(all_, -radius))
    parts = parts[shapely.dwithin(parts, roads, 1e-3)]
    back = shapely.buffer(shapely.union_all(parts), radius + _NEAR_M)
    shapely.prepare(back)
    return np.asarray(shapely.intersects(back, doors))


def _new_aisles(ready: Ready, wide: Shapes, stalls: Stalls) -> Pieces:
    """Aisles without what lies on a road, the aisle of each stall, where each is from."""
    roads = ready.roads
    if roads.is_empty:
        pieces, of_wide = shapely.get_parts(wide, return_index=True)
    else:
        core = shapely.buffer(roads, -_INTO_ROAD_M, join_style="mitre")
        grown = shapely.buffer(wide, _INTO_ROAD_M, join_style="mitre")
        joined = shapely.union(wide, shapely.intersection(grown, roads))
        apart = _without_slivers(shapely.difference(joined, core))
        pieces, of_wide = shapely.get_parts(apart, return_index=True)
    thick = 2 * shapely.area(pieces) > _THIN_M * shapely.length(pieces)
    keep = thick & (shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON)
    pieces, of_wide = pieces[keep], of_wide[keep]
    of_stall = np.full(len(stalls.shapes), -1)
    if len(pieces):
        tree = shapely.STRtree(pieces)
        mouth, near = tree.query(stalls.doors, predicate="intersects")
        # Of the aisle that was meant, if there is a choice.
        own = of_wide[near] == stalls.aisle[mouth]
        order = np.lexsort((near, own, mouth))
        of_stall[mouth[order]] = near[order]
    outer = shapely.union_all([roads, ready.streets])
    return tidied(Pieces(pieces, of_stall, of_wide), stalls.strips, outer, ready.access)


def _without_slivers(shapes: Shapes) -> Shapes:
    """Cut off what is thinner than an aisle can be: at the end of a road it would hang on to what is none."""
    some = 2 * shapely.area(shapes) < _SLENDER_M * shapely.length(shapes)
    inner = shapely.buffer(shapes[some], -0.5 * _THIN_M, join_style="mitre")
    opened = shapely.buffer(inner, 0.5 * _THIN_M, join_style="mitre")
    shapes[some] = shapely.intersection(shapes[some], opened)
    return shapes


def _bearing(shapes: Shapes) -> Floats:
    """Of the longer side, 0–180 clockwise from grid north."""
    corners = shapely.get_coordinates(shapes).reshape(-1, 5, 2)
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    longer = (np.hypot(*one.T) > np.hypot(*other.T))[:, None]
    axis = np.where(longer, one, other)
    return np.asarray(np.degrees(np.arctan2(axis[:, 0], axis[:, 1])) % 180.0)

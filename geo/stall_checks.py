"""One stall held against all that a layout has to keep, before it is added by hand; and where it would stand best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.stall_corners import corners_of, outwards, pushed_out
from geo.stall_sizes import LayoutLimits, StallSize

__all__ = ["Fault", "Standing", "check_stall", "snapped", "unreached"]

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

# Coordinates of the plan are degrees that were rounded on the way: so much is noise.
_NOISE_M = 0.02
_NOISE_M2 = 0.05
# A stall that is put down farther from the row or road that it belongs to stands alone.
_SNAP_M = 3.0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a stall can not stand where it is.

    Attributes
    ----------
    kind : str
        ``shape`` (too small, or no rectangle), ``overlap`` (another stall), ``outside`` (not on open ground), ``aisle``
        (on an aisle), ``blocked`` (too little to drive before it), ``blocks`` (in the way of another stall),
        ``unreachable`` (no way to the road that is wide enough).
    amount : float
        Stalls, m² or m that are meant; 0 if none.
    """

    kind: str
    amount: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """What there is around a stall.

    Attributes
    ----------
    ground : geometry
        Open ground.
    roads, streets : geometry or None
        Ground that is driven on and may serve as an aisle; public streets, which are only a way in.
    stalls, mouths : array of Polygon and LineString
        The other stalls.
    aisle_m : array of float
        Depth that each of them needs before it.
    aisles : array of Polygon
        New aisles.
    limits : LayoutLimits
        Sizes and widths.
    """

    ground: shapely.Geometry
    roads: shapely.Geometry | None
    streets: shapely.Geometry | None
    stalls: Shapes
    mouths: Shapes
    aisle_m: Floats
    aisles: Shapes
    limits: LayoutLimits

    @cached_property
    def driven(self) -> shapely.Geometry:
        """Roads and aisles, without the stalls on them."""
        known = [one for one in (self.roads, *self.aisles) if one is not None and not one.is_empty]
        drawn = shapely.union_all(known).buffer(_NOISE_M / 2, join_style="mitre")
        return shapely.difference(drawn, shapely.union_all(self.stalls))


def check_stall(
    stall: shapely.Polygon, mouth: shapely.LineString, size: StallSize, around: Standing
) -> tuple[Fault, ...]:
    """Say all that is wrong with a stall; nothing if it may stand there.

    Parameters
    ----------
    stall : Polygon
        Four corners, in the plane of what is around it.
    mouth : LineString
        Its side towards the aisle.
    size : StallSize
        What it should be.
    around : Standing
    """
    if (wrong := _shape_fault(stall, mouth, size)) is not None:
        return (wrong,)
    core = stall.buffer(-_NOISE_M, join_style="mitre")
    over = shapely.area(shapely.intersection(around.stalls, core))
    out = float(shapely.area(shapely.difference(core, around.ground)))
    on_aisle = float(shapely.area(shapely.intersection(around.aisles, core)).sum())
    faults = [
        Fault(kind="overlap", amount=float((over > _NOISE_M2).sum())),
        Fault(kind="outside", amount=out if out > _NOISE_M2 else 0.0),
        Fault(kind="aisle", amount=on_aisle if on_aisle > _NOISE_M2 else 0.0),
        Fault(kind="blocks", amount=float(_blocked_by(core, around))),
    ]
    found = [fault for fault in faults if fault.amount]
    free = shapely.difference(around.driven, stall)
    missing = _missing_before(stall, mouth, size, free)
    if missing > 0:
        found.append(Fault(kind="blocked", amount=missing))
    elif unreached(np.array([mouth], dtype=object), free, around):
        found.append(Fault(kind="unreachable"))
    return tuple(found)


def unreached(mouths: Shapes, driven: shapely.Geometry, around: Standing) -> int:
    """Count mouths to which no way of the least width leads from a road or street.

    Parameters
    ----------
    mouths : array of LineString
    driven : geometry
        Roads and aisles, without stalls.
    around : Standing
    """
    half = around.limits.min_aisle_m / 2 - _NOISE_M
    parts = shapely.get_parts(driven.buffer(-half, join_style="mitre"))
    sources = [one for one in (around.roads, around.streets) if one is not None]
    # What lies wholly on the new aisles has to reach the road, or the street over a contact of that width.
    at_road = shapely.union_all(sources).buffer(half + 3 * _NOISE_M)
    ways = parts[shapely.intersects(parts, at_road)]
    reached = shapely.union_all(ways).buffer(half + 4 * _NOISE_M, join_style="mitre")
    # Nothing is near to nothing: NaN counts as far.
    return int((~(shapely.distance(mouths, reached) <= _NOISE_M)).sum())


def snapped(
    point: shapely.Point, size: StallSize, around: Standing
) -> tuple[shapely.Polygon, shapely.LineString]:
    """Put a stall down at a point: in the row that is there, else square to the nearest aisle or road.

    Returns
    -------
    stall, mouth : Polygon, LineString
        Not checked yet.
    """
    in_row = _next_in_row(point, size, around)
    return in_row if in_row is not None else _at_edge(point, size, around)


def _shape_fault(
    stall: shapely.Polygon, mouth: shapely.LineString, size: StallSize
) -> Fault | None:
    xy = corners_of(np.array([stall], dtype=object), np.array([mouth], dtype=object))[0]
    sides = np.linalg.norm(np.roll(xy, -1, axis=0) - xy, axis=1)
    least, most = sorted((min(sides[0], sides[2]), min(sides[1], sides[3])))
    wanted = sorted((size.width_m, size.length_m))
    slack = max(wanted[0] - least, wanted[1] - most)
    crooked = abs(float(shapely.area(stall)) - sides[0] * sides[1]) > 0.01 * sides[0] * sides[1]
    if slack > _NOISE_M or crooked:
        return Fault(kind="shape", amount=max(slack, 0.0))
    return None


def _missing_before(
    stall: shapely.Polygon, mouth: shapely.LineString, size: StallSize, free: shapely.Geometry
) -> float:
    """Depth in metres that is missing before a stall to drive in and out; 0 if there is enough."""
    xy = corners_of(np.array([stall], dtype=object), np.array([mouth], dtype=object))
    middle = xy.mean(axis=1)
    slanted = 0 < size.angle_deg < 90
    if slanted:
        # Square to the aisle, from the corner that is nearest to it.
        ways = [
            _turned(outwards(xy[:, :2], middle)[0], sign * (90 - size.angle_deg))
            for sign in (1, -1)
        ]
        return min(_missing_along(xy[0, :2], way, size.aisle_m, free) for way in ways)
    strip = pushed_out(xy[:, :2], middle, size.aisle_m)[0]
    inner = strip.buffer(-_NOISE_M, join_style="mitre")
    out = shapely.difference(inner, free)
    if shapely.area(out) <= _NOISE_M2:
        return 0.0
    # How deep the nearest obstacle lies.
    return max(size.aisle_m - float(shapely.distance(mouth, out)), _NOISE_M)


def _missing_along(ends: Floats, way: Floats, depth: float, free: shapely.Geometry) -> float:
    front = ends[np.argmax(ends @ way)]
    start = front + way * _NOISE_M
    line = shapely.linestrings([start, front + way * (depth - _NOISE_M)])
    out = shapely.difference(line, free)
    if shapely.length(out) <= _NOISE_M:
        return 0.0
    return max(depth - float(shapely.distance(shapely.points(front), out)), _NOISE_M)


def _turned(way: Floats, by_deg: float) -> Floats:
    cos, sin = math.cos(math.radians(by_deg)), math.sin(math.radians(by_deg))
    return np.array([way[0] * cos - way[1] * sin, way[0] * sin + way[1] * cos])


def _blocked_by(core: shapely.Geometry, around: Standing) -> int:
    """Stalls before which another one would stand."""
    if not len(around.stalls):
        return 0
    corners = corners_of(around.stalls, around.mouths)
    strips = pushed_out(corners[:, :2], corners.mean(axis=1), around.aisle_m)
    return int((shapely.area(shapely.intersection(strips, core)) > _NOISE_M2).sum())


def _next_in_row(
    point: shapely.Point, size: StallSize, around: Standing
) -> tuple[shapely.Polygon, shapely.LineString] | None:
    """Take the free place beside a stall of the same kind that is nearest to the point."""
    if not len(around.stalls):
        return None
    corners = corners_of(around.stalls, around.mouths)
    mouth_m = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    deep_m = np.linalg.norm(corners[:, 2] - corners[:, 1], axis=1)
    wide, deep = _wide_and_deep(size)
    same = (np.abs(mouth_m - wide) < 0.1) & (np.abs(deep_m - deep) < 0.1)
    if not same.any():
        return None
    slide = size.pitch_m * _along_aisle(corners, size)
    moved = np.concatenate([corners + slide[:, None] * sign for sign in (1, -1)])
    off = shapely.distance(shapely.polygons(moved), point)
    free = ~_overlapped(moved, around.stalls) & np.tile(same, 2)
    if not free.any() or off[free].min() > _SNAP_M:
        return None
    best = int(np.flatnonzero(free)[np.argmin(off[free])])
    return _made(moved[best])


def _along_aisle(corners: Floats, size: StallSize) -> Floats:
    """Give unit vectors along the aisle: along the mouth, or turned from it where stalls are slanted."""
    run = corners[:, 1] - corners[:, 0]
    run = np.asarray(run / np.linalg.norm(run, axis=1, keepdims=True))
    if size.angle_deg in (0.0, 90.0):
        return run
    # The nearest stall of the same row says to which side the row leans.
    middles = corners.mean(axis=1)
    gaps = middles[:, None] - middles[None]
    off = np.abs(np.linalg.norm(gaps, axis=2) - size.pitch_m)
    np.fill_diagonal(off, np.inf)
    near = off.argmin(axis=1)
    way = middles[near] - middles
    long = np.linalg.norm(way, axis=1, keepdims=True)
    return np.where(
        off[np.arange(len(off)), near][:, None] < 0.1, way / np.maximum(long, 1e-9), run
    )


def _overlapped(moved: Floats, stalls: Shapes) -> NDArray[np.bool_]:
    inner = shapely.buffer(shapely.polygons(moved), -_NOISE_M, join_style="mitre")
    found = np.zeros(len(moved), dtype=bool)
    found[shapely.STRtree(stalls).query(inner, predicate="intersects")[0]] = True
    return found


def _at_edge(
    point: shapely.Point, size: StallSize, around: Standing
) -> tuple[shapely.Polygon, shapely.LineString]:
    """Stand a stall square to the nearest edge of what is driven on, its mouth on the edge."""
    driven = around.driven
    wide, deep = _wide_and_deep(size)
    if driven.is_empty:
        return _made(
            np.array([[-wide, -deep], [wide, -deep], [wide, deep], [-wide, deep]]) / 2 + _xy(point)
        )
    edge = driven.boundary
    foot = edge.interpolate(edge.project(point))
    at, along = _xy(foot), _edge_way(edge, foot)
    inwards = np.array([-along[1], along[0]])
    if (_xy(point) - at) @ inwards < 0:
        inwards = -inwards
    # From inside the road a stall goes to the side on which it does not stand on it.
    if driven.contains(shapely.points(at + inwards * 2 * _NOISE_M)):
        inwards = -inwards
    turn = math.radians(90 - size.angle_deg) if 0 < size.angle_deg < 90 else 0.0
    across = along * math.cos(turn) + inwards * math.sin(turn)
    into = inwards * math.cos(turn) - along * math.sin(turn)
    half = across * wide / 2
    # The near corner of a slanted stall stands on the edge.
    front = at + inwards * (abs(half @ inwards) + _NOISE_M / 2)
    return _made(
        np.array(
            [front - half, front + half, front + half + into * deep, front - half + into * deep]
        )
    )


def _edge_way(edge: shapely.Geometry, foot: shapely.Point) -> Floats:
    """Direction of the edge at a point on it."""
    lines = shapely.get_parts(edge)
    xy, of = shapely.get_coordinates(lines, return_index=True)
    same = of[1:] == of[:-1]
    pairs = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
    pairs = pairs[np.linalg.norm(pairs[:, 1] - pairs[:, 0], axis=1) > _NOISE_M]
    nearest = pairs[shapely.distance(shapely.linestrings(pairs), foot).argmin()]
    run = nearest[1] - nearest[0]
    return np.asarray(run / np.linalg.norm(run))


def _wide_and_deep(size: StallSize) -> tuple[float, float]:
    """Length of the mouth, and from it to the far side."""
    along = size.angle_deg == 0
    return (size.length_m, size.width_m) if along else (size.width_m, size.length_m)


def _made(corners: Floats) -> tuple[shapely.Polygon, shapely.LineString]:
    return shapely.polygons(corners), shapely.linestrings(corners[:2])


def _xy(point: shapely.Point) -> Floats:
    return np.array([point.x, point.y])

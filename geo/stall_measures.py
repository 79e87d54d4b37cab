"""What a layout of stalls leaves and takes: clear widths before stalls, lots, groups, distances, ground by stall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.stall_corners import corners_of, outwards

__all__ = [
    "ROADSIDE",
    "LayoutMeasures",
    "clear_before",
    "joined",
    "lots_of",
    "measure_layout",
    "served_by",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

# Lot of the stalls that are driven into from a road that is there.
ROADSIDE = -1
# Farther than any aisle or compound road is wide.
REACH_M = 20.0
# Before a slanted stall lies a triangle that is neither stall nor aisle.
_STEP_IN_M = 3.0
# Aisles and stalls that lie so near to each other were drawn as touching.
_TOUCH_M = 0.3
# Where a ray starts on the mouth, as shares of it; the ends themselves touch the neighbours.
_STARTS = np.array([0.02, 0.5, 0.98])
_RIGHT_ANGLE = 90.0


@dataclass(frozen=True, kw_only=True)
class LayoutMeasures:
    """Lengths in m, areas in m²; None where there is nothing to measure.

    Attributes
    ----------
    aisle_m : float or None
        Narrowest clear depth before a stall, of roads and aisles together.
    fire_clear_m : float or None
        The same of stalls beside roads that are there.
    largest_group : int or None
        Most stalls of lots that lie nearer to each other than the gap between groups.
    lot_to_building_m, roadside_to_wall_m : float or None
        Nearest building to a stall of a lot, and to one beside a road.
    lot_m2_per_stall, roadside_m2_per_stall : float or None
        Ground of stalls and new aisles by stall.
    aisle_area_m2 : float
        Of the new aisles.
    """

    aisle_m: float | None
    fire_clear_m: float | None
    largest_group: int | None
    lot_to_building_m: float | None
    roadside_to_wall_m: float | None
    lot_m2_per_stall: float | None
    roadside_m2_per_stall: float | None
    aisle_area_m2: float


def measure_layout(
    stalls: Shapes,
    mouths: Shapes,
    aisle: Ints,
    aisles: Shapes,
    *,
    slant_deg: Floats,
    roads: shapely.Geometry | None,
    buildings: Shapes,
    group_gap_m: float,
) -> LayoutMeasures:
    """Measure a layout.

    Parameters
    ----------
    stalls, mouths : array of Polygon and LineString, (n,)
        Stalls and their sides towards the aisle.
    aisle : array of int, (n,)
        Position in `aisles`, −1 for a road that is there.
    aisles : array of Polygon
        New aisles.
    slant_deg : array of float, (n,)
        Between long axis and aisle: 90 square to it, 0 along it.
    roads : geometry or None
        Ground that is driven on already.
    buildings : array of geometry
        Near the compound.
    group_gap_m : float
        Between groups.
    """
    lots = lots_of(aisle, aisles)
    in_lot = lots != ROADSIDE
    clear = clear_before(stalls, mouths, slant_deg, [roads, *aisles])
    off = _nearest_m(stalls, buildings)
    aisle_area = float(shapely.area(aisles).sum())
    areas = shapely.area(stalls)
    return LayoutMeasures(
        aisle_m=_least(clear),
        fire_clear_m=_least(clear[~in_lot]),
        largest_group=_largest(joined(stalls[in_lot], group_gap_m)),
        lot_to_building_m=_least(off[in_lot]),
        roadside_to_wall_m=_least(off[~in_lot]),
        lot_m2_per_stall=_mean(areas[in_lot], aisle_area),
        roadside_m2_per_stall=_mean(areas[~in_lot], 0.0),
        aisle_area_m2=aisle_area,
    )


def clear_before(
    stalls: Shapes, mouths: Shapes, slant_deg: Floats, drivable: list[shapely.Geometry | None]
) -> Floats:
    """Measure how wide the ground before each stall is that cars drive on, across the aisle.

    Parameters
    ----------
    stalls, mouths, slant_deg : arrays, (n,)
        As for :func:`measure_layout`.
    drivable : list of geometry
        Roads and aisles; stalls that stand on them are taken off.

    Returns
    -------
    ndarray of float, (n,)
        At most :data:`REACH_M`; 0 where there is nothing to drive on.
    """
    if not len(stalls):
        return np.zeros(0)
    known = [one for one in drivable if one is not None and not one.is_empty]
    free = shapely.difference(shapely.union_all(known), shapely.union_all(stalls), grid_size=None)
    if free.is_empty:
        return np.zeros(len(stalls))
    start, way = _rays(corners_of(stalls, mouths), slant_deg)
    rays = len(start) // len(stalls)
    depths = _first_inside(free, start, way).reshape(len(stalls), rays)
    found: Floats = depths.min(axis=1)
    return found


def lots_of(aisle: Ints, aisles: Shapes) -> Ints:
    """Give each stall the number of its lot, :data:`ROADSIDE` beside roads that are there.

    New aisles that meet make one lot.
    """
    if not len(aisles):
        return np.full(len(aisle), ROADSIDE, dtype=np.int64)
    of_aisle = joined(aisles, _TOUCH_M)
    return np.where(aisle >= 0, of_aisle[np.maximum(aisle, 0)], ROADSIDE).astype(np.int64)


def served_by(mouths: Shapes, aisles: Shapes) -> Ints:
    """Find the aisle that each mouth opens to; −1 for none, which is a road."""
    found = np.full(len(mouths), -1, np.int64)
    if len(aisles) and len(mouths):
        tree = shapely.STRtree(aisles)
        at, by = tree.query_nearest(mouths, max_distance=_TOUCH_M, all_matches=False)
        found[at] = by
    return found


def joined(shapes: Shapes, gap_m: float) -> Ints:
    """Give each shape the number of its group: what lies nearer to each other than a gap is one."""
    if not len(shapes):
        return np.zeros(0, np.int64)
    i, j = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m - 1e-6)
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(shapes), len(shapes)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _rays(corners: Floats, slant_deg: Floats) -> tuple[Floats, Floats]:
    """Start and way of the rays of all stalls, the same number of each: three places × three ways."""
    one, other = corners[:, 0], corners[:, 1]
    run = other - one
    normal = outwards(corners[:, :2], corners.mean(axis=1))
    # A slanted stall's own axis is not square to the aisle; one of the ways is, and that is the shortest.
    square = (slant_deg <= 0) | (slant_deg >= _RIGHT_ANGLE)
    turn = np.radians(np.where(square, 0.0, _RIGHT_ANGLE - slant_deg))
    ways = np.stack([_turned(normal, turn * sign) for sign in (0.0, 1.0, -1.0)], axis=1)
    starts = one[:, None] + run[:, None] * _STARTS[None, :, None]
    shape = (len(corners), len(_STARTS), ways.shape[1], 2)
    return (
        np.broadcast_to(starts[:, :, None], shape).reshape(-1, 2),
        np.broadcast_to(ways[:, None], shape).reshape(-1, 2),
    )


def _turned(way: Floats, by: Floats) -> Floats:
    cos, sin = np.cos(by), np.sin(by)
    return np.column_stack((way[:, 0] * cos - way[:, 1] * sin, way[:, 0] * sin + way[:, 1] * cos))


def _first_inside(free: shapely.Geometry, start: Floats, way: Floats) -> Floats:
    """Length of the first piece of each ray that lies in an area, if it begins near enough to the start."""
    lines = shapely.linestrings(np.stack([start, start + way * REACH_M], axis=1))
    shapely.prepare(free)
    near = shapely.get_parts(free)
    ray, part = shapely.STRtree(near).query(lines, predicate="intersects")
    pieces, of = shapely.get_parts(shapely.intersection(lines[ray], near[part]), return_index=True)
    owner = ray[of]
    long = shapely.length(pieces)
    kept = long > 1e-6
    pieces, owner, long = pieces[kept], owner[kept], long[kept]
    first = shapely.get_coordinates(shapely.get_point(pieces, 0))
    last = shapely.get_coordinates(shapely.get_point(pieces, -1))
    begins = np.minimum(*(((end - start[owner]) * way[owner]).sum(axis=1) for end in (first, last)))
    order = np.lexsort((begins, owner))
    found = np.zeros(len(start))
    # The first piece of each ray; written from the last to the first, so that it stands in the end.
    usable = order[begins[order] <= _STEP_IN_M][::-1]
    found[owner[usable]] = long[usable]
    return found


def _nearest_m(stalls: Shapes, buildings: Shapes) -> Floats:
    if not len(buildings) or not len(stalls):
        return np.full(len(stalls), np.nan)
    tree = shapely.STRtree(buildings)
    (at, _), off = tree.query_nearest(stalls, return_distance=True, all_matches=False)
    found = np.full(len(stalls), np.nan)
    found[at] = off
    return found


def _least(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.min()) if len(known) else None


def _largest(groups: Ints) -> int | None:
    return int(np.bincount(groups).max()) if len(groups) else None


def _mean(areas: Floats, more: float) -> float | None:
    return float(math.fsum(areas) + more) / len(areas) if len(areas) else None

"""What a layout of stalls leaves and takes: clear widths before stalls, lots, groups, distances, ground by stall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.stall_corners import corners_of, pushed_out
from geo.stall_ways import edges_of, near_corners, ways_out

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
# Ground before a stall that tells what it is driven into from, and the part of it that decides.
_BEFORE_M, _MOST = 4.0, 0.5
# Where a ray starts on the mouth, as shares of it; the ends themselves touch the neighbours.
_STARTS = np.array([0.02, 0.5, 0.98])
_CRACK_M = 0.01
# Rays look about so far before the mouth.
_START_M = 0.03


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
        Most stalls of one lot that lie nearer to each other than the gap between groups.
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
    lots = lots_of(stalls, mouths, aisle, aisles, roads)
    in_lot = lots != ROADSIDE
    clear = clear_before(stalls, mouths, slant_deg, [roads, *aisles])
    off = _nearest_m(stalls, buildings)
    aisle_area = float(shapely.area(aisles).sum())
    areas = shapely.area(stalls)
    return LayoutMeasures(
        aisle_m=_least(clear),
        fire_clear_m=_least(clear[~in_lot]),
        largest_group=_largest(joined(stalls[in_lot], group_gap_m, lots[in_lot])),
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
    # Roads and aisles were cut along one another: cracks between them are closed.
    closed = shapely.union_all(known).buffer(_CRACK_M, join_style="mitre")
    drawn = closed.buffer(-_CRACK_M, join_style="mitre")
    free = shapely.difference(drawn, shapely.union_all(stalls))
    if free.is_empty:
        return np.zeros(len(stalls))
    corners = corners_of(stalls, mouths)
    ways = ways_out(corners, slant_deg, shapely.get_parts(known))
    run = corners[:, 1] - corners[:, 0]
    start = corners[:, :1] + run[:, None] * _STARTS[:, None]
    # The aisle begins where the row does: a mouth aslant lies farther in, but for its near corner.
    row = ((near_corners(corners, ways)[:, None] - start) * ways[:, None]).sum(axis=2)
    depths = _first_inside(
        free, start.reshape(-1, 2), ways.repeat(len(_STARTS), axis=0), row.ravel()
    ).reshape(row.shape)
    # At the end of an aisle a part of the mouth may lie beside it.
    found: Floats = np.where(depths > 0, depths, np.inf).min(axis=1)
    return np.where(np.isfinite(found), found, 0.0)


def lots_of(
    stalls: Shapes, mouths: Shapes, aisle: Ints, aisles: Shapes, roads: shapely.Geometry | None
) -> Ints:
    """Give each stall the number of its lot, :data:`ROADSIDE` beside roads that are there.

    New aisles that meet make one lot. A stall that is driven into from a road, widened by a strip or not, stands
    beside the road: most of the ground before it is road.
    """
    if not len(stalls):
        return np.zeros(0, np.int64)
    beside = aisle < 0
    if roads is not None and not roads.is_empty:
        corners = corners_of(stalls, mouths)
        before = pushed_out(corners[:, :2], corners.mean(axis=1), _BEFORE_M)
        shapely.prepare(roads)
        on_road = shapely.area(shapely.intersection(before, roads))
        beside |= on_road > _MOST * shapely.area(before)
    if not len(aisles):
        return np.full(len(stalls), ROADSIDE, dtype=np.int64)
    of_aisle = joined(aisles, _TOUCH_M)
    return np.where(beside, ROADSIDE, of_aisle[np.maximum(aisle, 0)]).astype(np.int64)


def served_by(mouths: Shapes, aisles: Shapes) -> Ints:
    """Find the aisle that each mouth opens to; −1 for none, which is a road."""
    found = np.full(len(mouths), -1, np.int64)
    if len(aisles) and len(mouths):
        tree = shapely.STRtree(aisles)
        at, by = tree.query_nearest(mouths, max_distance=_TOUCH_M, all_matches=False)
        found[at] = by
    return found


def joined(shapes: Shapes, gap_m: float, within: Ints | None = None) -> Ints:
    """Give each shape the number of its group: what lies nearer to each other than a gap is one.

    With labels `within`, only of what has the same label.
    """
    if not len(shapes):
        return np.zeros(0, np.int64)
    i, j = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m - 1e-6)
    if within is not None:
        same = within[i] == within[j]
        i, j = i[same], j[same]
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(shapes), len(shapes)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _first_inside(free: shapely.Geometry, start: Floats, way: Floats, row: Floats) -> Floats:
    """Measure the first piece of each ray that lies in an area, beyond the line of the row, if it is near enough."""
    lines = shapely.linestrings(np.stack([start, start + way * REACH_M], axis=1))
    edges = edges_of(np.array([free], dtype=object))
    ray, edge = shapely.STRtree(shapely.linestrings(edges)).query(lines, predicate="intersects")
    t = _met_at(start[ray], way[ray], edges[edge])
    shapely.prepare(free)
    first = start + way * _START_M
    inside = shapely.contains_xy(free, first[:, 0], first[:, 1])
    enters = np.where(inside, 0.0, _least_of(t, ray, np.full(len(start), _START_M)))
    leaves = np.minimum(_least_of(t, ray, enters + 2 * _START_M), REACH_M)
    found: Floats = np.where(enters <= _STEP_IN_M, leaves - np.maximum(enters, row), 0.0)
    return np.maximum(found, 0.0)


def _met_at(start: Floats, way: Floats, edges: Floats) -> Floats:
    """Distance along rays at which they meet edges."""
    run, off = edges[:, 1] - edges[:, 0], edges[:, 0] - start
    turn = way[:, 0] * run[:, 1] - way[:, 1] * run[:, 0]
    level = np.abs(turn) < 1e-9
    met = (off[:, 0] * run[:, 1] - off[:, 1] * run[:, 0]) / np.where(level, 1.0, turn)
    # Along an edge it is met at its nearer end.
    along = np.minimum((off * way).sum(axis=1), ((edges[:, 1] - start) * way).sum(axis=1))
    return np.where(level, along, met)


def _least_of(t: Floats, ray: Ints, above: Floats) -> Floats:
    """Least distance of each ray beyond a limit of its own; infinite if there is none."""
    found = np.full(len(above), np.inf)
    beyond = t > above[ray]
    np.minimum.at(found, ray[beyond], t[beyond])
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

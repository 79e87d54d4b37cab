"""Large ground piece by piece: what roads part is laid out in directions of its own, then what is left, round by round.

One set of directions never suits a whole compound. Each piece of ground, the largest first, is a lot with roads
beside it; the aisles of those before count as roads for those after, so that a strip beside a lane serves both its
sides. What the pieces leave is cut into pieces again.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.stall_corners import corners_of, pushed_out
from geo.stall_sizes import Layout

__all__ = ["joined_layouts", "left_of", "pieces_of", "with_roads"]

Shapes = NDArray[np.object_]

# Ground between which there is only a crack is one piece.
_CRACK_M = 5e-3
# A stall needs no less than this to either side of its middle, whatever its kind.
_HALF_STALL_M, _STALL_M2 = 1.0, 12.0
# What is left over is worth a look if it is wider than this and has room for a few stalls.
_HALF_LEFT_M, _LEFT_M2 = 1.15, 40.0
# Ground before a stall that tells what it is driven into from, and the part of it that settles the matter; aisles begin
# so near to a mouth, behind a lip of another at most.
_BEFORE_M, _SERVES, _LIP_M = 1.0, 0.3, 0.3
# Aisles that lead to each other touch.
_TOUCH_M = 0.05


def pieces_of(ground: shapely.Geometry) -> list[shapely.Geometry]:
    """Part ground into pieces that do not touch and have room for a stall, the largest first.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        Metres, valid.
    """
    parts = shapely.get_parts(ground)
    parts = _touching(parts[shapely.area(parts) >= _STALL_M2 / 4])
    wide = ~shapely.is_empty(shapely.buffer(parts, -_HALF_STALL_M, join_style="mitre"))
    parts = parts[wide & (shapely.area(parts) >= _STALL_M2)]
    # Equal areas in turn of their outlines: where they lie must not matter.
    return [*parts[np.lexsort((-shapely.length(parts), -np.round(shapely.area(parts), 2)))]]


def _touching(parts: Shapes) -> Shapes:
    if len(parts) < 2:
        return parts
    i, j = shapely.STRtree(parts).query(parts, predicate="dwithin", distance=_CRACK_M)
    if (i == j).all():
        return parts
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(parts), len(parts)))
    number, of = connected_components(graph, directed=False)
    return np.array(
        [shapely.multipolygons(shapely.get_parts(parts[of == k])) for k in range(number)],
        dtype=object,
    )


def with_roads(roads: shapely.Geometry, layout: Layout) -> shapely.Geometry:
    """Roads and the new aisles of a layout: what the next piece is driven into from."""
    return shapely.union_all([roads, *layout.aisles]) if len(layout.aisles) else roads


def left_of(ground: shapely.Geometry, layout: Layout) -> shapely.Geometry:
    """Ground that a layout leaves, where it is wide enough for a stall and large enough for a few."""
    taken = shapely.union_all([*layout.stalls, *layout.aisles])
    rest = shapely.difference(ground, taken)
    inner = shapely.buffer(rest, -_HALF_LEFT_M, join_style="mitre")
    opened = shapely.buffer(inner, _HALF_LEFT_M, join_style="mitre")
    parts = shapely.get_parts(shapely.intersection(opened, rest))
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return shapely.multipolygons(parts[polygon & (shapely.area(parts) >= _LEFT_M2)])


def joined_layouts(before: Layout, after: Layout, roads: shapely.Geometry) -> Layout:
    """Put the layout of a later piece to that of the earlier ones, whose aisles it may be driven into from.

    Parameters
    ----------
    before, after : Layout
        The later one knows the earlier aisles as roads.
    roads : geometry
        What is driven on already.
    """
    if not after.count:
        return before
    if not before.count:
        return after
    aisles = np.concatenate([before.aisles, after.aisles])
    own = after.aisle + len(before.aisles)
    aisle = _entered(after, np.where(after.aisle < 0, -1, own), aisles, roads)
    area = math.fsum((before.area_m2, after.area_m2))
    return replace(
        before,
        stalls=np.concatenate([before.stalls, after.stalls]),
        arrangement=np.concatenate([before.arrangement, after.arrangement]),
        angle_deg=np.concatenate([before.angle_deg, after.angle_deg]),
        aisle=np.concatenate([before.aisle, aisle]),
        mouth=np.concatenate([before.mouth, after.mouth]),
        aisles=aisles,
        dead_end_m=np.concatenate([before.dead_end_m, _deeper(before, after, roads)]),
        area_m2=area,
        m2_per_stall=area / (before.count + after.count),
        dropped=before.dropped + after.dropped,
    )


def _entered(
    layout: Layout, told: NDArray[np.int64], aisles: Shapes, roads: shapely.Geometry
) -> NDArray[np.int64]:
    """Find what each stall is driven into from, the told aisle if it is before it: an aisle, −1 for a road."""
    if not len(aisles):
        return told
    corners = corners_of(layout.stalls, layout.mouth)
    before = pushed_out(corners[:, :2], corners.mean(axis=1), _BEFORE_M)
    most = shapely.area(shapely.intersection(before, roads))
    own = np.where(told < 0, 0.0, shapely.area(shapely.intersection(before, aisles[told])))
    found = np.where(own > most, told, -1)
    most = np.where(own > _SERVES * shapely.area(before), np.inf, np.maximum(own, most))
    found = np.where(np.isinf(most), told, found)
    at, by = shapely.STRtree(aisles).query(layout.mouth, predicate="dwithin", distance=_LIP_M)
    shared = shapely.area(shapely.intersection(before[at], aisles[by]))
    for k in np.argsort(shared, kind="stable"):
        if shared[k] > most[at[k]] - 1e-9:
            most[at[k]], found[at[k]] = shared[k], by[k]
    return found


def _deeper(before: Layout, after: Layout, roads: shapely.Geometry) -> NDArray[np.float64]:
    """Ways in of aisles that branch off earlier ones, with the way into those."""
    if not len(after.aisles) or not len(before.aisles):
        return after.dead_end_m
    shapely.prepare(roads)
    on_road = shapely.dwithin(after.aisles, roads, _TOUCH_M)
    i, j = shapely.STRtree(before.aisles).query(
        after.aisles, predicate="dwithin", distance=_TOUCH_M
    )
    more = np.zeros(len(after.aisles))
    np.maximum.at(more, i, before.dead_end_m[j])
    return np.asarray(after.dead_end_m + np.where(on_road, 0.0, more))

"""Which way out of a stall is square to its aisle: told by the row that a slanted stall stands in, or by the aisle."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.stall_corners import outwards

__all__ = ["edges_of", "near_corners", "ways_out"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

_RIGHT_ANGLE = 90.0
# Stalls side by side stand so near to where the table has them: drawn by hand, saved and read back.
_BESIDE_M = 0.3
_SAME_WAY = np.cos(np.radians(3.0))
# Farther from the mouth lies no edge of the aisle that a stall opens to.
_EDGE_NEAR_M = 3.0
# Shorter edges are bits of a curve, and point anywhere.
_EDGE_LEAST_M = 0.3
_LEANS = (1.0, -1.0)


def ways_out(corners: Floats, slant_deg: Floats, drivable: Shapes) -> Floats:
    """Give the unit vector out of each stall that is square to its aisle.

    A stall square to its aisle or along it has its mouth on the aisle. A slanted one may lean either way, and only
    what is around it tells which: stalls of a row stand side by side, their near corners on a line; where one stands
    alone, a near corner lies on an edge of its aisle.

    Parameters
    ----------
    corners : ndarray of float, (n, 4, 2)
        As of :func:`geo.stall_corners.corners_of`, in metres.
    slant_deg : ndarray of float, (n,)
        Between long axis and aisle: 90 square to it, 0 along it.
    drivable : array of Polygon
        Roads and aisles.

    Returns
    -------
    ndarray of float, (n, 2)
    """
    found = outwards(corners[:, :2], corners.mean(axis=1))
    slanted = np.flatnonzero((slant_deg > 0) & (slant_deg < _RIGHT_ANGLE))
    if not len(slanted):
        return found
    own, slant = corners[slanted], slant_deg[slanted]
    # Two ways each: the mouth's own, turned back by what the stall leans to the one side or the other.
    turn = np.radians(_RIGHT_ANGLE - slant)
    ways = np.stack([_turned(found[slanted], turn * lean) for lean in _LEANS], axis=1)
    in_row, way = _by_rows(own, slant, found[slanted], ways)
    alone = np.flatnonzero(~in_row)
    if len(alone):
        way[alone] = _by_edges(own[alone], ways[alone], drivable)
    found[slanted] = way
    return found


def near_corners(corners: Floats, ways: Floats) -> Floats:
    """Give the end of each mouth that lies farthest out, (n, 2): on the edge of the aisle."""
    ends = corners[:, :2]
    far = (ends * ways[:, None]).sum(axis=2).argmax(axis=1)
    near: Floats = ends[np.arange(len(ends)), far]
    return near


def edges_of(areas: Shapes) -> Floats:
    """Give the edges of areas, (n, 2, 2)."""
    rings = shapely.get_rings(shapely.get_parts(areas))
    xy, of = shapely.get_coordinates(rings, return_index=True)
    goes_on = of[1:] == of[:-1]
    return np.stack([xy[:-1][goes_on], xy[1:][goes_on]], axis=1)


def _turned(way: Floats, by: Floats) -> Floats:
    cos, sin = np.cos(by), np.sin(by)
    return np.column_stack((way[:, 0] * cos - way[:, 1] * sin, way[:, 0] * sin + way[:, 1] * cos))


def _by_rows(corners: Floats, slant: Floats, out: Floats, ways: Floats) -> tuple[Flags, Floats]:
    """Tell which stalls stand in a row, and the way square to its line."""
    n = len(corners)
    one, other, step = _beside(corners, slant, out)
    # A step along the row is square to the way that its stalls lean by.
    off = np.abs((step[:, None] * ways[one]).sum(axis=2))
    lean = off.argmin(axis=1)
    size = np.stack([_row_size(n, one[lean == k], other[lean == k]) for k in (0, 1)], axis=1)
    best = size.argmax(axis=1)
    in_row = size[:, 0] != size[:, 1]
    way = ways[np.arange(n), best]
    along = np.column_stack((-way[:, 1], way[:, 0]))
    line = np.zeros((n, 2))
    own = (lean == best[one]) & in_row[one]
    ahead = np.where((step * along[one]).sum(axis=1) < 0, -1.0, 1.0)
    np.add.at(line, one[own], (step * ahead[:, None])[own])
    long = np.linalg.norm(line, axis=1, keepdims=True)
    line = np.where(long > 0, line / np.where(long > 0, long, 1.0), along)
    return in_row, np.column_stack((line[:, 1], -line[:, 0]))


def _beside(corners: Floats, slant: Floats, out: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of stalls side by side that lean the same way, and the step from one to the other."""
    run = corners[:, 1] - corners[:, 0]
    width = np.linalg.norm(run, axis=1)
    across = run / np.where(width > 0, width, 1.0)[:, None]
    lag = width / np.tan(np.radians(slant))
    middles = corners[:, :2].mean(axis=1)
    points = shapely.points(middles)
    one, other = shapely.STRtree(points).query(
        points, predicate="dwithin", distance=np.hypot(width, lag) + 2 * _BESIDE_M
    )
    step = middles[other] - middles[one]
    sideways = np.abs((step * across[one]).sum(axis=1))
    forward = np.abs((step * out[one]).sum(axis=1))
    beside = (
        (np.abs(sideways - width[one]) < _BESIDE_M)
        & (np.abs(forward - lag[one]) < _BESIDE_M)
        & ((out[one] * out[other]).sum(axis=1) > _SAME_WAY)
        & (np.abs(slant[one] - slant[other]) < 1.0)
    )
    return one[beside], other[beside], step[beside]


def _row_size(n: int, one: Ints, other: Ints) -> Ints:
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(n, n))
    _, row = connected_components(graph, directed=False)
    return np.asarray(np.bincount(row)[row], dtype=np.int64)


def _by_edges(corners: Floats, ways: Floats, drivable: Shapes) -> Floats:
    """Of two ways take the one whose near corner lies nearest to an edge that it is square to."""
    edges = edges_of(drivable)
    run = edges[:, 1] - edges[:, 0]
    long = np.linalg.norm(run, axis=1)
    kept = long > _EDGE_LEAST_M
    edges, run = edges[kept], run[kept] / long[kept, None]
    lines = shapely.linestrings(edges)
    mouths = shapely.linestrings(corners[:, :2])
    stall, edge = shapely.STRtree(lines).query(mouths, predicate="dwithin", distance=_EDGE_NEAR_M)
    width = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    off = np.full((len(corners), len(_LEANS)), np.inf)
    for k in range(len(_LEANS)):
        near = shapely.points(near_corners(corners, ways[:, k]))
        askew = np.abs((run[edge] * ways[stall, k]).sum(axis=1))
        np.minimum.at(
            off[:, k], stall, shapely.distance(near[stall], lines[edge]) + width[stall] * askew
        )
    return np.asarray(ways[np.arange(len(corners)), off.argmin(axis=1)])

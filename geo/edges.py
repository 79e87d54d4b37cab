"""Edges of boundaries as arrays, and the gap between two boundaries.

Compiled: two compounds have a dozen edges each, on which GEOS spends more time in setting out than in measuring
(five times that of these loops for 100,000 pairs).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.compiled import compiled

__all__ = [
    "DEPTH_M",
    "NOISE_M",
    "Edges",
    "Point",
    "Segment",
    "apart2",
    "beside",
    "boxes_apart2",
    "edge",
    "edges_of",
    "foot",
    "gaps_m",
    "holds",
    "meet",
    "middle_box",
    "side",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Point = tuple[float, float]
Segment = tuple[float, float, float, float]

# Ways start this deep inside a compound that is not too slender: a line drawn along the shared edge strays to
# either side of it by less. Half of a narrow main road.
DEPTH_M = 5.0
# Coordinates of eight digits before the point, once there and back through a projection, are good to
# about 1e-8 m. A gap of exactly the limit has to count, and two edges that were drawn as one touch.
NOISE_M = 1e-6


class Edges(NamedTuple):
    """Boundaries as arrays; the inside is on the left of every edge.

    Attributes
    ----------
    start : ndarray of int, (n + 1,)
        Corners of shape ``k`` are ``start[k]:start[k + 1]``.
    x, y : ndarray of float
        Corners, ring after ring, each ring closed.
    closes : ndarray of bool
        The last corner of a ring, from which no edge goes on.
    box : ndarray of float, (n, 4)
        West, south, east, north.
    depth : ndarray of float, (n,)
        Depth at which ways start, metres.
    """

    start: Ints
    x: Floats
    y: Floats
    closes: Flags
    box: Floats
    depth: Floats


def edges_of(shapes: NDArray[np.object_], *, oriented: bool = False) -> Edges:
    """Corners of polygons.

    Parameters
    ----------
    shapes : ndarray of Polygon and MultiPolygon
        None missing or empty.
    oriented : bool
        Turn the rings so that the inside is on the left; only ways need it.
    """
    if oriented:
        shapes = shapely.orient_polygons(shapes)
    _, corners, offsets = shapely.to_ragged_array(shapes, include_z=False)
    rings, parts = offsets[0], offsets[1]
    # Of polygons alone the array knows no parts.
    of_shape = rings[parts] if len(offsets) == 2 else rings[parts[offsets[2]]]
    closes = np.zeros(len(corners), dtype=np.bool_)
    closes[rings[1:] - 1] = True
    # A strip w wide has about w / 2 of area to each metre of its outline.
    slender = 0.5 * shapely.area(shapes) / np.maximum(shapely.length(shapes), NOISE_M)
    return Edges(
        start=np.ascontiguousarray(of_shape, dtype=np.int64),
        x=np.ascontiguousarray(corners[:, 0]),
        y=np.ascontiguousarray(corners[:, 1]),
        closes=closes,
        box=np.ascontiguousarray(shapely.bounds(shapes)),
        depth=np.minimum(DEPTH_M, slender),
    )


@compiled
def edge(edges: Edges, k: int) -> Segment:
    """Edge that starts at corner `k`."""
    return edges.x[k], edges.y[k], edges.x[k + 1], edges.y[k + 1]


@compiled
def foot(point: Point, segment: Segment) -> float:
    """Where on a segment, 0 to 1, it is nearest to a point."""
    dx, dy = segment[2] - segment[0], segment[3] - segment[1]
    length2 = dx * dx + dy * dy
    if length2 == 0.0:
        return 0.0
    along = (point[0] - segment[0]) * dx + (point[1] - segment[1]) * dy
    return min(1.0, max(0.0, along / length2))


@compiled
def apart2(point: Point, segment: Segment) -> float:
    """Square of the distance from a point to a segment."""
    at = foot(point, segment)
    dx = point[0] - segment[0] - at * (segment[2] - segment[0])
    dy = point[1] - segment[1] - at * (segment[3] - segment[1])
    return dx * dx + dy * dy


@compiled
def side(segment: Segment, point: Point) -> float:
    """Positive for a point on the left of a segment, negative on the right, 0 in line with it."""
    return (segment[2] - segment[0]) * (point[1] - segment[1]) - (segment[3] - segment[1]) * (
        point[0] - segment[0]
    )


@compiled
def meet(one: Segment, other: Segment) -> bool:
    """Whether two segments share a point, ends included."""
    if max(one[0], one[2]) < min(other[0], other[2]) or max(other[0], other[2]) < min(
        one[0], one[2]
    ):
        return False
    if max(one[1], one[3]) < min(other[1], other[3]) or max(other[1], other[3]) < min(
        one[1], one[3]
    ):
        return False
    start, end = side(one, (other[0], other[1])), side(one, (other[2], other[3]))
    if (start > 0.0 and end > 0.0) or (start < 0.0 and end < 0.0):
        return False
    start, end = side(other, (one[0], one[1])), side(other, (one[2], one[3]))
    return not ((start > 0.0 and end > 0.0) or (start < 0.0 and end < 0.0))


@compiled
def beside(edges: Edges, shape: int, box: Floats, found: Ints) -> int:
    """Edges of a shape whose boxes meet a box; returns how many were written into `found`."""
    count = 0
    for k in range(edges.start[shape], edges.start[shape + 1] - 1):
        x1, y1, x2, y2 = edge(edges, k)
        if edges.closes[k] or max(x1, x2) < box[0] or min(x1, x2) > box[2]:
            continue
        if max(y1, y2) < box[1] or min(y1, y2) > box[3]:
            continue
        found[count] = k
        count += 1
    return count


@compiled
def holds(edges: Edges, shape: int, point: Point) -> bool:
    """Whether a point is inside a shape."""
    inside = False
    x, y = point
    for k in range(edges.start[shape], edges.start[shape + 1] - 1):
        x1, y1, x2, y2 = edge(edges, k)
        if (
            not edges.closes[k]
            and (y1 > y) != (y2 > y)
            and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
        ):
            inside = not inside
    return inside


@compiled
def _holds_a_ring(edges: Edges, holder: int, held: int) -> bool:
    """Whether the first corner of any ring of one shape is inside another."""
    first = edges.start[held]
    for k in range(edges.start[held], edges.start[held + 1]):
        if edges.closes[k]:
            if holds(edges, holder, (edges.x[first], edges.y[first])):
                return True
            first = k + 1
    return False


@compiled
def _most_corners(edges: Edges) -> int:
    most = 1
    for k in range(len(edges.start) - 1):
        most = max(most, edges.start[k + 1] - edges.start[k])
    return most


@compiled
def boxes_apart2(one: Segment, other: Segment) -> float:
    """Square of the distance between the boxes of two segments."""
    east = max(min(one[0], one[2]), min(other[0], other[2]))
    west = min(max(one[0], one[2]), max(other[0], other[2]))
    north = max(min(one[1], one[3]), min(other[1], other[3]))
    south = min(max(one[1], one[3]), max(other[1], other[3]))
    return max(0.0, east - west) ** 2 + max(0.0, north - south) ** 2


@compiled
def _gap2(edges: Edges, mine: Ints, others: Ints, best: float) -> float:
    """Square of the smallest distance between two sets of edges, if it is below `best`."""
    for k in mine:
        one = edge(edges, k)
        for m in others:
            other = edge(edges, m)
            if boxes_apart2(one, other) >= best:
                continue
            if meet(one, other):
                return 0.0
            best = min(best, apart2((one[0], one[1]), other), apart2((one[2], one[3]), other))
            best = min(best, apart2((other[0], other[1]), one), apart2((other[2], other[3]), one))
    return best


@compiled
def gaps_m(first: Ints, second: Ints, edges: Edges, reach_m: float) -> Floats:
    """Distance between the shapes of each pair.

    Parameters
    ----------
    first, second : ndarray of int
        Positions of the shapes.
    edges : Edges
        Their boundaries.
    reach_m : float
        What is farther comes out as infinite.

    Returns
    -------
    ndarray of float
        Metres, 0 where they touch or overlap.
    """
    gap = np.empty(len(first))
    most = _most_corners(edges)
    mine, others, box = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(4)
    # A hair beyond the reach, so that what is exactly at it is found.
    most2 = (reach_m + NOISE_M) ** 2
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        middle_box(edges, a, b, reach_m + NOISE_M, box)
        best = _gap2(
            edges,
            mine[: beside(edges, a, box, mine)],
            others[: beside(edges, b, box, others)],
            most2,
        )
        if best > 0.0 and _one_holds_the_other(edges, a, b):
            best = 0.0
        gap[pair] = np.sqrt(best) if best < most2 else np.inf
    return gap


@compiled
def _one_holds_the_other(edges: Edges, a: int, b: int) -> bool:
    one, other = edges.box[a], edges.box[b]
    if one[0] > other[2] or other[0] > one[2] or one[1] > other[3] or other[1] > one[3]:
        return False
    return _holds_a_ring(edges, a, b) or _holds_a_ring(edges, b, a)


@compiled
def middle_box(edges: Edges, a: int, b: int, reach_m: float, box: Floats) -> None:
    """Box that holds every straight way so long between two shapes."""
    for k in range(2):
        box[k] = max(edges.box[a, k], edges.box[b, k]) - reach_m
        box[k + 2] = min(edges.box[a, k + 2], edges.box[b, k + 2]) + reach_m

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
    "edges_of",
    "foot",
    "gaps_m",
    "holds",
    "meet",
    "middle_box",
    "segment_of",
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
    """Boundaries as arrays, few of them: what a kernel is handed it hands on with every call.

    Attributes
    ----------
    start : ndarray of int, (n + 1,)
        Edges of shape ``k`` are ``start[k]:start[k + 1]``, ring after ring.
    ends : ndarray of float, (edges, 4)
        x and y of both ends; the inside is on the left if the shapes were oriented.
    box : ndarray of float, (n, 4)
        West, south, east, north.
    depth : ndarray of float, (n,)
        Depth at which ways start, metres.
    """

    start: Ints
    ends: Floats
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
    corners = shapely.get_coordinates(shapes)
    start = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(shapes))]).astype(np.int64)
    goes_on = ~_ring_ends(shapes, start)
    # A strip w wide has about w / 2 of area to each metre of its outline.
    slender = 0.5 * shapely.area(shapes) / np.maximum(shapely.length(shapes), NOISE_M)
    return Edges(
        start=np.concatenate([[0], np.cumsum(goes_on)])[start].astype(np.int64),
        ends=np.hstack([corners[:-1], corners[1:]])[goes_on[:-1]],
        box=np.ascontiguousarray(shapely.bounds(shapes)),
        depth=np.minimum(DEPTH_M, slender),
    )


def _ring_ends(shapes: NDArray[np.object_], start: Ints) -> Flags:
    """Mark the last corner of each ring; only shapes of several rings are taken apart."""
    closes = np.zeros(start[-1], dtype=np.bool_)
    closes[start[1:] - 1] = True
    many = np.flatnonzero(
        (shapely.get_num_interior_rings(shapes) > 0)
        | (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON)
    )
    # Rings are given of single polygons alone; a MultiPolygon would have none, and its parts be joined by an edge.
    parts, of_many = shapely.get_parts(shapes[many], return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    of_shape = of_many[of_part]
    corners = shapely.get_num_coordinates(rings)
    ends = np.cumsum(corners)
    # Corners of the shapes that were not taken apart lie between.
    left_out = start[many] - np.concatenate([[0], np.cumsum(np.diff(start)[many])])[:-1]
    closes[ends + left_out[of_shape] - 1] = True
    return closes


@compiled
def segment_of(ends: Floats, k: int) -> Segment:
    """Row of an array of ends."""
    return ends[k, 0], ends[k, 1], ends[k, 2], ends[k, 3]


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
def beside(edges: Edges, shape: int, box: Floats) -> Ints:
    """Edges of a shape whose boxes meet a box."""
    found = np.empty(edges.start[shape + 1] - edges.start[shape], np.int64)
    count = 0
    for k in range(edges.start[shape], edges.start[shape + 1]):
        x1, y1, x2, y2 = segment_of(edges.ends, k)
        if max(x1, x2) < box[0] or min(x1, x2) > box[2]:
            continue
        if max(y1, y2) < box[1] or min(y1, y2) > box[3]:
            continue
        found[count] = k
        count += 1
    return found[:count]


@compiled
def holds(edges: Edges, shape: int, point: Point) -> bool:
    """Whether a point is inside a shape."""
    inside = False
    x, y = point
    for k in range(edges.start[shape], edges.start[shape + 1]):
        x1, y1, x2, y2 = segment_of(edges.ends, k)
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


@compiled
def _holds_a_ring(edges: Edges, holder: int, held: int) -> bool:
    """Whether the first corner of any ring of one shape is inside another."""
    ends, first = edges.ends, edges.start[held]
    for k in range(first, edges.start[held + 1]):
        # Within a ring an edge starts where the one before it ended.
        begins = k == first or ends[k, 0] != ends[k - 1, 2] or ends[k, 1] != ends[k - 1, 3]
        if begins and holds(edges, holder, (ends[k, 0], ends[k, 1])):
            return True
    return False


@compiled
def boxes_apart2(one: Segment, other: Segment) -> float:
    """Square of the distance between the boxes of two segments."""
    east = max(min(one[0], one[2]), min(other[0], other[2]))
    west = min(max(one[0], one[2]), max(other[0], other[2]))
    north = max(min(one[1], one[3]), min(other[1], other[3]))
    south = min(max(one[1], one[3]), max(other[1], other[3]))
    return max(0.0, east - west) ** 2 + max(0.0, north - south) ** 2


@compiled
def _gap2(ends: Floats, mine: Ints, others: Ints, best: float) -> float:
    """Square of the smallest distance between two sets of edges, if it is below `best`."""
    for k in mine:
        one = segment_of(ends, k)
        for m in others:
            other = segment_of(ends, m)
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
    box = np.empty(4)
    # A hair beyond the reach, so that what is exactly at it is found.
    most2 = (reach_m + NOISE_M) ** 2
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        middle_box(edges.box, (a, b), reach_m + NOISE_M, box)
        best = _gap2(edges.ends, beside(edges, a, box), beside(edges, b, box), most2)
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
def middle_box(boxes: Floats, pair: tuple[int, int], reach_m: float, box: Floats) -> None:
    """Box that holds every straight way so long between two shapes."""
    a, b = pair
    for k in range(2):
        box[k] = max(boxes[a, k], boxes[b, k]) - reach_m
        box[k + 2] = min(boxes[a, k + 2], boxes[b, k + 2]) + reach_m

"""Corners of plain areas in one table, and how two of them lie to each other where that is beyond doubt.

The geometry engine answers one question about one pair at a time, with an object for each; nearly all areas of a plan
have few corners and lie clearly apart or clearly within each other, which takes a few products each. What comes nearer
than a hair is in doubt, and left to the engine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from geo.compiled import compiled, lean

__all__ = [
    "APART",
    "AROUND",
    "CROSS",
    "DOUBT",
    "WITHIN",
    "Areas",
    "Flat",
    "boxes_along",
    "flat",
    "lies",
    "surely_valid",
]

# How the first of two areas lies to the second.
DOUBT, APART, CROSS, WITHIN, AROUND = range(5)
# Nearer than this is in doubt: tenfold of what cutting takes for one, and far above what coordinates are good for.
HAIR_M = 1e-5
# More corners are not looked at one against the other.
MOST_CORNERS = 64

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


class Flat(NamedTuple):
    """Corners of shapes; those of shape ``k`` are ``corner[start[k]:start[k + 1]]``, closed if it is `plain`.

    ``plain`` are areas of one part without holes.
    """

    corner: Floats
    start: Ints
    plain: Flags


class _Ring(NamedTuple):
    corner: Floats
    low: int
    high: int


class Areas:
    """Valid areas, or empty, with their corners.

    Attributes
    ----------
    shape : ndarray of geometry
    flat : Flat
    """

    def __init__(self, shapes: Shapes) -> None:
        self.shape = shapes
        self.flat = flat(shapes)

    @property
    def there(self) -> Ints:
        """Positions of those that are not empty."""
        return np.flatnonzero(np.diff(self.flat.start))


def flat(shapes: Shapes) -> Flat:
    """Corners of shapes, in their order."""
    many, kind = shapely.get_num_coordinates(shapes), shapely.get_type_id(shapes)
    corner = shapely.get_coordinates(shapes)
    start = np.concatenate([[0], np.cumsum(many)]).astype(np.int64)
    single = (many > 0) & (shapely.get_num_geometries(shapes) == 1)
    plain = single & (kind == GeometryType.POLYGON) & (shapely.get_num_interior_rings(shapes) == 0)
    # Asked for its part, the engine would make a copy: but a ring ends where it began, and only the last ends last.
    wrapped = np.flatnonzero(single & (kind == GeometryType.MULTIPOLYGON))
    plain[wrapped] = _is_one_ring(corner, start[wrapped], many[wrapped])
    return Flat(corner=corner, start=start, plain=plain)


def boxes_along(shapes: Flat, rows: Ints, angle: float) -> Floats:
    """Boxes around some of the shapes, none of them empty, along a direction and across it.

    Parameters
    ----------
    shapes : Flat
    rows : ndarray of int
        All that are not empty.
    angle : float
        Radians.

    Returns
    -------
    ndarray of float, (rows, 4)
    """
    if not len(rows):
        return np.zeros((0, 4))
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = np.ascontiguousarray(shapes.corner.T)
    start = shapes.start[rows]
    sides = [
        side.reduceat(along, start)
        for side in (np.minimum, np.maximum)
        for along in (cos * x + sin * y, cos * y - sin * x)
    ]
    return np.column_stack(sides)


def _is_one_ring(corner: Floats, start: Ints, many: Ints) -> Flags:
    place = np.arange(many.sum()) + np.repeat(start - (np.cumsum(many) - many), many)
    ends = (corner[place] == np.repeat(corner[start], many, axis=0)).all(axis=1)
    total = np.concatenate([[0], np.cumsum(ends)])
    last = np.cumsum(many)
    one: Flags = total[last] - total[last - many] == 2
    return one


def surely_valid(shapes: Flat) -> Flags:
    """Tell which shapes are beyond doubt plain areas whose outline does not meet itself.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    >>> surely_valid(flat(np.array([shapely.box(0, 0, 1, 1), bow_tie]))).tolist()
    [True, False]
    """
    return _simple(shapes, HAIR_M)


def lies(one: Flat, other: Flat, first: Ints, second: Ints) -> NDArray[np.int8]:
    """Tell how areas lie to each other.

    Parameters
    ----------
    one, other : Flat
        Of valid areas.
    first, second : ndarray of int
        Positions in `one` and in `other`.

    Returns
    -------
    ndarray of int
        ``APART``, ``WITHIN`` (the first inside the second) or ``AROUND``, each with more than a hair between; ``CROSS``
        where outlines cross; else ``DOUBT``, always for what is not plain.

    Examples
    --------
    >>> boxes = flat(shapely.box([0, 2, 3, 4], [0, 2, 3, 0], [9, 4, 12, 9], [9, 4, 5, 9]))
    >>> lies(boxes, boxes, np.array([0, 1, 0, 1, 0]), np.array([1, 0, 2, 2, 3])).tolist() == [
    ...     AROUND, WITHIN, CROSS, CROSS, DOUBT]
    True
    """
    return _lie(one, other, first, second, HAIR_M)


@compiled
def _simple(shapes: Flat, hair: float) -> Flags:
    found = np.zeros(len(shapes.plain), np.bool_)
    for k in range(len(found)):
        low, high = shapes.start[k], shapes.start[k + 1]
        if shapes.plain[k] and high - low <= MOST_CORNERS:
            found[k] = _meets_not_itself(shapes.corner, low, high, hair)
    return found


@lean
def _meets_not_itself(corner: Floats, low: int, high: int, hair: float) -> bool:
    for k in range(low, high - 1):
        n = k + 1 if k < high - 2 else low
        # The next edge goes on, or turns off; neither has a length of nothing.
        ax, ay = corner[k + 1, 0] - corner[k, 0], corner[k + 1, 1] - corner[k, 1]
        bx, by = corner[n + 1, 0] - corner[n, 0], corner[n + 1, 1] - corner[n, 1]
        a, b = np.hypot(ax, ay), np.hypot(bx, by)
        turns = abs(ax * by - ay * bx) > hair * max(a, b)
        if not (a > hair and b > hair and (turns or ax * bx + ay * by > 0.0)):
            return False
        for m in range(k + 2, high - 1):
            near = k == low and m == high - 2
            if not near and _edges(corner, k, corner, m, hair) != APART:
                return False
    return True


@compiled
def _lie(one: Flat, other: Flat, first: Ints, second: Ints, hair: float) -> NDArray[np.int8]:
    found = np.zeros(len(first), np.int8)
    for k in range(len(first)):
        i, j = first[k], second[k]
        if one.plain[i] and other.plain[j]:
            mine = _Ring(one.corner, one.start[i], one.start[i + 1])
            found[k] = _how(mine, _Ring(other.corner, other.start[j], other.start[j + 1]), hair)
    return found


@lean
def _how(mine: _Ring, other: _Ring, hair: float) -> int:
    one, low = mine.corner, mine.low
    west, south, east, north = one[low, 0], one[low, 1], one[low, 0], one[low, 1]
    for k in range(low, mine.high):
        west, east = min(west, one[k, 0]), max(east, one[k, 0])
        south, north = min(south, one[k, 1]), max(north, one[k, 1])
    found = APART
    for m in range(other.low, other.high - 1):
        x, y = other.corner[m, 0], other.corner[m, 1]
        nx, ny = other.corner[m + 1, 0], other.corner[m + 1, 1]
        beside = max(x, nx) < west - hair or min(x, nx) > east + hair
        if beside or max(y, ny) < south - hair or min(y, ny) > north + hair:
            continue
        for k in range(low, mine.high - 1):
            met = _edges(one, k, other.corner, m, hair)
            if met == CROSS:
                return CROSS
            if met == DOUBT:
                found = DOUBT
    if found == DOUBT:
        return DOUBT
    if _holds(other, one[low, 0], one[low, 1]):
        return WITHIN
    first = other.low
    return AROUND if _holds(mine, other.corner[first, 0], other.corner[first, 1]) else APART


@lean
def _edges(one: Floats, k: int, other: Floats, m: int, hair: float) -> int:
    """Tell whether two edges are apart, or cross; both beyond doubt."""
    ax, ay, bx, by = one[k, 0], one[k, 1], one[k + 1, 0], one[k + 1, 1]
    cx, cy, dx, dy = other[m, 0], other[m, 1], other[m + 1, 0], other[m + 1, 1]
    if max(ax, bx) < min(cx, dx) - hair or max(cx, dx) < min(ax, bx) - hair:
        return APART
    if max(ay, by) < min(cy, dy) - hair or max(cy, dy) < min(ay, by) - hair:
        return APART
    # Distances of the ends of each from the line of the other, to the left.
    ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
    u, v = hair * np.hypot(ux, uy), hair * np.hypot(vx, vy)
    c, d = ux * (cy - ay) - uy * (cx - ax), ux * (dy - ay) - uy * (dx - ax)
    a, b = vx * (ay - cy) - vy * (ax - cx), vx * (by - cy) - vy * (bx - cx)
    if min(c, d) > u or max(c, d) < -u or min(a, b) > v or max(a, b) < -v:
        return APART
    straddles = min(c, d) < -u and max(c, d) > u and min(a, b) < -v and max(a, b) > v
    return CROSS if straddles else DOUBT


@lean
def _holds(ring: _Ring, x: float, y: float) -> bool:
    """Tell whether a point that is not on the outline is inside."""
    inside, corner = False, ring.corner
    for k in range(ring.low, ring.high - 1):
        ax, ay, bx, by = corner[k, 0], corner[k, 1], corner[k + 1, 0], corner[k + 1, 1]
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside

"""Pieces of aisles as they are drawn: none that serves nothing, none that lies in another, lips of one lane in one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.stall_strips import Ints

__all__ = ["Pieces", "tidied"]

Shapes = NDArray[np.object_]
Flags = NDArray[np.bool_]

# What is smaller serves nothing, is missing nowhere, and makes no outline crooked.
_NOISE_M2 = 0.05
# Pieces were cut along one another: what lies so near touches.
_TOUCH_M = 0.02
# An outline is straight if so small a part of its hull is missing, and no more than so much.
_CROOKED_PART, _CROOKED_M2 = 0.01, 0.3


class Pieces(NamedTuple):
    """Pieces of aisles: outline, the piece of each stall (−1: a road), the aisle that each is from."""

    shapes: Shapes
    of_stall: Ints
    of_plan: Ints


def tidied(pieces: Pieces, strips: Shapes, outer: shapely.Geometry, access_m: float) -> Pieces:
    """Drop what nothing needs and join what is one.

    Parameters
    ----------
    pieces : Pieces
        May overlap.
    strips : array of Polygon, (n,)
        Ground before each stall over which it is driven into.
    outer : geometry
        Roads and streets.
    access_m : float
        Contact by which one drives from one piece to another.
    """
    if not len(pieces.shapes):
        return pieces
    pieces = _without_covered(pieces)
    pieces = _without_idle(pieces, strips, outer, access_m)
    return _joined(pieces)


def _without_covered(pieces: Pieces) -> Pieces:
    """Leave out pieces that lie in a larger one."""
    shapes = pieces.shapes
    area = shapely.area(shapes)
    small, large = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    less = (area[small] < area[large] - 1e-6) | (
        (np.abs(area[small] - area[large]) <= 1e-6) & (small > large)
    )
    small, large = small[less], large[less]
    missing = shapely.area(shapely.difference(shapes[small], shapes[large]))
    into = np.arange(len(shapes))
    # From the largest down: what covers a piece is not covered itself, or by what covers both.
    inside = missing < _NOISE_M2
    small, large = small[inside], large[inside]
    for at in np.lexsort((small, -area[small], -area[large])):
        if into[small[at]] == small[at]:
            into[small[at]] = into[large[at]]
    return _into(pieces, shapes, into)


def _without_idle(
    pieces: Pieces, strips: Shapes, outer: shapely.Geometry, access_m: float
) -> Pieces:
    """Leave out, from the ends inwards, pieces that no stall is driven into from and that lead to no other."""
    kept = np.ones(len(pieces.shapes), dtype=np.bool_)
    used = _used(pieces, strips, outer)
    meets = _meetings(pieces.shapes, outer, access_m)
    while True:
        ways = (meets & np.append(kept, True)[None]).sum(axis=1)[:-1]
        ends = kept & ~used & (ways <= 1)
        if not ends.any():
            break
        kept &= ~ends
    number = np.append(np.cumsum(kept) - 1, -1)
    return Pieces(pieces.shapes[kept], number[pieces.of_stall], pieces.of_plan[kept])


def _used(pieces: Pieces, strips: Shapes, outer: shapely.Geometry) -> Flags:
    """Tell which pieces stalls stand at, or lie before stalls of others where their own is too narrow."""
    shapes, own = pieces.shapes, pieces.of_stall
    used = np.zeros(len(shapes), dtype=np.bool_)
    used[own[own >= 0]] = True
    by, over = shapely.STRtree(shapes).query(strips, predicate="intersects")
    other = ~used[over]
    by, over = by[other], over[other]
    if not len(by):
        return used
    rest = shapely.difference(shapely.intersection(strips[by], shapes[over]), outer)
    at_aisle = own[by] >= 0
    rest[at_aisle] = shapely.difference(rest[at_aisle], shapes[own[by[at_aisle]]])
    used[over[shapely.area(rest) > _NOISE_M2]] = True
    return used


def _meetings(shapes: Shapes, outer: shapely.Geometry, access_m: float) -> Flags:
    """Tell which pieces one can drive between; the last is the road."""
    count = len(shapes)
    meets = np.zeros((count + 1, count + 1), dtype=np.bool_)
    grown = shapely.buffer(shapes, _TOUCH_M, join_style="mitre")
    i, j = shapely.STRtree(shapes).query(grown, predicate="intersects")
    i, j = i[i != j], j[i != j]
    least = 0.8 * access_m * _TOUCH_M
    wide = shapely.area(shapely.intersection(grown[i], shapes[j])) >= least
    meets[i[wide], j[wide]] = True
    at_road = shapely.area(shapely.intersection(grown, outer)) >= least
    meets[:-1, -1] = meets[-1, :-1] = at_road
    return meets | meets.T


def _joined(pieces: Pieces) -> Pieces:
    """Make one of pieces that touch along a side and are straight together."""
    shapes, into = pieces.shapes.copy(), np.arange(len(pieces.shapes))
    i, j = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=1e-3)
    for one, other in sorted(zip(i[i < j].tolist(), j[i < j].tolist(), strict=True)):
        a, b = _root(into, one), _root(into, other)
        if a == b:
            continue
        both = shapely.union(shapes[a], shapes[b])
        if both.geom_type != "Polygon" or len(both.interiors):
            continue
        crooked = both.convex_hull.area - both.area
        if crooked < min(_CROOKED_M2, _CROOKED_PART * both.area):
            a, b = min(a, b), max(a, b)
            shapes[a], into[b] = both, a
    of = np.array([_root(into, k) for k in range(len(into))], dtype=np.int64)
    return _into(pieces, shapes, of)


def _root(into: Ints, at: int) -> int:
    while into[at] != at:
        at = int(into[at])
    return at


def _into(pieces: Pieces, shapes: Shapes, into: Ints) -> Pieces:
    """Keep the pieces that others went into, and give them their stalls."""
    kept = into == np.arange(len(into))
    number = np.append((np.cumsum(kept) - 1)[into], -1)
    return Pieces(shapes[kept], number[pieces.of_stall], pieces.of_plan[kept])

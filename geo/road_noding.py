"""Lines of roads cut into pieces between crossings, on their levels; ends that nearly meet made one crossing.

Roads of one level meet where they cross. Roads of two levels pass over each other: they meet where one of them
ends on the other, the foot of a ramp, or where both have a corner of their own at one and the same place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

__all__ = ["Noded", "noded"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

# One and the same place, for lines that came from degrees.
SAME_M = 1e-3
# Rounds in which loose ends are led on: each joins every part that can be joined to another one at least.
ROUNDS = 4


class Noded(NamedTuple):
    """Pieces of road, the numbers of the crossings at their ends, and where these are.

    `parts` says of each crossing in which connected part it lies.
    """

    pieces: Shapes
    start: Ints
    end: Ints
    points: Floats
    parts: Ints


class _Ends(NamedTuple):
    """Both ends of all pieces, first the starts: place and level.

    `loose` are those that no other end of their level is near to, `given` the ends of lines, not mere crossings.
    """

    xy: Floats
    level: Floats
    loose: Flags
    given: Flags


def noded(lines: Shapes, level: Floats, *, join_m: float, gap_m: float = 0.0) -> Noded:
    """Cut lines into a network.

    Parameters
    ----------
    lines : array of LineString
        In metres, of a length.
    level : ndarray of float
        Of each line.
    join_m : float
        Ends nearer than this to each other or to a line are joined.
    gap_m : float
        A loose end is led on so far, to the nearest road that it is not yet connected with, of its level or on
        the ground.
    """
    corners = shapely.get_coordinates(
        np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    )
    pieces, level = _crossed(lines, level)
    pieces, level = _cut_at_ends(pieces, level, corners, join_m)
    ends = _ends_of(pieces, level, corners, join_m)
    made = _joined(pieces, ends, join_m)
    dead = _dead_ends(ends) if gap_m > join_m else ends.xy[:0]
    for _ in range(ROUNDS if len(dead) else 0):
        links, of = _links(made, ends, level, dead, gap_m)
        if not len(links):
            break
        pieces, level = np.concatenate([pieces, links]), np.concatenate([level, ends.level[of]])
        corners = np.concatenate([corners, shapely.get_coordinates(shapely.get_point(links, -1))])
        pieces, level = _cut_at_ends(pieces, level, corners, join_m)
        ends = _ends_of(pieces, level, corners, join_m)
        made = _joined(pieces, ends, join_m)
    return made


def _crossed(lines: Shapes, level: Floats) -> tuple[Shapes, Floats]:
    """Cut lines where lines of their level cross them."""
    parts, levels = [np.empty(0, dtype=object)], [np.empty(0)]
    for one in np.unique(level):
        same = shapely.node(shapely.multilinestrings(lines[level == one]))
        parts.append(shapely.get_parts(same))
        levels.append(np.full(len(parts[-1]), one))
    return np.concatenate(parts), np.concatenate(levels)


def _ends_of(pieces: Shapes, level: Floats, corners: Floats, join_m: float) -> _Ends:
    xy = shapely.get_coordinates(
        np.concatenate([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)])
    )
    both = np.tile(level, 2)
    near = (
        KDTree(xy).query_pairs(join_m, output_type="ndarray") if len(xy) else np.empty((0, 2), int)
    )
    near = near[both[near[:, 0]] == both[near[:, 1]]]
    loose = np.ones(len(xy), dtype=bool)
    loose[near.ravel()] = False
    apart = KDTree(corners).query(xy)[0] if len(xy) else np.empty(0)
    return _Ends(xy, both, loose, apart <= SAME_M)


def _cut_at_ends(
    pieces: Shapes, level: Floats, corners: Floats, join_m: float
) -> tuple[Shapes, Floats]:
    """Cut pieces where an end of another piece lies on them."""
    ends = _ends_of(pieces, level, corners, join_m)
    points = shapely.points(ends.xy)
    end, piece = shapely.STRtree(pieces).query(points, predicate="dwithin", distance=join_m)
    at = shapely.line_locate_point(pieces[piece], points[end])
    inner = (at > join_m) & (at < shapely.length(pieces[piece]) - join_m)
    end, piece, at = end[inner], piece[inner], at[inner]
    meets = (ends.level[end] == level[piece]) | ends.loose[end]
    other = np.flatnonzero(~meets & ends.given[end])
    xy, of = shapely.get_coordinates(pieces[piece[other]], return_index=True)
    bent = shapely.multipoints(xy, indices=of)
    meets[other] = shapely.distance(points[end[other]], bent) <= SAME_M
    # Several ends at one place cut once.
    _, first = np.unique(
        np.column_stack([piece, np.round(at / SAME_M)])[meets], axis=0, return_index=True
    )
    return _split(pieces, level, piece[meets][first], at[meets][first])


def _split(pieces: Shapes, level: Floats, which: Ints, at: Floats) -> tuple[Shapes, Floats]:
    """Cut pieces at ways along them."""
    if not len(which):
        return pieces, level
    corners, owner = shapely.get_coordinates(pieces, return_index=True)
    steps = np.hypot(*np.diff(corners, axis=0, prepend=corners[:1]).T)
    steps[np.append(True, owner[1:] != owner[:-1])] = 0.0
    upto = np.cumsum(steps)
    begin = np.searchsorted(owner, np.arange(len(pieces)))
    upto -= upto[begin][owner]
    cuts = shapely.get_coordinates(shapely.line_interpolate_point(pieces[which], at))
    all_owner = np.concatenate([owner, which, which])
    all_at = np.concatenate([upto, at, at])
    # A cut is the last corner of one piece and the first of the next.
    turn = np.concatenate([np.zeros(len(owner)), np.ones(len(which)), np.full(len(which), 2.0)])
    every = np.concatenate([corners, cuts, cuts])
    order = np.lexsort((turn, all_at, all_owner))
    first = np.append(True, np.diff(all_owner[order]) > 0) | (turn[order] == 2)
    made = shapely.linestrings(every[order], indices=np.cumsum(first) - 1)
    kept = shapely.length(made) > 0
    return made[kept], level[all_owner[order][first]][kept]


def _joined(pieces: Shapes, ends: _Ends, join_m: float) -> Noded:
    """Make ends that are near to each other one crossing."""
    size = len(ends.xy)
    if not size:
        none = np.empty(0, dtype=np.int64)
        return Noded(pieces, none, none, np.empty((0, 2)), none)
    pairs = KDTree(ends.xy).query_pairs(join_m, output_type="ndarray")
    one, other = pairs.T
    apart = np.hypot(*(ends.xy[one] - ends.xy[other]).T)
    meets = (ends.level[one] == ends.level[other]) | ends.loose[one] | ends.loose[other]
    meets |= (apart <= SAME_M) & (ends.given[one] | ends.given[other])
    near = sp.csr_array((np.ones(meets.sum()), (one[meets], other[meets])), shape=(size, size))
    count, name = connected_components(near, directed=False)
    weight = np.bincount(name, minlength=count)
    middle = np.column_stack([np.bincount(name, ends.xy[:, k]) / weight for k in (0, 1)])
    start, end = name[: len(pieces)].astype(np.int64), name[len(pieces) :].astype(np.int64)
    graph = sp.csr_array((np.ones(len(pieces)), (start, end)), shape=(count, count))
    _, parts = connected_components(graph, directed=False)
    return Noded(pieces, start, end, middle, parts.astype(np.int64))


def _dead_ends(ends: _Ends) -> Floats:
    """Places where a line ends and nothing else does."""
    alone = np.ones(len(ends.xy), dtype=bool)
    alone[KDTree(ends.xy).query_pairs(SAME_M, output_type="ndarray").ravel()] = False
    return ends.xy[alone & ends.given]


def _links(
    made: Noded, ends: _Ends, level: Floats, dead: Floats, gap_m: float
) -> tuple[Shapes, Ints]:
    """Ways from dead ends to the nearest road of another part, and which ends of pieces they are."""
    name, part = np.concatenate([made.start, made.end]), made.parts[made.start]
    _, here = KDTree(ends.xy).query(dead)
    points = shapely.points(dead)
    end, piece = shapely.STRtree(made.pieces).query(points, predicate="dwithin", distance=gap_m)
    # What ends above or below the ground comes down or up there.
    meets = (level[piece] == ends.level[here[end]]) | (level[piece] == 0)
    away = meets & (part[piece] != made.parts[name[here[end]]])
    end, piece = end[away], piece[away]
    apart = shapely.distance(points[end], made.pieces[piece])
    order = np.lexsort((piece, apart, end))
    end, piece = end[order], piece[order]
    first = np.append(True, end[1:] != end[:-1])[: len(end)]
    links = shapely.shortest_line(points[end[first]], made.pieces[piece[first]])
    # Roads of two levels may lie upon each other.
    long = shapely.length(links) > 0
    return links[long], here[end[first]][long]

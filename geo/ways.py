"""Straight ways between two boundaries, and whether any of them is free of barriers.

A way goes from a point of one boundary to a point of the other, and is not longer than the gap that still counts.
It starts and ends a little inside the compounds, so that a line which was drawn along the shared edge is crossed
by it even where the line strays into one of them. Compiled: no array operation tells of all ways.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled
from geo.edges import (
    DEPTH_M,
    NOISE_M,
    Edges,
    Point,
    Segment,
    apart2,
    beside,
    boxes_apart2,
    foot,
    holds,
    meet,
    middle_box,
    segment_of,
    side,
)

__all__ = ["FREE", "MARGIN_M", "Obstacles", "cut_by"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Not cut: some straight way is free.
FREE = -1
# Ways are tried from points so far apart: a passage narrower than this is none.
STEP_M = 2.0
# Share of the depth that must lie between the start of a way and every edge.
CLEAR = 0.9
# Aslant a way leaves a compound, and comes in, at 20° to the edge or more: else it only grazes it.
STEEP = 0.35
# Aslant a start lies so far beyond the reach of a way at most, and what it has to be clear of as much again.
MARGIN_M = 2 * DEPTH_M / STEEP


class Obstacles(NamedTuple):
    """Pieces of barriers near each pair.

    Attributes
    ----------
    start : ndarray of int, (pairs + 1,)
        Pieces of pair ``k`` are ``start[k]:start[k + 1]``, ordered by barrier.
    ends : ndarray of float, (pieces, 4)
        x and y of both ends.
    what : ndarray of int, (pieces, 3)
        Number of the barrier; 1 for the edge of an area; 1 if the middle of the pair lies in that area.
    """

    start: Ints
    ends: Floats
    what: Ints


class _Side(NamedTuple):
    """One shape of a pair: its edges in the middle, those near enough, and how deep inside it ways start."""

    shape: int
    found: Ints
    near: Ints
    depth: float


class _Points(NamedTuple):
    """Points of edges that are near enough to the other shape, and which way is inside."""

    at: Floats
    inward: Floats


class _Ask(NamedTuple):
    """The pieces of barriers near a pair, the longest way, and the middle of the pair."""

    ends: Floats
    what: Ints
    reach_m: float
    middle: Point


class _Look(NamedTuple):
    """What a look at the ways of a pair has found: a free one, or what cuts the shortest so far."""

    is_free: bool
    length2: float
    cut_by: int


@compiled
def _length(segment: Segment) -> float:
    return float(np.hypot(segment[2] - segment[0], segment[3] - segment[1]))


@compiled
def _along(segment: Segment, at: float, depth: float) -> Point:
    """Point of a segment, moved to the left."""
    dx, dy = segment[2] - segment[0], segment[3] - segment[1]
    left = depth / np.hypot(dx, dy)
    return segment[0] + at * dx - left * dy, segment[1] + at * dy + left * dx


@compiled
def _is_clear(edges: Edges, around: Ints, point: Point, depth: float) -> bool:
    """Whether no edge is nearer to a point than about the depth."""
    room2 = (CLEAR * depth) ** 2
    nearest = np.inf
    if depth > 0.0:
        for k in around:
            nearest = min(nearest, apart2(point, segment_of(edges.ends, k)))
    return nearest >= room2


@compiled
def _covered_by(ask: _Ask, point: Point) -> int:
    """First area in which a point lies, or FREE.

    On the way from the middle of the pair the edge of an area is met an odd number of times if only one of the
    two lies in it.
    """
    sight = (ask.middle[0], ask.middle[1], point[0], point[1])
    k = 0
    while k < len(ask.what):
        barrier, inside = ask.what[k, 0], ask.what[k, 2] == 1
        while k < len(ask.what) and ask.what[k, 0] == barrier:
            if ask.what[k, 1] == 1 and _passes(sight, segment_of(ask.ends, k)):
                inside = not inside
            k += 1
        if inside:
            return int(barrier)
    return FREE


@compiled
def _passes(sight: Segment, piece: Segment) -> bool:
    """Whether a line of sight goes through a piece; through a shared end of two, it goes through one."""
    one = side(sight, (piece[0], piece[1])) >= 0.0
    if one == (side(sight, (piece[2], piece[3])) >= 0.0):
        return False
    here = side(piece, (sight[0], sight[1])) >= 0.0
    return here != (side(piece, (sight[2], sight[3])) >= 0.0)


@compiled
def _cut(ask: _Ask, under: int, start: Point, end: Point) -> int:
    """First barrier that a way meets or starts in, or FREE; `under` is the area in which it starts."""
    way = (start[0], start[1], end[0], end[1])
    for k in range(len(ask.what)):
        if under != FREE and ask.what[k, 0] >= under:
            break
        if meet(way, segment_of(ask.ends, k)):
            return int(ask.what[k, 0])
    return under


@compiled
def _seen(look: _Look, length2: float, cut: int) -> _Look:
    if cut == FREE:
        return _Look(True, length2, FREE)
    return _Look(False, length2, cut) if length2 < look.length2 else look


@compiled
def _most_starts(edges: Edges, one: _Side) -> int:
    most = 0
    for k in one.found:
        most += int(_length(segment_of(edges.ends, k)) / STEP_M) + 2
    return most


@compiled
def _straight_across(
    edges: Edges, sides: tuple[_Side, _Side], ask: _Ask, points: _Points, look: _Look
) -> tuple[_Look, int]:
    """Ways from points of one side to the nearest of each edge of the other; keeps and counts the points."""
    here, there = sides
    count = 0
    for k in here.found:
        segment = segment_of(edges.ends, k)
        if _length(segment) == 0.0 or not _comes_near(edges, there.shape, segment, ask.reach_m):
            continue
        near_by = _Side(
            there.shape, there.found, _close(edges, there.found, segment, ask.reach_m), there.depth
        )
        own = _close(edges, here.found, segment, 2 * here.depth)
        steps = int(_length(segment) / STEP_M) + 1
        for step in range(steps + 1):
            point = _along(segment, step / steps, 0.0)
            if not _is_near(edges, near_by.near, point, ask.reach_m):
                continue
            points.at[count, 0], points.at[count, 1] = point
            points.inward[count, 0] = (segment[1] - segment[3]) / _length(segment)
            points.inward[count, 1] = (segment[2] - segment[0]) / _length(segment)
            count += 1
            start = _along(segment, step / steps, here.depth)
            if not _is_clear(edges, own, start, here.depth):
                continue
            if here.depth > 0.0 and _is_on_ground_of(edges, there.shape, start):
                return _Look(True, 0.0, FREE), count
            look = _to_each_edge(edges, near_by, ask, (point, start), look)
            if look.is_free:
                return look, count
    return look, count


@compiled
def _comes_near(edges: Edges, shape: int, segment: Segment, reach_m: float) -> bool:
    """Whether the box of a segment comes within the reach of that of a shape."""
    west, south, east, north = edges.box[shape]
    return boxes_apart2((west, south, east, north), segment) <= (reach_m + NOISE_M) ** 2


@compiled
def _close(edges: Edges, found: Ints, segment: Segment, reach_m: float) -> Ints:
    """Edges whose boxes come so near to that of a segment."""
    close = np.empty(len(found), np.int64)
    count = 0
    for k in found:
        if boxes_apart2(segment_of(edges.ends, k), segment) <= (reach_m + NOISE_M) ** 2:
            close[count] = k
            count += 1
    return close[:count]


@compiled
def _is_near(edges: Edges, found: Ints, point: Point, reach_m: float) -> bool:
    nearest = np.inf
    for k in found:
        nearest = min(nearest, apart2(point, segment_of(edges.ends, k)))
    return nearest <= (reach_m + NOISE_M) ** 2


@compiled
def _to_each_edge(
    edges: Edges, there: _Side, ask: _Ask, start: tuple[Point, Point], look: _Look
) -> _Look:
    """Ways from a point on the edge, moved inside, to the nearest of each edge that is near."""
    point, inside = start
    under = _covered_by(ask, inside)
    for k in there.near:
        other = segment_of(edges.ends, k)
        length2 = apart2(point, other)
        if length2 > (ask.reach_m + NOISE_M) ** 2 or _length(other) == 0.0:
            continue
        end = _along(other, foot(point, other), there.depth)
        if _is_clear(edges, there.found, end, there.depth):
            look = _seen(look, length2, _cut(ask, under, inside, end))
        if look.is_free:
            break
    return look


@compiled
def _is_on_ground_of(edges: Edges, shape: int, point: Point) -> bool:
    """Whether a point inside one shape is in another: they overlap by more than noise, and no way is needed."""
    west, south, east, north = edges.box[shape]
    x, y = point
    return west < x < east and south < y < north and holds(edges, shape, point)


@compiled
def _aslant(
    edges: Edges,
    sides: tuple[_Side, _Side],
    ask: _Ask,
    points: tuple[_Points, _Points],
    look: _Look,
) -> _Look:
    """Ways from each point of one side to each of the other, drawn on into both shapes."""
    (here, there), (ours, theirs) = sides, points
    for k in range(len(ours.at)):
        for m in range(len(theirs.at)):
            dx, dy = theirs.at[m, 0] - ours.at[k, 0], theirs.at[m, 1] - ours.at[k, 1]
            length = np.hypot(dx, dy)
            if length > ask.reach_m + NOISE_M or length < NOISE_M:
                continue
            dx, dy = dx / length, dy / length
            leaves = -(dx * ours.inward[k, 0] + dy * ours.inward[k, 1])
            enters = dx * theirs.inward[m, 0] + dy * theirs.inward[m, 1]
            if leaves < STEEP or enters < STEEP:
                continue
            back, on = here.depth / leaves, there.depth / enters
            start = (ours.at[k, 0] - back * dx, ours.at[k, 1] - back * dy)
            end = (theirs.at[m, 0] + on * dx, theirs.at[m, 1] + on * dy)
            cut = _cut(ask, FREE, start, end)
            if cut == FREE and _ends_inside(edges, sides, start, end):
                cut = _covered_by(ask, start)
                look = _seen(look, length * length, cut)
            elif cut != FREE:
                look = _seen(look, length * length, cut)
            if look.is_free:
                return look
    return look


@compiled
def _ends_inside(edges: Edges, sides: tuple[_Side, _Side], start: Point, end: Point) -> bool:
    """Whether a way starts in one shape and ends in the other; at its edge it does if it has no depth."""
    here, there = sides
    return (here.depth == 0.0 or holds(edges, here.shape, start)) and (
        there.depth == 0.0 or holds(edges, there.shape, end)
    )


@compiled
def _room(edges: Edges, one: _Side) -> _Points:
    most = _most_starts(edges, one)
    return _Points(np.empty((most, 2)), np.empty((most, 2)))


@compiled
def _first(points: _Points, count: int) -> _Points:
    return _Points(points.at[:count], points.inward[:count])


@compiled
def _look(edges: Edges, a: _Side, b: _Side, ask: _Ask) -> _Look:
    """Try the ways of a pair, those that go straight across first."""
    of_a, of_b = _room(edges, a), _room(edges, b)
    look = _Look(False, np.inf, FREE)
    look, count_a = _straight_across(edges, (a, b), ask, of_a, look)
    if look.is_free:
        return look
    look, count_b = _straight_across(edges, (b, a), ask, of_b, look)
    if look.is_free:
        return look
    return _aslant(edges, (a, b), ask, (_first(of_a, count_a), _first(of_b, count_b)), look)


@compiled
def cut_by(first: Ints, second: Ints, edges: Edges, near: Obstacles, reach_m: float) -> Ints:
    """Tell which barrier cuts each pair: one that its shortest way meets, if no straight way is free.

    Parameters
    ----------
    first, second : ndarray of int
        Positions of the shapes, not farther from each other than the reach.
    edges : Edges
        Boundaries, oriented.
    near : Obstacles
        Pieces of barriers within `reach_m` and `MARGIN_M` of both boxes of a pair.
    reach_m : float
        Longest way, metres.

    Returns
    -------
    ndarray of int
        Number of the barrier, the first where the way meets several, or `FREE`.
    """
    cut = np.full(len(first), FREE)
    box = np.empty(4)
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        # Wide enough for the edges that a start inside a shape has to be clear of.
        middle_box(edges.box, (a, b), reach_m + MARGIN_M, box)
        of_a, of_b = beside(edges, a, box), beside(edges, b, box)
        these = slice(near.start[pair], near.start[pair + 1])
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        ask = _Ask(near.ends[these], near.what[these], reach_m, middle)
        # Where a shape is too slender for the full depth, less has to do.
        for share in (1.0, 0.25, 0.0):
            here = _Side(a, of_a, of_a, share * edges.depth[a])
            there = _Side(b, of_b, of_b, share * edges.depth[b])
            look = _look(edges, here, there, ask)
            if look.is_free or look.cut_by != FREE:
                cut[pair] = look.cut_by
                break
    return cut

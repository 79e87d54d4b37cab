"""Free intervals of strips: where a row of stalls or an aisle fits, by the shadows of edges.

A strip is cut out of the plane between two lines parallel to the x axis of a frame (the plane turned to one
of few directions). Each edge of a polygon casts a shadow on the strip, the range of x of its part inside;
between shadows the strip is wholly inside or wholly outside. Exact, and nothing is ever cut by a geometry engine:
stalls and aisles that are laid cast shadows of their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled, lean

__all__ = [
    "AISLE",
    "DRIVABLE",
    "GROUND",
    "OPEN",
    "ROW",
    "Floats",
    "Ints",
    "Lot",
    "Work",
    "bucket_edges",
    "free",
    "lay",
    "new_work",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Sheets of edges: where stalls may stand, where aisles may run (ground or road), what is driven on already.
GROUND, OPEN, DRIVABLE = 0, 1, 2
# What has been laid.
AISLE, ROW = 0, 1
# Metres that a strip may stand over an edge: coordinates are on a grid of a fifth of this.
HAIR = 5e-5
BUCKET_M = 4.0


class Lot(NamedTuple):
    """Edges of a piece of ground in all frames.

    Attributes
    ----------
    turn : ndarray of float, (frames, 2)
        Cosine and sine of the direction of each frame; frame ``f ^ 1`` is at right angles to ``f``.
    start : ndarray of int, (3 * frames, buckets + 1)
        Rows of `edges` by sheet (``sheet * frames + frame``) and bucket of y; an edge stands in each bucket that
        it meets.
    edges : ndarray of float, (rows, 4)
        x, y of the lower end, x, y of the upper end.
    low : ndarray of float, (frames,)
        y where the buckets begin.
    kinds : ndarray of float, (kinds, 6)
        Pitch, extent, depth at a wall, depth back to back (0: never), aisle, 1 for parallel stalls; the most stalls per
        metre first.
    access : float
        Contact that an aisle needs.
    """

    turn: Floats
    start: Ints
    edges: Floats
    low: Floats
    kinds: Floats
    access: float


class Work(NamedTuple):
    """Room to work in, of one thread.

    Attributes
    ----------
    low, high : ndarray of float
        Shadows.
    odd : ndarray of int
        1 for shadows of edges that are crossed on the way.
    gaps, lanes : ndarray of float, (n, 2)
        Free intervals of rows, of aisles.
    laid : ndarray of float, (frames, room, 8)
        Corners of what is laid, by frame.
    box : ndarray of float, (frames, room, 4)
        Its boxes.
    what : ndarray of int, (room,)
        `AISLE` or `ROW`.
    count : ndarray of int, (4,)
        Number laid, number frozen, number of rows, number of frozen rows.
    rows : ndarray of float, (room, 8)
        Rows of stalls: frame, kind, side (1 above, −1 below the aisle), x of the first, y of the mouth, stalls, depth,
        aisle.
    """

    low: Floats
    high: Floats
    odd: Ints
    gaps: Floats
    lanes: Floats
    laid: Floats
    box: Floats
    what: Ints
    count: Ints
    rows: Floats


_SHADOWS, _GAPS, _ROOM = 6000, 400, 1500


def new_work(frames: int) -> Work:
    """Room to work in, for one thread."""
    return Work(
        low=np.empty(_SHADOWS),
        high=np.empty(_SHADOWS),
        odd=np.empty(_SHADOWS, dtype=np.int64),
        gaps=np.empty((_GAPS, 2)),
        lanes=np.empty((_GAPS, 2)),
        laid=np.empty((frames, _ROOM, 8)),
        box=np.empty((frames, _ROOM, 4)),
        what=np.empty(_ROOM, dtype=np.int64),
        count=np.zeros(4, dtype=np.int64),
        rows=np.empty((_ROOM, 8)),
    )


@compiled
def bucket_edges(ends: Floats, turn: Floats, low: float, start: Ints, edges: Floats) -> int:
    """Turn edges to a frame and put them into buckets.

    Parameters
    ----------
    ends : ndarray of float, (n, 4)
        Both ends.
    turn : ndarray of float, (2,)
        Cosine and sine of the frame.
    low : float
        y where the buckets begin.
    start : ndarray of int, (buckets + 1,)
        Written; the first entry says where in `edges` to begin.
    edges : ndarray of float, (rows, 4)
        Written.

    Returns
    -------
    int
        Row after the last.
    """
    buckets = len(start) - 1
    base = start[0]
    start[1:] = 0
    for fill in range(2):
        for k in range(len(ends)):
            x1, y1 = (
                ends[k, 0] * turn[0] + ends[k, 1] * turn[1],
                ends[k, 1] * turn[0] - ends[k, 0] * turn[1],
            )
            x2, y2 = (
                ends[k, 2] * turn[0] + ends[k, 3] * turn[1],
                ends[k, 3] * turn[0] - ends[k, 2] * turn[1],
            )
            if y1 > y2:
                x1, y1, x2, y2 = x2, y2, x1, y1
            first = min(max(int((y1 - HAIR - low) / BUCKET_M), 0), buckets - 1)
            last = min(max(int((y2 + HAIR - low) / BUCKET_M), 0), buckets - 1)
            for b in range(first, last + 1):
                if fill == 0:
                    start[b + 1] += 1
                else:
                    row = start[b]
                    edges[row, 0] = x1
                    edges[row, 1] = y1
                    edges[row, 2] = x2
                    edges[row, 3] = y2
                    start[b] += 1
        if fill == 0:
            for b in range(buckets):
                start[b + 1] += start[b]
        else:
            for b in range(buckets, 0, -1):
                start[b] = start[b - 1]
            start[0] = base
    return start[buckets]


@lean
def _cast(work: Work, n: int, x1: float, x2: float, crossed: int) -> int:
    if n >= len(work.low):
        return n
    work.low[n] = min(x1, x2)
    work.high[n] = max(x1, x2)
    work.odd[n] = crossed
    return n + 1


@lean
def _shadow_of_edge(edge: Floats, below: float, above: float) -> tuple[float, float]:
    """Range of x of the part of an edge between two lines that it meets."""
    x1, y1, x2, y2 = edge[0], edge[1], edge[2], edge[3]
    left, right = x1, x2
    if y1 < below:
        left = x1 + (below - y1) * (x2 - x1) / (y2 - y1)
    if y2 > above:
        right = x1 + (above - y1) * (x2 - x1) / (y2 - y1)
    return left, right


@lean
def _shadows_of_edges(
    lot: Lot, work: Work, sheet: int, strip: tuple[float, float, float, float], low: float
) -> tuple[int, int]:
    """Cast the shadows of a sheet; return their number, and whether the strip begins inside."""
    below, above, xa, xb = strip
    start = lot.start[sheet]
    last = len(start) - 2
    n, inside = 0, 0
    mid = 0.5 * (below + above)
    middle = min(max(int((mid - low) / BUCKET_M), 0), last)
    for b in range(
        max(int((below - low) / BUCKET_M), 0), min(int((above - low) / BUCKET_M), last) + 1
    ):
        for k in range(start[b], start[b + 1]):
            edge = lot.edges[k]
            if edge[3] <= below or edge[1] >= above or min(edge[0], edge[2]) >= xb:
                continue
            crossed = 1 if b == middle and edge[1] <= mid < edge[3] else 0
            if max(edge[0], edge[2]) <= xa:
                inside ^= crossed
                continue
            x1, x2 = _shadow_of_edge(edge, below, above)
            n = _cast(work, n, x1, x2, crossed)
    return n, inside


@lean
def _shadows_of_laid(
    work: Work, f: int, n: int, strip: tuple[float, float, float, float], least: int
) -> int:
    """Cast the shadows of what is laid: of all, or of rows only."""
    below, above, xa, xb = strip
    for k in range(work.count[0]):
        if work.what[k] < least:
            continue
        box = work.box[f, k]
        if box[3] <= below or box[1] >= above or box[2] <= xa or box[0] >= xb:
            continue
        corner = work.laid[f, k]
        left, right = np.inf, -np.inf
        for c in range(4):
            d = (c + 1) % 4
            x1, y1, x2, y2 = corner[2 * c], corner[2 * c + 1], corner[2 * d], corner[2 * d + 1]
            if y1 > y2:
                x1, y1, x2, y2 = x2, y2, x1, y1
            if y2 <= below or y1 >= above:
                continue
            a, b = x1, x2
            if y1 < below:
                a = x1 + (below - y1) * (x2 - x1) / (y2 - y1)
            if y2 > above:
                b = x1 + (above - y1) * (x2 - x1) / (y2 - y1)
            left = min(left, a, b)
            right = max(right, a, b)
        if right > left:
            n = _cast(work, n, left, right, 0)
    return n


@lean
def _sort(work: Work, n: int) -> None:
    low, high, odd = work.low, work.high, work.odd
    step = 1
    while step < n // 3:
        step = 3 * step + 1
    while step > 0:
        for k in range(step, n):
            a, b, c = low[k], high[k], odd[k]
            at = k
            while at >= step and low[at - step] > a:
                low[at] = low[at - step]
                high[at] = high[at - step]
                odd[at] = odd[at - step]
                at -= step
            low[at] = a
            high[at] = b
            odd[at] = c
        step //= 3


@lean
def free(
    lot: Lot,
    work: Work,
    sheet: int,
    f: int,
    strip: tuple[float, float, float, float],
    least: float,
    gaps: Floats,
) -> int:
    """Intervals of x in which a strip is wholly free.

    Parameters
    ----------
    lot : Lot
        Edges.
    work : Work
        What is laid casts shadows: all of it on `GROUND`, rows on `OPEN`, nothing on `DRIVABLE`.
    sheet : int
        Which edges.
    f : int
        Frame.
    strip : tuple of float
        y from, y to, x from, x to.
    least : float
        Shortest interval that counts.
    gaps : ndarray of float, (n, 2)
        Written.

    Returns
    -------
    int
        Number of intervals.
    """
    hair = min(HAIR, 0.25 * (strip[1] - strip[0]))
    inner = (strip[0] + hair, strip[1] - hair, strip[2], strip[3])
    n, inside = _shadows_of_edges(lot, work, sheet * len(lot.turn) + f, inner, lot.low[f])
    if sheet < 2:
        n = _shadows_of_laid(work, f, n, inner, sheet)
    if n >= len(work.low):
        return 0
    _sort(work, n)
    found = 0
    reached = strip[2]
    for k in range(n + 1):
        start = work.low[k] if k < n else strip[3]
        start = min(start, strip[3])
        if inside == 1 and start - reached >= least - HAIR and found < len(gaps):
            gaps[found, 0] = reached
            gaps[found, 1] = start
            found += 1
        if k < n:
            inside ^= work.odd[k]
            reached = max(reached, work.high[k])
    return found


@lean
def lay(lot: Lot, work: Work, f: int, box: tuple[float, float, float, float], what: int) -> None:
    """Lay a rectangle of a frame: from now on it casts its shadow in all of them."""
    k = work.count[0]
    if k >= len(work.what):
        return
    x0, y0, x1, y1 = box
    for g in range(len(lot.turn)):
        # From frame f to frame g.
        c = lot.turn[g, 0] * lot.turn[f, 0] + lot.turn[g, 1] * lot.turn[f, 1]
        s = lot.turn[g, 1] * lot.turn[f, 0] - lot.turn[g, 0] * lot.turn[f, 1]
        corner = work.laid[g, k]
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for m in range(4):
            x = x0 if m == 0 or m == 3 else x1
            y = y0 if m < 2 else y1
            px, py = x * c + y * s, y * c - x * s
            corner[2 * m] = px
            corner[2 * m + 1] = py
            west, south = min(west, px), min(south, py)
            east, north = max(east, px), max(north, py)
        work.box[g, k, 0] = west
        work.box[g, k, 1] = south
        work.box[g, k, 2] = east
        work.box[g, k, 3] = north
    work.what[k] = what
    work.count[0] = k + 1

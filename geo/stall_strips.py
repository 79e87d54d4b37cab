"""Free intervals of strips: where a row of stalls or an aisle fits, by the shadows of edges.

A strip is cut out of the plane between two lines parallel to the x axis of a frame (the plane turned to one
of few directions). Each edge of a polygon casts a shadow on the strip, the range of x of its part inside;
between shadows the strip is wholly inside or wholly outside. Exact, and nothing is ever cut by a geometry engine:
stalls and aisles that are laid cast shadows of their own.

All that a search of one lot needs lies in two arrays, numbers `F` and whole numbers `N`, whose parts begin where
the head of `N` says: a kernel that is handed dozens of arrays takes seconds to compile.
"""

from __future__ import annotations

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
    "bucket_edges",
    "free",
    "lay",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Sheets of edges: where stalls may stand, where aisles may run (ground or road), what is driven on already.
# (Numbers with a point: kernels are compiled anew for every whole number that stands in a call.)
GROUND, OPEN, DRIVABLE = 0.0, 1.0, 2.0
# What has been laid.
AISLE, ROW = 0.0, 1.0
# Metres that a strip may stand over an edge: coordinates are on a grid of a fifth of this.
HAIR = 5e-5
BUCKET_M = 4.0

# Head of N: sizes, counters, ...
FRAMES, BUCKETS, KINDS, LAID, FROZEN, ROWS, FROZEN_ROWS, SEED, SPENT, FOUND, PLACES, MOST_AISLES = (
    range(12)
)
# ... and where parts of F begin: direction of frames (2 each), lowest y of frames, kinds (6), edges (4), laid (12:
# corners, box), rows (8), shadows (3), free intervals of rows (2), of aisles (2), aisles that were found (12),
# places (3), aisles now, changed, best (12) ...
(
    F_TURN,
    F_LOW,
    F_KINDS,
    F_EDGES,
    F_LAID,
    F_ROWS,
    F_SHADOWS,
    F_GAPS,
    F_LANES,
    F_FOUND,
    F_PLACES,
    F_NOW,
    F_SPARE,
    F_BEST,
) = range(12, 26)
# ... and parts of N itself: first edges of buckets, what is laid.
N_START, N_WHAT = 26, 27
HEAD = 28
ACCESS = 0

MOST_SHADOWS, MOST_GAPS, MOST_LAID = 6000, 300, 1200


@compiled
def bucket_edges(F: Floats, N: Ints, ends: Floats, sheet: int, at: int) -> int:
    """Turn the edges of a sheet to all frames and put them into buckets of y.

    Parameters
    ----------
    F, N : ndarray
        Memory of a lot.
    ends : ndarray of float, (n, 4)
        Both ends.
    sheet : int
        Which they are.
    at : int
        Edges that are there already.

    Returns
    -------
    int
        Edges that are there afterwards; one counts in every bucket that it meets.
    """
    buckets = N[BUCKETS]
    for f in range(N[FRAMES]):
        c, s, low = F[N[F_TURN] + 2 * f], F[N[F_TURN] + 2 * f + 1], F[N[F_LOW] + f]
        start = N[N_START] + (sheet * N[FRAMES] + f) * (buckets + 1)
        for fill in range(2):
            for k in range(len(ends)):
                x1, y1 = ends[k, 0] * c + ends[k, 1] * s, ends[k, 1] * c - ends[k, 0] * s
                x2, y2 = ends[k, 2] * c + ends[k, 3] * s, ends[k, 3] * c - ends[k, 2] * s
                if y1 > y2:
                    x1, y1, x2, y2 = x2, y2, x1, y1
                first = max(int((y1 - HAIR - low) / BUCKET_M), 0)
                last = min(int((y2 + HAIR - low) / BUCKET_M), buckets - 1)
                for b in range(first, last + 1):
                    if fill == 0:
                        N[start + b + 1] += 1
                    else:
                        row = N[F_EDGES] + 4 * N[start + b]
                        F[row] = x1
                        F[row + 1] = y1
                        F[row + 2] = x2
                        F[row + 3] = y2
                        N[start + b] += 1
            if fill == 0:
                N[start] = at
                for b in range(buckets):
                    N[start + b + 1] += N[start + b]
            else:
                # Each was moved on to its end, which is where the next begins.
                for b in range(buckets, 0, -1):
                    N[start + b] = N[start + b - 1]
                N[start] = at
                at = N[start + buckets]
    return at


@lean
def free(  # noqa: C901, PLR0912, PLR0915, PLR0917 - the inner loop of everything
    F: Floats,
    N: Ints,
    sheet: float,
    f: int,
    ya: float,
    yb: float,
    xa: float,
    xb: float,
    least: float,
    out: int,
) -> int:
    """Intervals of x in which a strip is wholly free.

    Parameters
    ----------
    F, N : ndarray
        Memory of a lot. All that is laid casts shadows on `GROUND`, rows on `OPEN`, nothing on `DRIVABLE`.
    sheet : float
        Which edges.
    f : int
        In which frame.
    ya, yb, xa, xb : float
        The strip.
    least : float
        Shortest interval that counts.
    out : int
        Where in `F` they are written.

    Returns
    -------
    int
        Number of intervals.
    """
    hair = min(HAIR, 0.25 * (yb - ya))
    ya, yb = ya + hair, yb - hair
    mid, low = 0.5 * (ya + yb), F[N[F_LOW] + f]
    buckets, shadows = N[BUCKETS], N[F_SHADOWS]
    start = N[N_START] + (int(sheet) * N[FRAMES] + f) * (buckets + 1)
    middle = min(max(int((mid - low) / BUCKET_M), 0), buckets - 1)
    n, inside = 0, 0.0
    first, last = max(int((ya - low) / BUCKET_M), 0), min(int((yb - low) / BUCKET_M), buckets - 1)
    corners = N[LAID] if sheet < DRIVABLE else 0
    edges = N[start + last + 1] - N[start + first] if last >= first else 0
    N[SPENT] += 20 + edges + corners
    laid = N[F_LAID] + f * MOST_LAID * 12
    for k in range(edges + corners):
        odd = 0.0
        if k < edges:
            e = N[F_EDGES] + 4 * (N[start + first] + k)
            x1, y1, x2, y2 = F[e], F[e + 1], F[e + 2], F[e + 3]
            if y2 <= ya or y1 >= yb or min(x1, x2) >= xb:
                continue
            if y1 <= mid < y2 and N[start + middle] <= N[start + first] + k < N[start + middle + 1]:
                odd = 1.0
            if max(x1, x2) <= xa:
                inside = abs(inside - odd)
                continue
            left, right = x1, x2
            if y1 < ya:
                left = x1 + (ya - y1) * (x2 - x1) / (y2 - y1)
            if y2 > yb:
                right = x1 + (yb - y1) * (x2 - x1) / (y2 - y1)
            left, right = min(left, right), max(left, right)
        else:
            p = laid + 12 * (k - edges)
            if N[N[N_WHAT] + k - edges] < sheet or F[p + 11] <= ya or F[p + 9] >= yb:
                continue
            if F[p + 10] <= xa or F[p + 8] >= xb:
                continue
            left, right = np.inf, -np.inf
            for c in range(0, 8, 2):
                x1, y1, x2, y2 = F[p + c], F[p + c + 1], F[p + (c + 2) % 8], F[p + (c + 3) % 8]
                if (y1 <= ya and y2 <= ya) or (y1 >= yb and y2 >= yb):
                    continue
                run = (x2 - x1) / (y2 - y1) if y1 != y2 else 0.0
                u = x1 + (min(max(y1, ya), yb) - y1) * run
                v = x2 + (min(max(y2, ya), yb) - y2) * run
                left, right = min(left, u, v), max(right, u, v)
            if right <= left:
                continue
        if n >= MOST_SHADOWS:
            return 0
        F[shadows + 3 * n] = left
        F[shadows + 3 * n + 1] = right
        F[shadows + 3 * n + 2] = odd
        n += 1
    step = 1
    while step < n // 3:
        step = 3 * step + 1
    while step > 0:
        for k in range(step, n):
            p = shadows + 3 * k
            left, right, odd = F[p], F[p + 1], F[p + 2]
            while p - 3 * step >= shadows and F[p - 3 * step] > left:
                F[p] = F[p - 3 * step]
                F[p + 1] = F[p - 3 * step + 1]
                F[p + 2] = F[p - 3 * step + 2]
                p -= 3 * step
            F[p] = left
            F[p + 1] = right
            F[p + 2] = odd
        step //= 3
    found, reached = 0, xa
    for k in range(n + 1):
        left = min(F[shadows + 3 * k], xb) if k < n else xb
        if inside > 0.5 and left - reached >= least - HAIR and found < MOST_GAPS:
            F[out + 2 * found] = reached
            F[out + 2 * found + 1] = left
            found += 1
        if k < n:
            inside = abs(inside - F[shadows + 3 * k + 2])
            reached = max(reached, F[shadows + 3 * k + 1])
    return found


@lean
def lay(  # noqa: PLR0917 - a kernel
    F: Floats, N: Ints, f: int, x0: float, y0: float, x1: float, y1: float, what: float
) -> None:
    """Lay a rectangle of a frame: from now on it casts its shadow in all of them."""
    k = N[LAID]
    turn = N[F_TURN]
    for g in range(N[FRAMES]):
        c = F[turn + 2 * g] * F[turn + 2 * f] + F[turn + 2 * g + 1] * F[turn + 2 * f + 1]
        s = F[turn + 2 * g + 1] * F[turn + 2 * f] - F[turn + 2 * g] * F[turn + 2 * f + 1]
        p = N[F_LAID] + 12 * (g * MOST_LAID + k)
        F[p + 8] = F[p + 9] = np.inf
        F[p + 10] = F[p + 11] = -np.inf
        for m in range(4):
            x = x0 if m % 3 == 0 else x1
            y = y0 if m < 2 else y1
            px, py = x * c + y * s, y * c - x * s
            F[p + 2 * m] = px
            F[p + 2 * m + 1] = py
            F[p + 8] = min(F[p + 8], px)
            F[p + 9] = min(F[p + 9], py)
            F[p + 10] = max(F[p + 10], px)
            F[p + 11] = max(F[p + 11], py)
    N[N[N_WHAT] + k] = int(what)
    N[LAID] = k + 1

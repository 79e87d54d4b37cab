"""Memory of the search of one lot: two arrays, their parts one after the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo import stall_strips as s
from geo.stall_strips import Floats, Ints

__all__ = ["MOST_AISLES", "MOST_FOUND", "Memory", "new_memory"]

MOST_AISLES, MOST_FOUND = 72, 6000


class Memory(NamedTuple):
    """What the kernels work on.

    Attributes
    ----------
    F : ndarray of float
        Numbers.
    N : ndarray of int
        Its head says how many there are of what, and where in `F` they begin; see :mod:`geo.stall_strips`.
    """

    F: Floats
    N: Ints

    def table(self, part: int, rows: int, columns: int) -> Floats:
        """Show a part of the numbers as a table that writes through."""
        start = int(self.N[part])
        return self.F[start : start + rows * columns].reshape(rows, columns)


def new_memory(  # noqa: PLR0917 - the parts of it
    sheets: list[Floats], turn: Floats, kinds: Floats, places: Floats, access: float, seed: int
) -> Memory:
    """Lay out the memory of a lot.

    Parameters
    ----------
    sheets : list of ndarray, (n, 4)
        Edges of the ground, of what aisles may use, of what is driven on.
    turn : ndarray of float, (frames, 2)
        Cosine and sine of the frames.
    kinds : ndarray of float, (n, 6)
        Sizes.
    places : ndarray of float, (n, 3)
        Where aisles are tried.
    access : float
        Contact that an aisle needs.
    seed : int
        Of the random numbers.
    """
    frames = len(turn)
    points = np.vstack([ends.reshape(-1, 2) for ends in sheets])
    y = points[:, 1] * turn[:, :1] - points[:, 0] * turn[:, 1:]
    low = y.min(axis=1) - 1.0
    buckets = int(np.ceil((y.max(axis=1) + 1.0 - low).max() / s.BUCKET_M)) + 1
    parts = {
        s.F_TURN: 2 * frames,
        s.F_LOW: frames,
        s.F_KINDS: kinds.size,
        s.F_PLACES: places.size,
        s.F_LAID: 12 * frames * s.MOST_LAID,
        s.F_ROWS: 8 * s.MOST_LAID * 2,
        s.F_SHADOWS: 3 * s.MOST_SHADOWS,
        s.F_GAPS: 2 * s.MOST_GAPS,
        s.F_LANES: 2 * s.MOST_GAPS,
        s.F_FOUND: 12 * MOST_FOUND,
        s.F_NOW: 12 * MOST_AISLES,
        s.F_SPARE: 12 * (MOST_AISLES + 1),
        s.F_BEST: 12 * MOST_AISLES,
        s.F_EDGES: 4 * sum(_rows_of(ends, turn) for ends in sheets),
    }
    N = np.zeros(s.HEAD + 3 * frames * (buckets + 1) + s.MOST_LAID, dtype=np.int64)
    at = 1
    for part, size in parts.items():
        N[part] = at
        at += size
    F = np.empty(at)
    F[s.ACCESS] = access
    N[s.FRAMES], N[s.BUCKETS], N[s.KINDS] = frames, buckets, len(kinds)
    N[s.PLACES], N[s.MOST_AISLES] = len(places), MOST_AISLES
    # A small seed starts with a row of small numbers.
    N[s.SEED] = (0x5DEECE66D + 7919 * seed) & 0xFFFFFFFFFF
    N[s.N_START], N[s.N_WHAT] = s.HEAD, s.HEAD + 3 * frames * (buckets + 1)
    memory = Memory(F, N)
    memory.table(s.F_TURN, frames, 2)[:] = turn
    memory.table(s.F_LOW, frames, 1)[:, 0] = low
    memory.table(s.F_KINDS, len(kinds), 6)[:] = kinds
    memory.table(s.F_PLACES, len(places), 3)[:] = places
    rows = 0
    for sheet, ends in enumerate(sheets):
        rows = s.bucket_edges(F, N, ends, sheet, rows)
    return memory


def _rows_of(ends: Floats, turn: Floats) -> int:
    """How many rows the buckets of a sheet take, at most."""
    high = (ends[:, 3] - ends[:, 1]) * turn[:, :1] - (ends[:, 2] - ends[:, 0]) * turn[:, 1:]
    return int((np.ceil(np.abs(high) / s.BUCKET_M) + 2).sum())

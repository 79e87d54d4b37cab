"""The search of one lot: where aisles may go, a start, and what a number of changes makes of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo import stall_search
from geo.stall_lot import Ready
from geo.stall_places import places_of
from geo.stall_shapes import Plan
from geo.stall_strips import new_work

__all__ = ["solve"]

Progress = Callable[[float], None]

# Stalls that a square metre of ground is worth to others: 24 m² a stall.
_RATE = 1.0 / 24.0
_SHORTEST_M = 4.0
_ROOM, _MOST_AISLES = 8000, 64
_PLACES = 600
_TURNS = 4000


def solve(ready: Ready, *, effort: float, seed: int) -> Plan:
    """Find aisles and rows for a lot."""
    lot = ready.lot
    work = new_work(len(ready.angles))
    exact, places = places_of(ready, _PLACES)
    found = np.zeros((_ROOM, 12))
    number = stall_search.list_aisles(lot, work, places, (_SHORTEST_M, _RATE), found)
    aisles = np.zeros((_MOST_AISLES, 10))
    spare, best = np.zeros_like(aisles), np.zeros_like(aisles)
    n = stall_search.greedy(lot, work, found.copy(), number, _RATE, aisles, 0)
    seeds = np.array([0x9E3779B9 + seed], dtype=np.int64)
    heat = (max(1, round(_TURNS * effort)), 1.5, 0.2)
    _, n = stall_search.anneal(
        lot,
        work,
        found,
        number,
        places if len(places) else exact,
        aisles,
        n,
        spare,
        best,
        seeds,
        heat,
    )
    return Plan(aisles=best[:n].copy(), rows=work.rows[: work.count[2]].copy())

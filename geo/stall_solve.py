"""The search of one lot: where aisles may go, several starts, and what changes make of the best of them."""

from __future__ import annotations


from geo import stall_strips as s
from geo.stall_lot import Ready
from geo.stall_memory import MOST_FOUND, Memory, new_memory
from geo.stall_places import places_of
from geo.stall_search import anneal, greedy, list_aisles
from geo.stall_shapes import Plan

__all__ = ["solve"]

# Stalls that a square metre of ground is worth to others, by start: 24 m² a stall would be a good lot.
_RATES = (0.0, 1 / 60, 1 / 36, 1 / 24)
_PLACES = 600
# Work of the changes, in edges looked at.
_BUDGET = 12_000_000


def solve(ready: Ready, *, effort: float, seed: int) -> Plan:
    """Find aisles and rows for a lot."""
    places = places_of(ready, _PLACES)
    memory = new_memory(ready.sheets, ready.turn, ready.kinds, places, ready.access, seed)
    F, N = memory
    list_aisles(F, N, MOST_FOUND, ready.narrowest)
    starts = sorted((_start(memory, rate) for rate in _RATES), key=lambda start: -start[0])
    best: tuple[int, Plan] | None = None
    budget = round(_BUDGET * effort)
    for _, aisles in starts[:2]:
        memory.table(s.F_NOW, len(aisles), 12)[:] = aisles
        n = anneal(F, N, len(aisles), budget // 2, 1.5, 0.15)
        plan = _plan(memory, n)
        count = int(plan.rows[:, 5].sum())
        if best is None or count > best[0]:
            best = count, plan
    assert best is not None  # noqa: S101 - there are starts
    return best[1]


def _start(memory: Memory, rate: float) -> tuple[int, s.Floats]:
    n = greedy(memory.F, memory.N, rate, 0)
    rows = memory.table(s.F_ROWS, int(memory.N[s.ROWS]), 8)
    return int(rows[:, 5].sum()), memory.table(s.F_NOW, n, 12).copy()


def _plan(memory: Memory, n: int) -> Plan:
    rows = memory.table(s.F_ROWS, int(memory.N[s.ROWS]), 8).copy()
    return Plan(aisles=memory.table(s.F_BEST, n, 12).copy(), rows=rows)

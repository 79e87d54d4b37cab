"""The search of one lot: where aisles may go, trees of bare aisles to start from, and what changes make of the best.

A row along the first aisle walls off what lies behind it. So a start is a few aisles without rows, a stem from
the road and branches across it, onto which the greedy search hangs the rest; stems and branches are grown by
beam search.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo import stall_strips as s
from geo.stall_lot import Ready
from geo.stall_memory import MOST_FOUND, Memory, new_memory
from geo.stall_places import places_of
from geo.stall_rows import AT_ROAD, FRAME, FROM, LINKED, TO, WIDE, Y
from geo.stall_search import anneal, greedy, linked_to, list_aisles
from geo.stall_shapes import Plan
from geo.stall_strips import Floats, Ints

__all__ = ["solve"]

# Stalls that a square metre of ground is worth to others, by start: 24 m² a stall would be a good lot.
_RATES = (1 / 40, 1 / 60, 0.0, 1 / 24)
_RATE = 1 / 40
# With so many places for aisles a lot is a compound: one start and few changes are what its time allows.
_MANY = 1200
_PLACES = 500
# Work, in edges looked at: of the starts, of the changes.
_STARTS, _CHANGES = 14_000_000, 8_000_000
# Stems that are tried, how many of them grow branches, branches that are tried of each.
_STEMS, _BEAM, _BRANCHES, _DEPTH = 22, 3, 8, 2
_ANNEALED = 8


class _Start(NamedTuple):
    count: int
    bare: Floats
    aisles: Floats


def solve(ready: Ready, *, effort: float, seed: int) -> Plan:
    """Find aisles and rows for a lot."""
    places = places_of(ready, _PLACES)
    memory = new_memory(ready.sheets, ready.turn, ready.kinds, places, ready.access, seed)
    list_aisles(memory.F, memory.N, MOST_FOUND, ready.narrowest)
    starts = _starts(memory, effort)
    best: tuple[int, Plan] | None = None
    chosen = starts[:_ANNEALED]
    for start in chosen:
        memory.table(s.F_NOW, len(start.aisles), 12)[:] = start.aisles
        budget = round(_CHANGES * effort / len(chosen))
        plan = _plan(memory, anneal(memory.F, memory.N, len(start.aisles), budget, 0.5, 0.1))
        count = int(plan.rows[:, 5].sum())
        if best is None or count > best[0]:
            best = count, plan
    assert best is not None  # noqa: S101 - there are starts
    return best[1]


def _starts(memory: Memory, effort: float) -> list[_Start]:
    """Sets of aisles to begin with, the best first."""
    found = memory.table(s.F_FOUND, int(memory.N[s.FOUND]), 12)
    none = np.empty((0, 12))
    rates = _RATES if len(found) < _MANY else _RATES[: max(1, round(2 * effort))]
    starts = [_start(memory, none, rate) for rate in rates]
    if len(found) >= _MANY and effort < 2.0:
        return _best(starts)[:1]
    stop = int(memory.N[s.SPENT]) + round(_STARTS * effort)
    at_road = np.flatnonzero(found[:, AT_ROAD] > 0.5)
    level = _tried(memory, none, found, _spread(found, at_road, round(_STEMS * effort) + 2), stop)
    starts += level
    for _ in range(_DEPTH):
        grown = []
        for start in _best(level)[:_BEAM]:
            bare = start.bare
            memory.table(s.F_NOW, 1, 12)[:] = bare[-1]
            near = linked_to(memory.F, memory.N, int(memory.N[s.F_NOW])) > 0
            across = near & (found[:, FRAME] != bare[-1, FRAME])
            picks = _spread(found, np.flatnonzero(across), round(_BRANCHES * effort) + 1)
            grown += _tried(memory, bare, found, picks, stop)
        level = grown
        starts += level
    return _best(starts)


def _best(starts: list[_Start]) -> list[_Start]:
    """Best first, one of each count of stalls and aisles."""
    found: dict[tuple[int, int], _Start] = {}
    for start in starts:
        found.setdefault((start.count, len(start.aisles)), start)
    return [found[key] for key in sorted(found, key=lambda key: (-key[0], key[1]))]


def _tried(memory: Memory, bare: Floats, found: Floats, picks: Ints, stop: int) -> list[_Start]:
    tried = []
    for pick in picks:
        if memory.N[s.SPENT] > stop:
            break
        tried.append(_start(memory, np.vstack([bare, found[pick]]), _RATE))
    return tried


def _start(memory: Memory, bare: Floats, rate: float) -> _Start:
    memory.table(s.F_NOW, len(bare), 12)[:] = bare
    n = greedy(memory.F, memory.N, rate, len(bare))
    rows = memory.table(s.F_ROWS, int(memory.N[s.ROWS]), 8)
    return _Start(int(rows[:, 5].sum()), bare, memory.table(s.F_NOW, n, 12).copy())


def _spread(found: Floats, among: Ints, most: int) -> Ints:
    """So many aisles, spread over frames, widths and places, long ones first."""
    if len(among) <= most:
        return among
    picks = found[among]
    long = picks[:, TO] - picks[:, FROM]
    order = np.lexsort((np.round(picks[:, Y], 3), np.round(picks[:, WIDE], 3), picks[:, FRAME]))
    keep = order[long[order] > 0.5 * np.median(long)]
    at = np.unique(np.round(np.linspace(0, len(keep) - 1, most)).astype(np.int64))
    return np.asarray(among[keep[at]])


def _plan(memory: Memory, n: int) -> Plan:
    """Aisles that a road is reached from, and the rows along them."""
    aisles = memory.table(s.F_BEST, n, 12).copy()
    rows = memory.table(s.F_ROWS, int(memory.N[s.ROWS]), 8).copy()
    kept = aisles[:, LINKED] > 0.5
    rows[:, 7] = (np.cumsum(kept) - 1)[rows[:, 7].astype(np.int64)] if n else rows[:, 7]
    return Plan(aisles=aisles[kept], rows=rows)

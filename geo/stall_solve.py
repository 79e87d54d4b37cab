"""The search of one lot: where aisles may go, trees of bare aisles to start from, and what changes make of the best.

A row along the first aisle walls off what lies behind it. So a start is a few aisles without rows, a stem from
the road and branches across it, onto which the greedy search hangs the rest; stems and branches are grown by
beam search.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import stall_strips as s
from geo.stall_lot import Ready
from geo.stall_memory import MOST_FOUND, Memory, new_memory
from geo.stall_places import places_of
from geo.stall_rows import AT_ROAD, BRINGS, FRAME, FROM, LINKED, TO, WIDE, Y
from geo.stall_search import anneal, greedy, linked_to, list_aisles
from geo.stall_shapes import Plan
from geo.stall_strips import Floats, Ints

__all__ = ["solve", "thrifty"]

# Stalls that a square metre of ground is worth to others, by start: 24 m² a stall would be a good lot.
_RATES = (1 / 40, 1 / 60, 0.0, 1 / 24)
_RATE = 1 / 40
# Rows along a road take 13 m² a stall, good lots 19.
_THRIFTY = 1 / 21
# Ground of more edges is no plain lot but a compound: there changes bring more than starts do, and time allows
# for one.
_EDGES, _JAGGED_M, _FINE, _FINEST = 16, 0.3, 70, 5.0
# A piece of so small a part of a compound is not worth a long search.
_SCRAP = 0.05
_MORE = 3.0
_PLACES = 500
# Work, in edges looked at: of the starts, of the changes, of those between two words of progress.
_STARTS, _CHANGES, _SLICE = 14_000_000, 6_000_000, 6_000_000
# First and last temperature, in stalls.
_HOT, _COLD = 0.5, 0.1
# Stems that are tried, how many of them grow branches, branches that are tried of each.
_STEMS, _BEAM, _BRANCHES, _DEPTH = 22, 3, 8, 2
_ANNEALED = 8
_CHAINS = 40
# Stacks that get a way in across them, and the most aisles of one.
_COMBS, _TEETH = 12, 40


Progress = Callable[[float], None]


class _Start(NamedTuple):
    stalls: int
    bare: Floats
    aisles: Floats


def solve(
    ready: Ready,
    *,
    effort: float,
    seed: int,
    part: float | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Find aisles and rows for a lot.

    Parameters
    ----------
    ready : Ready
    effort : float
        1 is meant for a screen that waits.
    seed : int
    part : float, optional
        Of a piece of large ground: its share of the work of a whole compound.
    progress : callable, optional
        Told 0–1; what it raises ends the work.
    """
    tell = progress or (lambda _: None)
    places = places_of(ready, _PLACES)
    memory = new_memory(ready.sheets, ready.turn, ready.kinds, places, ready.access, seed)
    list_aisles(memory.F, memory.N, MOST_FOUND, ready.narrowest)
    # Plain pieces of large ground are worth the starts of a lot, unless they are mere scraps.
    scrap = part is not None and part < _SCRAP
    large = scrap or _corners(ready) > _EDGES
    # Lots of few edges take little time for each change.
    effort *= (part or 1.0) if large else _MORE
    # Work is counted in edges: an outline that is drawn finely is to have as many changes.
    effort *= float(np.clip(len(ready.sheets[1]) / _FINE, 1.0, _FINEST)) if large else 1.0
    starts = _starts(memory, effort, large=large)
    best: tuple[int, Plan] | None = None
    chosen = starts[:_ANNEALED]
    for number, start in enumerate(chosen):
        low, high = (0.5 + 0.5 * k / len(chosen) for k in (number, number + 1))
        plan = _changed(memory, start, round(_CHANGES * effort / len(chosen)), (low, high), tell)
        count = int(plan.rows[:, 5].sum())
        if best is None or count > best[0]:
            best = count, plan
    assert best is not None  # noqa: S101 - there are starts
    return best[1]


def _corners(ready: Ready) -> int:
    """Count corners of the ground without those of a jagged line."""
    plain = shapely.simplify(ready.ground, _JAGGED_M)
    return int(shapely.get_num_coordinates(plain)) - len(
        shapely.get_rings(shapely.get_parts(plain))
    )


def _changed(
    memory: Memory, start: _Start, budget: int, span: tuple[float, float], tell: Progress
) -> Plan:
    """Change a start, slice after slice; each cools on from where the last one ended."""
    slices = max(1, math.ceil(budget / _SLICE))
    heat = np.linspace(_HOT, _COLD, slices + 1)
    aisles, n = start.aisles, 0
    for k in range(slices):
        tell(span[0] + (span[1] - span[0]) * k / slices)
        memory.table(s.F_NOW, len(aisles), 12)[:] = aisles
        n = anneal(
            memory.F, memory.N, len(aisles), budget // slices, float(heat[k]), float(heat[k + 1])
        )
        aisles = memory.table(s.F_BEST, n, 12).copy()
    return _plan(memory, n)


def thrifty(ready: Ready, *, seed: int) -> Plan:
    """Find rows that take little ground, those along roads that are there first; not the most that fit."""
    places = places_of(ready, _PLACES)
    memory = new_memory(ready.sheets, ready.turn, ready.kinds, places, ready.access, seed)
    list_aisles(memory.F, memory.N, MOST_FOUND, ready.narrowest)
    start = _start(memory, np.empty((0, 12)), _THRIFTY)
    memory.table(s.F_NOW, len(start.aisles), 12)[:] = start.aisles
    return _plan(memory, anneal(memory.F, memory.N, len(start.aisles), 0, 1.0, 1.0))


def _starts(memory: Memory, effort: float, *, large: bool) -> list[_Start]:
    """Find sets of aisles to begin with, the best first."""
    found = memory.table(s.F_FOUND, int(memory.N[s.FOUND]), 12)
    none = np.empty((0, 12))
    rates = _RATES[:1] if large else _RATES
    starts = [_start(memory, none, rate) for rate in rates]
    if large:
        return _best(starts)[:1]
    stacks = _stacks(found, memory)
    starts += [_set(memory, found[stack]) for stack in stacks]
    starts += [_set(memory, found[comb]) for comb in _combs(found, stacks)]
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
        found.setdefault((start.stalls, len(start.aisles)), start)
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


def _set(memory: Memory, aisles: Floats) -> _Start:
    """Judge aisles as they are."""
    memory.table(s.F_NOW, len(aisles), 12)[:] = aisles
    n = anneal(memory.F, memory.N, len(aisles), 0, 1.0, 1.0)
    rows = memory.table(s.F_ROWS, int(memory.N[s.ROWS]), 8)
    return _Start(int(rows[:, 5].sum()), aisles[:0], memory.table(s.F_BEST, n, 12).copy())


def _stacks(found: Floats, memory: Memory) -> list[Ints]:
    """Stack module after module from an aisle that fits exactly: at a wall first, then back to back."""
    kinds = memory.table(s.F_KINDS, int(memory.N[s.KINDS]), 6)
    stacks: list[Ints] = []
    for depth, back, wide in sorted(
        {(float(k[2]), float(k[3]), float(k[4])) for k in kinds if k[3] > 0.0}
    ):
        for frame in range(int(memory.N[s.FRAMES])):
            rows = np.flatnonzero(
                (found[:, FRAME] == frame) & (np.abs(found[:, WIDE] - wide) < s.HAIR)
            )
            if not len(rows):
                continue
            ys = found[rows, Y]
            for between in (2 * back, 2 * depth):
                steps = (ys[:, None] - ys[None]) / (wide + between)
                chained = np.abs(steps - np.round(steps)) * (wide + between) < 2 * s.HAIR
                stacks += [rows[chain][:40] for chain in _chains(chained, ys)]
    return stacks


def _combs(found: Floats, stacks: list[Ints]) -> list[Ints]:
    """Put an aisle that a road is reached from across each of the fullest stacks: the way in behind a gate."""
    full = sorted(stacks, key=lambda stack: -round(float(found[stack, BRINGS].sum()), 3))
    at_road = np.flatnonzero(found[:, AT_ROAD] > 0.5)
    combs: list[Ints] = []
    for stack in full[:_COMBS]:
        across = at_road[found[at_road, FRAME] != found[stack[0], FRAME]]
        combs += [np.append(stack[:_TEETH], stem) for stem in _spread(found, across, _STEMS)]
    return combs


def _chains(chained: NDArray[np.bool_], ys: Floats) -> list[Ints]:
    """Find sets of aisles a module apart, the longest and those one shorter; the first places are the exact ones."""
    sizes = np.array([len(np.unique(np.round(ys[row], 3))) for row in chained])
    firsts = np.argmax(chained, axis=1) == np.arange(len(chained))
    long = np.flatnonzero(firsts & (sizes >= max(2, sizes.max() - 1)))
    return [np.flatnonzero(chained[k]) for k in long[:_CHAINS]]


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

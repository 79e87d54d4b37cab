"""Annealing over re-cut spanning trees: two neighbouring bundles are joined and cut anew, or one is cut.

A move draws a random spanning tree over the union and weighs every edge of it, and the union itself, by
all limits and all levels of the objective (ReCom: DeFord, Duchin and Solomon 2021,
doi:10.1162/99608f92.eb30390f). Each state is a partition into connected bundles within the limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from geo.bundle_groups import Seeds, draw, is_less, seeded
from geo.bundle_problem import HOUSEHOLDS, Floats, Ints, Problem, judge, terms_of
from geo.compiled import compiled, lean
from geo.components import Components
from geo.recut_sides import Heat, Sides, best_cut, empty_sides, mark_lower
from geo.tree_cuts import Trees, empty_trees, grow

__all__ = ["improve"]

# Work is counted in units of the trees drawn, a move as so many at least. At effort 1: work for a unit, the
# least for a component, and about the most in all.
_A_MOVE = 8
_A_UNIT, _LEAST, _MOST = 1_400, 8_000, 72_000_000
# Work between two words about the progress: some tenths of a second.
_A_CALL = 240_000
# Share of the work with a temperature, and the first temperature in shares of the households of a bundle.
_WARM, _HEAT = 0.7, 0.2
# While it is warm, a household left over weighs as so many placed ones that are shaped badly, and a bundle
# too many as so many bundles.
_LEFT, _NUMBER = 8.0, 2.0
# Shares of the moves that take one bundle, and three.
_ONE, _THREE = 0.06, 0.1


class _State(NamedTuple):
    """Bundles of all components; a bundle is a slot with a list of its units.

    Attributes
    ----------
    slot, after : ndarray of int, (units,)
        Bundle of a unit; next unit of its list, −1 at the end.
    first : ndarray of int, (slots,)
        First unit of each list, −1 where the slot is empty.
    level : ndarray of float, (slots, 3)
        What each bundle adds to the three levels.
    empty : ndarray of int, (slots,)
        Empty slots of a component, the first at its first unit, and so on.
    spare : ndarray of int, (components,)
        How many those are.
    total : ndarray of float, (components, 3)
        Sums of the levels.
    best, best_total : ndarray
        Best state seen so far.
    since, spent : ndarray of int, (components,)
        Changes since it was looked at; work done.
    random : ndarray of uint64, (components, 1)
        Random numbers of each component.
    sums : ndarray of float, (8,)
        Room for the sums of one bundle.
    """

    slot: Ints
    after: Ints
    first: Ints
    level: Floats
    empty: Ints
    spare: Ints
    total: Floats
    best: Ints
    best_total: Floats
    since: Ints
    spent: Ints
    random: Seeds
    sums: Floats


class _Plan(NamedTuple):
    """Which components a call works on, from which share of their work to which, and how warm it is."""

    first: int
    last: int
    begin: float
    end: float
    a_unit: float
    least: float
    heat: Heat
    seed: int


def improve(
    problem: Problem,
    components: Components,
    slot: Ints,
    *,
    seed: int,
    effort: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Improve a partition by annealing; what comes out is never worse in any component.

    Parameters
    ----------
    problem : Problem
        Units, none of which breaks a limit by itself.
    components : Components
        Components to work on; those of one unit are left as they are.
    slot : ndarray of int
        Number of the bundle of each unit; numbers are positions of units. All bundles hang together and
        keep the limits but the floor.
    seed : int
        The same seed gives the same partition.
    effort : float
        Share of the usual work.
    progress : callable, optional
        Told the share done; what it raises ends the search.

    Returns
    -------
    ndarray of int
        Number of the bundle of each unit.
    """
    size, count = problem.size, len(components.start) - 1
    state = _State(
        slot=slot.copy(),
        after=np.full(size, -1, dtype=np.int64),
        first=np.full(size, -1, dtype=np.int64),
        level=np.zeros((size, 3)),
        empty=np.zeros(size, dtype=np.int64),
        spare=np.zeros(count, dtype=np.int64),
        total=np.zeros((count, 3)),
        best=slot.copy(),
        best_total=np.zeros((count, 3)),
        since=np.zeros(count, dtype=np.int64),
        spent=np.zeros(count, dtype=np.int64),
        random=np.zeros((count, 1), dtype=np.uint64),
        sums=np.zeros(problem.sums.shape[1]),
    )
    trees = empty_trees(problem)
    trees.seen[:] = 1
    sides = empty_sides(problem, int(np.diff(components.start).max(initial=1)))
    plan = _plan(problem, components, slot, seed, effort)
    for (first, last, begin, end), done in _calls(components, plan):
        chunk = plan._replace(first=first, last=last, begin=begin, end=end)
        _anneal(problem, components, state, (trees, sides), chunk)
        if progress is not None:
            progress(done)
    return state.best


def _plan(problem: Problem, components: Components, slot: Ints, seed: int, effort: float) -> _Plan:
    units = components.units
    households = problem.sums[:, HOUSEHOLDS]
    mean = float(households[units].sum()) / max(len(np.unique(slot[units])), 1)
    a_unit = min(_A_UNIT, _MOST / max(len(units), 1))
    return _Plan(
        first=0,
        last=0,
        begin=0.0,
        end=1.0,
        a_unit=a_unit * effort,
        least=_LEAST * effort,
        heat=Heat(_HEAT * mean, _LEFT, _NUMBER * mean, float(households.sum())),
        seed=seed,
    )


def _calls(
    components: Components, plan: _Plan
) -> Iterator[tuple[tuple[int, int, float, float], float]]:
    """Plan calls of about the same length: many small components, or a share of the work of a large one."""
    sizes = np.diff(components.start)
    work = np.where(sizes > 1, np.maximum(sizes * plan.a_unit, plan.least), 0.0)
    after = np.cumsum(work)
    total = max(float(after[-1]) if len(after) else 0.0, 1.0)
    first = 0
    while first < len(sizes):
        before = after[first] - work[first]
        last = int(np.searchsorted(after, before + _A_CALL, side="right"))
        if last > first:
            yield (first, last, 0.0, 1.0), float(after[last - 1]) / total
            first = last
            continue
        steps = math.ceil(work[first] / _A_CALL)
        for step in range(steps):
            done = before + work[first] * (step + 1) / steps
            yield (first, first + 1, step / steps, (step + 1) / steps), float(done) / total
        first += 1


@compiled
def _anneal(
    problem: Problem,
    components: Components,
    state: _State,
    room: tuple[Trees, Sides],
    plan: _Plan,
) -> None:
    for c in range(plan.first, plan.last):
        members = components.units[components.start[c] : components.start[c + 1]]
        if len(members) < 2:
            continue
        if plan.begin == 0.0:
            _begin(problem, members, state, c, plan.seed)
        work = max(plan.a_unit * len(members), plan.least)
        warm = plan.heat
        while state.spent[c] < plan.end * work:
            share = state.spent[c] / work
            heat = Heat(warm.heat * (1.0 - share / _WARM), warm.left, warm.number, warm.soft)
            state.since[c] += _move(problem, members, state, room, (c, heat))
            if heat.heat > 0.0 and state.since[c] > len(members) // 8:
                _keep_best(members, state, c)
        if plan.end == 1.0:
            _keep_best(members, state, c)


@lean
def _begin(problem: Problem, members: Ints, state: _State, c: int, seed: int) -> None:
    """Make lists of the bundles, and judge them."""
    seeded(state.random[c], seed, members[0], -2)
    for k in range(len(members) - 1, -1, -1):
        unit = members[k]
        slot = state.slot[unit]
        state.after[unit] = state.first[slot]
        state.first[slot] = unit
    state.spare[c] = 0
    for slot in members:
        if state.first[slot] < 0:
            state.empty[members[state.spare[c]]] = slot
            state.spare[c] += 1
        else:
            _judge_slot(problem, state, slot)
            _count(state, c, slot, 1.0)
    for k in range(3):
        state.best_total[c, k] = state.total[c, k]


@lean
def _count(state: _State, c: int, slot: int, sign: float) -> None:
    for k in range(3):
        state.total[c, k] += sign * state.level[slot, k]


@lean
def _keep_best(members: Ints, state: _State, c: int) -> None:
    state.since[c] = 0
    if is_less(state.total[c], state.best_total[c]):
        for k in range(3):
            state.best_total[c, k] = state.total[c, k]
        for unit in members:
            state.best[unit] = state.slot[unit]


@lean
def _judge_slot(problem: Problem, state: _State, slot: int) -> None:
    """Judge a bundle that is known to keep the limits but the floor."""
    terms, sums, level = terms_of(problem), state.sums, state.level
    for column in range(len(sums)):
        sums[column] = 0.0
    kinds = 0
    unit = state.first[slot]
    while unit >= 0:
        for column in range(len(sums)):
            sums[column] += problem.sums[unit, column]
        if terms.split > 0.0 and problem.subdistrict[unit] >= 0:
            kinds += _is_first_of_kind(problem, state, slot, unit)
        unit = state.after[unit]
    _, level[slot, 0], level[slot, 1], level[slot, 2] = judge(terms, sums, 0.0, kinds)


@lean
def _is_first_of_kind(problem: Problem, state: _State, slot: int, unit: int) -> int:
    other = state.first[slot]
    while other != unit:
        if problem.subdistrict[other] == problem.subdistrict[unit]:
            return 0
        other = state.after[other]
    return 1


@lean
def _move(
    problem: Problem,
    members: Ints,
    state: _State,
    room: tuple[Trees, Sides],
    how: tuple[int, Heat],
) -> int:
    """Take one, two or three bundles, draw a tree over them, and cut it where it is best; 1 if changed."""
    c, heat = how
    trees, sides = room
    random = state.random[c]
    root = members[int(draw(random) * len(members))]
    taken = _pick(problem, state, root, random)
    alone = taken[1] < 0
    size = _open(state, trees, sides, taken)
    state.spent[c] += max(size, _A_MOVE)
    if alone and (size < 2 or state.spare[c] == 0):
        _shut(state, trees, taken[0])
        return 0
    grow((problem.start, problem.neighbour), root, trees, random, int(draw(random) * 4))
    cut = best_cut(problem, room, size, random, (heat, 1 if alone else 0))
    if cut < 0:
        return 0
    _write(problem, members, state, room, (c, cut, size, taken))
    return 1


@lean
def _pick(problem: Problem, state: _State, root: int, random: Seeds) -> tuple[int, int, int]:
    """Take the bundle of a unit, mostly one beside it, and now and then a third; −1 for none."""
    one, two, three = state.slot[root], -1, -1
    lot = draw(random)
    if lot >= _ONE:
        two = _beside(problem, state, root, random, (one, one))
    if two >= 0 and lot < _ONE + _THREE:
        three = _beside(problem, state, state.first[two], random, (one, two))
    return one, two, three


@lean
def _beside(
    problem: Problem, state: _State, unit: int, random: Seeds, not_these: tuple[int, int]
) -> int:
    """Bundle of a random neighbour of a unit, or of the next of its bundle that has one elsewhere."""
    begin = unit
    for _ in range(8):
        row, count = problem.start[unit], problem.start[unit + 1] - problem.start[unit]
        turned = int(draw(random) * count)
        for k in range(count):
            slot = state.slot[problem.neighbour[row + (turned + k) % count]]
            if slot not in not_these:
                return int(slot)
        unit = state.after[unit]
        if unit < 0:
            unit = state.first[state.slot[begin]]
        if unit == begin:
            break
    return -1


@lean
def _open(state: _State, trees: Trees, sides: Sides, taken: tuple[int, int, int]) -> int:
    """Let the tree enter the bundles of a move; count their units, and add up what they cost."""
    size = 0
    for k in range(3):
        sides.best[k] = 0.0
        for slot in taken:
            sides.best[k] += state.level[slot, k] if slot >= 0 else 0.0
    for slot in taken:
        unit = state.first[slot] if slot >= 0 else -1
        while unit >= 0:
            trees.seen[unit] = 0
            size += 1
            unit = state.after[unit]
    return size


@lean
def _shut(state: _State, trees: Trees, slot: int) -> None:
    unit = state.first[slot]
    while unit >= 0:
        trees.seen[unit] = 1
        unit = state.after[unit]


@lean
def _write(
    problem: Problem,
    members: Ints,
    state: _State,
    room: tuple[Trees, Sides],
    what: tuple[int, int, int, tuple[int, int, int]],
) -> None:
    """Put the units of a move into the bundles that it has chosen."""
    c, cut, size, taken = what
    trees, sides = room
    for slot in taken:
        if slot >= 0:
            _count(state, c, slot, -1.0)
            state.first[slot] = -1
            state.empty[members[state.spare[c]]] = slot
            state.spare[c] += 1
    mark_lower(trees, sides, size, cut)
    # With no cut all is under the root.
    for side in range(1 if cut == 0 else 0, 2):
        state.spare[c] -= 1
        slot = state.empty[members[state.spare[c]]]
        for q in range(size - 1, -1, -1):
            if sides.marks[q] == side:
                unit = trees.order[q]
                state.slot[unit] = slot
                state.after[unit] = state.first[slot]
                state.first[slot] = unit
        _judge_slot(problem, state, slot)
        _count(state, c, slot, 1.0)

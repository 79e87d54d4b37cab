"""Partition of a neighbour graph by cutting random spanning trees.

Each turn grows one spanning tree of a component, cuts it from the leaves as soon as a branch carries the
floor (optimal on that tree for the number of bundles, where nothing but the floor is asked for), and lets
neighbours adopt what is left over. The best turn is kept for each component by itself. All limits but the
floor are kept always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from geo.bundle_groups import (
    Groups,
    Seeds,
    cost_of,
    draw,
    empty_groups,
    found,
    is_less,
    joins,
    merge,
    seeded,
)
from geo.bundle_problem import AREA, AREA_X, AREA_Y, HOUSEHOLDS, Floats, Ints, Problem
from geo.compiled import compiled

__all__ = ["Components", "components_of", "grow", "search"]

# Units visited in all, at least and at most so many turns a component: a second for 50,000.
_VISITS = 6_000_000
_FEWEST_TURNS, _MOST_TURNS = 40, 400
# Units visited between two words about the progress: about a tenth of a second.
_VISITS_A_CALL = 400_000

_NEAR, _RANDOM, _BROAD, _DEEP = range(4)


class Components(NamedTuple):
    """Connected components: unit ``units[start[c]:start[c + 1]]`` of each, all in rising order."""

    start: Ints
    units: Ints


class _Trees(NamedTuple):
    """Room for one spanning tree and the edges that it may grow by."""

    order: Ints
    parent: Ints
    edge_from: Ints
    edge_to: Ints
    turn: Ints
    random: Seeds


class _Best(NamedTuple):
    slot: Ints
    cost: Floats


class _Turns(NamedTuple):
    """Which components, and which turns of each, a call tries."""

    first: int
    last: int
    begin: int
    end: int
    seed: int
    close: float


def components_of(problem: Problem) -> Components:
    """Find the connected components of the graph, in the order of their first units."""
    label = np.full(problem.size, -1, dtype=np.int64)
    count = _label(problem, label)
    start = np.concatenate([[0], np.cumsum(np.bincount(label, minlength=count))])
    return Components(start.astype(np.int64), np.argsort(label, kind="stable").astype(np.int64))


@compiled
def _label(problem: Problem, label: Ints) -> int:
    count = 0
    stack = np.empty(len(label), dtype=np.int64)
    for root in range(len(label)):
        if label[root] >= 0:
            continue
        label[root] = count
        stack[0] = root
        top = 1
        while top:
            top -= 1
            unit = stack[top]
            for k in range(problem.start[unit], problem.start[unit + 1]):
                other = problem.neighbour[k]
                if label[other] < 0:
                    label[other] = count
                    stack[top] = other
                    top += 1
        count += 1
    return count


def search(
    problem: Problem,
    components: Components,
    *,
    seed: int,
    effort: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Partition every component by the best of many cut trees.

    Parameters
    ----------
    problem : Problem
        Units, none of which breaks a limit by itself.
    components : Components
        Its connected components.
    seed : int
        The same seed gives the same groups.
    effort : float
        Share of the usual number of turns.
    progress : callable, optional
        Told the share done; what it raises ends the search.

    Returns
    -------
    ndarray of int
        For each unit the number of its group; numbers are positions of units.
    """
    size = problem.size
    best = _Best(np.arange(size), np.full((len(components.start) - 1, 3), np.inf))
    groups = empty_groups(problem)
    room = len(problem.neighbour) + 1
    trees = _Trees(
        order=np.zeros(size, dtype=np.int64),
        parent=np.zeros(size, dtype=np.int64),
        edge_from=np.zeros(room, dtype=np.int64),
        edge_to=np.zeros(room, dtype=np.int64),
        turn=np.full(size, -1, dtype=np.int64),
        random=np.zeros(1, dtype=np.uint64),
    )
    turns = int(np.clip(_VISITS // max(size, 1), _FEWEST_TURNS, _MOST_TURNS) * effort)
    for chunk, done in _chunks(components, max(turns, 4)):
        chosen = _Turns(*chunk, seed=seed, close=_close_at(problem))
        _try_trees(problem, components, (groups, trees), best, chosen)
        if progress is not None:
            progress(done)
    return best.slot


def _close_at(problem: Problem) -> float:
    """Households at which a branch is cut off: at once for most bundles, never for fewest."""
    if problem.aim < 0:
        return problem.floor
    return np.inf if problem.aim > 0 else max(problem.floor, problem.target)


def _chunks(
    components: Components, turns: int
) -> Iterator[tuple[tuple[int, int, int, int], float]]:
    """Plan calls of about the same length: many small components at once, or some turns of a large one."""
    start, count = components.start, len(components.start) - 1
    total = max(int(start[-1]), 1)
    first = 0
    while first < count:
        most = start[first] + max(_VISITS_A_CALL // turns, 1)
        last = int(np.searchsorted(start, most, side="right")) - 1
        if last > first:
            yield (first, last, 0, turns), float(start[last]) / total
            first = last
            continue
        size = int(start[first + 1] - start[first])
        step = max(_VISITS_A_CALL // size, 1)
        for begin in range(0, turns, step):
            end = min(begin + step, turns)
            yield (first, first + 1, begin, end), float(start[first] + size * end / turns) / total
        first += 1


@compiled
def _try_trees(
    problem: Problem,
    components: Components,
    room: tuple[Groups, _Trees],
    best: _Best,
    turns: _Turns,
) -> None:
    groups, trees = room
    cost = np.zeros(3)
    for component in range(turns.first, turns.last):
        members = components.units[components.start[component] : components.start[component + 1]]
        for turn in range(turns.begin, turns.end):
            if len(members) <= 2 and turn > 0:
                break
            seeded(trees.random, turns.seed, members[0], turn)
            _partition(problem, members, groups, trees, (turn, turns.close))
            cost_of(problem, groups, members, cost)
            if is_less(cost, best.cost[component]):
                best.cost[component] = cost
                for unit in members:
                    best.slot[unit] = groups.slot[unit]


@compiled
def _partition(
    problem: Problem, members: Ints, groups: Groups, trees: _Trees, how: tuple[int, float]
) -> None:
    turn, close = how
    for unit in members:
        found(problem, groups, unit)
        trees.turn[unit] = -1
    root = members[int(draw(trees.random) * len(members))]
    grow(problem, root, trees, turn % 4)
    _cut(problem, groups, trees, len(members), close)
    for slot in members:
        _name(groups, slot)
    for p in range(len(members)):
        slot = trees.order[p]
        if groups.first[slot] >= 0 and groups.sums[slot, HOUSEHOLDS] < problem.floor:
            host = _host(problem, groups, slot, -np.inf)
            if host >= 0:
                merge(problem, groups, slot, host)
                _name(groups, host)
    for slot in members:
        if groups.first[slot] >= 0 and groups.sums[slot, HOUSEHOLDS] < problem.floor:
            _peel(problem, groups, slot)


@compiled
def grow(problem: Problem, root: int, trees: _Trees, way: int) -> int:
    """Grow a random spanning tree from a unit; `order` from the root outwards, and the parents.

    Four ways: by the nearer of some edges, by any edge, broad, deep. Deep trees are long and can be cut
    almost anywhere; broad ones give round groups. Units with ``turn`` other than −1 are not entered.
    """
    trees.edge_from[0], trees.edge_to[0] = -1, root
    head, tail, size = 0, 1, 0
    while head < tail:
        head, tail = _take(problem, trees, (head, tail), way)
        at = head - 1 if way == _BROAD else tail
        unit = trees.edge_to[at]
        if trees.turn[unit] >= 0:
            continue
        trees.turn[unit] = size
        trees.parent[unit] = trees.edge_from[at]
        trees.order[size] = unit
        size += 1
        tail = _offer(problem, unit, trees, tail)
    return size


@compiled
def _take(problem: Problem, trees: _Trees, ends: tuple[int, int], way: int) -> tuple[int, int]:
    """Take an edge off the list: the first, or one that is moved to the end."""
    head, tail = ends
    if way == _BROAD:
        return head + 1, tail
    if way != _DEEP and tail - head > 1:
        at = head + int(draw(trees.random) * (tail - head))
        if way == _NEAR:
            for _ in range(2):
                rival = head + int(draw(trees.random) * (tail - head))
                if _length2(problem, trees, rival) < _length2(problem, trees, at):
                    at = rival
        last = tail - 1
        trees.edge_from[at], trees.edge_from[last] = trees.edge_from[last], trees.edge_from[at]
        trees.edge_to[at], trees.edge_to[last] = trees.edge_to[last], trees.edge_to[at]
    return head, tail - 1


@compiled
def _length2(problem: Problem, trees: _Trees, edge: int) -> float:
    a, b = trees.edge_from[edge], trees.edge_to[edge]
    return 0.0 if a < 0 else distance2(problem.sums[a], problem.sums[b])


@compiled
def distance2(a: Floats, b: Floats) -> float:
    """Square of the distance between two centres of area; 0 where one has no area."""
    if a[AREA] <= 0.0 or b[AREA] <= 0.0:
        return 0.0
    dx = a[AREA_X] / a[AREA] - b[AREA_X] / b[AREA]
    dy = a[AREA_Y] / a[AREA] - b[AREA_Y] / b[AREA]
    square: float = dx * dx + dy * dy
    return square


@compiled
def _offer(problem: Problem, unit: int, trees: _Trees, tail: int) -> int:
    """Put the edges of a unit to units that are not in the tree on the list, from a random one round."""
    begin = problem.start[unit]
    count = problem.start[unit + 1] - begin
    if count == 0:
        return tail
    turned = int(draw(trees.random) * count)
    for k in range(count):
        other = problem.neighbour[begin + (turned + k) % count]
        if trees.turn[other] < 0:
            trees.edge_from[tail] = unit
            trees.edge_to[tail] = other
            tail += 1
    return tail


@compiled
def _cut(problem: Problem, groups: Groups, trees: _Trees, size: int, close: float) -> None:
    """Close a branch as soon as it carries enough; one that the parent can not carry stays alone."""
    for p in range(size - 1, 0, -1):
        unit = trees.order[p]
        above = trees.parent[unit]
        if groups.sums[unit, HOUSEHOLDS] < close and joins(problem, groups, unit, above):
            merge(problem, groups, unit, above)


@compiled
def _name(groups: Groups, slot: int) -> None:
    unit = groups.first[slot]
    while unit >= 0:
        groups.slot[unit] = slot
        unit = groups.after[unit]


@compiled
def _host(problem: Problem, groups: Groups, slot: int, least: float) -> int:
    """Neighbouring group that can take this one: one that then meets the floor, the nearest."""
    best, best_short, best_far = -1, True, np.inf
    unit = groups.first[slot]
    while unit >= 0:
        for k in range(problem.start[unit], problem.start[unit + 1]):
            host = groups.slot[problem.neighbour[k]]
            if host in (slot, best) or groups.sums[host, HOUSEHOLDS] < least:
                continue
            load = groups.sums[host, HOUSEHOLDS] + groups.sums[slot, HOUSEHOLDS]
            short = load < problem.floor
            far = distance2(groups.sums[host], groups.sums[slot])
            better = short < best_short or (short == best_short and far < best_far)
            if better and joins(problem, groups, slot, host):
                best, best_short, best_far = host, short, far
        unit = groups.after[unit]
    return best


@compiled
def _peel(problem: Problem, groups: Groups, slot: int) -> None:
    """Give single units of a group that nobody can take whole to groups that meet the floor.

    What stays is put together anew as far as it hangs together.
    """
    count = 0
    unit = groups.first[slot]
    while unit >= 0:
        count += 1
        unit = groups.after[unit]
    units = np.empty(count, dtype=np.int64)
    unit = groups.first[slot]
    for k in range(count):
        units[k] = unit
        unit = groups.after[unit]
    for k in range(count):
        found(problem, groups, units[k])
    for k in range(count):
        unit = units[k]
        host = _host(problem, groups, unit, problem.floor)
        if host >= 0:
            merge(problem, groups, unit, host)
            groups.slot[unit] = host
    for k in range(count):
        unit = units[k]
        if groups.first[unit] >= 0 and groups.slot[unit] == unit:
            _rejoin(problem, groups, unit)


@compiled
def _rejoin(problem: Problem, groups: Groups, slot: int) -> None:
    """Merge with a neighbouring group below the floor as long as there is one."""
    while True:
        host = _host(problem, groups, slot, -np.inf)
        if host < 0:
            return
        merge(problem, groups, slot, host)
        _name(groups, host)
        slot = host
        if groups.sums[slot, HOUSEHOLDS] >= problem.floor:
            return

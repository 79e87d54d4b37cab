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
    draw,
    empty_groups,
    found,
    hard_cost,
    is_less,
    joins,
    merge,
    seeded,
    soft_cost,
)
from geo.bundle_problem import AREA, AREA_X, AREA_Y, Floats, Ints, Problem
from geo.compiled import compiled, lean
from geo.components import Components

__all__ = ["Trees", "empty_trees", "grow", "search"]

# Units visited in all, at least and at most so many turns a component: a second for 50,000.
_VISITS = 6_000_000
_FEWEST_TURNS, _MOST_TURNS = 40, 400
# Units visited between two words about the progress: about a tenth of a second.
_VISITS_A_CALL = 400_000

_NEAR, _RANDOM, _BROAD, _DEEP = range(4)


class Trees(NamedTuple):
    """Room for a spanning tree.

    Attributes
    ----------
    order : ndarray of int, (units,)
        Units from the root outwards.
    parent : ndarray of int, (units,)
        By unit, −1 at the root.
    seen : ndarray of int, (units,)
        1 for units that are in the tree or not to be entered.
    edges : ndarray of int
        Edges by which it may grow.
    owner : ndarray of int, (edges,)
        Unit in whose row an edge stands.
    length2 : ndarray of float, (edges,)
        Square of the distance between the centres of area of its ends.
    """

    order: Ints
    parent: Ints
    seen: Ints
    edges: Ints
    owner: Ints
    length2: Floats


class _Best(NamedTuple):
    """Best groups and their levels; levels and random numbers of the turn at hand."""

    slot: Ints
    levels: Floats
    now: Floats
    random: Seeds


class _Turns(NamedTuple):
    """Which components, and which turns of each, a call tries."""

    first: int
    last: int
    begin: int
    end: int
    seed: int
    close: float


def empty_trees(problem: Problem) -> Trees:
    """Room for a spanning tree of a problem."""
    owner = np.repeat(np.arange(problem.size), np.diff(problem.start))
    area = problem.sums[:, AREA : AREA + 1]
    known = np.where(area > 0, area, 1.0)
    centre = problem.sums[:, AREA_X : AREA_Y + 1] / known
    apart = centre[owner] - centre[problem.neighbour]
    return Trees(
        order=np.zeros(problem.size, dtype=np.int64),
        parent=np.zeros(problem.size, dtype=np.int64),
        seen=np.zeros(problem.size, dtype=np.int64),
        edges=np.zeros(len(owner) + 1, dtype=np.int64),
        owner=owner,
        length2=(apart**2).sum(axis=1),
    )


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
    best = _Best(
        slot=np.arange(size),
        levels=np.full((len(components.start) - 1, 3), np.inf),
        now=np.zeros(3),
        random=np.zeros(1, dtype=np.uint64),
    )
    groups = empty_groups(problem)
    trees = empty_trees(problem)
    usual = np.clip(_VISITS // max(size, 1), _FEWEST_TURNS, _MOST_TURNS)
    for chunk, done in _chunks(components, max(int(usual * effort), 4)):
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
    room: tuple[Groups, Trees],
    best: _Best,
    turns: _Turns,
) -> None:
    groups = room[0]
    now, random = best.now, best.random
    for component in range(turns.first, turns.last):
        members = components.units[components.start[component] : components.start[component + 1]]
        levels = best.levels[component]
        for turn in range(turns.begin, turns.end):
            if len(members) <= 2 and turn > 0:
                break
            seeded(random, turns.seed, members[0], turn)
            _partition(problem, members, room, random, (turn, turns.close))
            now[0], now[1] = hard_cost(problem, groups, members)
            now[2] = -np.inf
            if not is_less(now, levels):
                continue
            now[2] = soft_cost(problem, groups, members)
            if is_less(now, levels):
                for k in range(3):
                    levels[k] = now[k]
                for unit in members:
                    best.slot[unit] = groups.slot[unit]


@lean
def _partition(
    problem: Problem,
    members: Ints,
    room: tuple[Groups, Trees],
    random: Seeds,
    how: tuple[int, float],
) -> None:
    turn, close = how
    groups, trees = room
    for unit in members:
        found(problem, groups, unit)
        trees.seen[unit] = 0
    root = members[int(draw(random) * len(members))]
    size = grow((problem.start, problem.neighbour), root, trees, random, turn % 4)
    _cut(problem, groups, trees, size, close)
    for slot in members:
        _name(groups, slot)
    for p in range(size):
        slot = trees.order[p]
        if groups.first[slot] >= 0 and groups.load[slot] < problem.floor:
            host = _host(problem, groups, trees, slot, -np.inf)
            if host >= 0:
                merge(groups, slot, host)
                _name(groups, host)
    for slot in members:
        if groups.first[slot] >= 0 and groups.load[slot] < problem.floor:
            _peel(problem, groups, trees, slot)


@lean
def grow(graph: tuple[Ints, Ints], root: int, trees: Trees, random: Seeds, way: int) -> int:
    """Grow a random spanning tree from a unit; `order` from the root outwards, and the parents.

    Four ways: by the shorter of two edges, by any edge, broad, deep. Deep trees are long and can be cut
    almost anywhere; broad ones give round groups. Units that are `seen` are not entered.

    Parameters
    ----------
    graph : tuple of ndarray
        Rows of neighbours and their starts.
    root : int
        Where to begin.
    trees : Trees
        Room, lengths and owners of the edges.
    random : ndarray
        Random numbers.
    way : int
        0 to 3.
    """
    start, neighbour = graph
    head, tail, size = 0, 0, 0
    unit, above = root, -1
    while unit >= 0:
        trees.seen[unit] = 1
        trees.parent[unit] = above
        trees.order[size] = unit
        size += 1
        begin, count = start[unit], start[unit + 1] - start[unit]
        turned = int(draw(random) * count)
        for k in range(count):
            edge = begin + (turned + k) % count
            trees.edges[tail] = edge
            tail += 1 - trees.seen[neighbour[edge]]
        unit = -1
        while unit < 0 and head < tail:
            if way == _BROAD:
                edge = trees.edges[head]
                head += 1
            else:
                tail -= 1
                edge = _take(trees, (head, tail), random, way)
            if not trees.seen[neighbour[edge]]:
                unit, above = neighbour[edge], trees.owner[edge]
    return size


@lean
def _take(trees: Trees, ends: tuple[int, int], random: Seeds, way: int) -> int:
    """Take an edge off the list and put the last one into its place."""
    edges = trees.edges
    head, last = ends
    if way == _DEEP:
        return int(edges[last])
    at = head + int(draw(random) * (last + 1 - head))
    if way == _NEAR:
        rival = head + int(draw(random) * (last + 1 - head))
        if trees.length2[edges[rival]] < trees.length2[edges[at]]:
            at = rival
    edge = int(edges[at])
    edges[at] = edges[last]
    return edge


@lean
def _cut(problem: Problem, groups: Groups, trees: Trees, size: int, close: float) -> None:
    """Close a branch as soon as it carries enough; one that the parent can not carry stays alone."""
    order, parent, load = trees.order, trees.parent, groups.load
    first, last, after = groups.first, groups.last, groups.after
    plain = (
        problem.ceiling == np.inf
        and problem.max_investment == np.inf
        and problem.max_diameter == np.inf
        and len(problem.apart) == 0
    )
    for p in range(size - 1, 0, -1):
        unit = order[p]
        above = parent[unit]
        if load[unit] >= close:
            continue
        if plain:
            # As `merge` does: this loop is most of the work where the floor is the only limit.
            after[last[above]] = first[unit]
            last[above] = last[unit]
            first[unit] = -1
            load[above] += load[unit]
        elif joins(problem, groups, unit, above):
            merge(groups, unit, above)


@lean
def _name(groups: Groups, slot: int) -> None:
    unit = groups.first[slot]
    while unit >= 0:
        groups.slot[unit] = slot
        unit = groups.after[unit]


@lean
def _host(problem: Problem, groups: Groups, trees: Trees, slot: int, least: float) -> int:
    """Neighbouring group that can take this one: one that then meets the floor, the nearest."""
    best, best_short, best_far = -1, True, np.inf
    unit = groups.first[slot]
    while unit >= 0:
        for edge in range(problem.start[unit], problem.start[unit + 1]):
            host = groups.slot[problem.neighbour[edge]]
            if host == slot or groups.load[host] < least:
                continue
            short = groups.load[host] + groups.load[slot] < problem.floor
            far = trees.length2[edge]
            better = short < best_short or (short == best_short and far < best_far)
            if better and (host == best or joins(problem, groups, slot, host)):
                best, best_short, best_far = host, short, far
        unit = groups.after[unit]
    return best


@lean
def _peel(problem: Problem, groups: Groups, trees: Trees, slot: int) -> None:
    """Give single units of a group that nobody can take whole to groups that meet the floor.

    What stays is put together anew as far as it hangs together.
    """
    # The edges are done with, and a connected group has more of them than units.
    units, count = trees.edges, 0
    unit = groups.first[slot]
    while unit >= 0:
        units[count] = unit
        count += 1
        unit = groups.after[unit]
    for k in range(count):
        found(problem, groups, units[k])
    for k in range(count):
        unit = units[k]
        host = _host(problem, groups, trees, unit, problem.floor)
        if host >= 0:
            merge(groups, unit, host)
            groups.slot[unit] = host
    for k in range(count):
        unit = units[k]
        if groups.first[unit] >= 0 and groups.slot[unit] == unit:
            _rejoin(problem, groups, trees, unit)


@lean
def _rejoin(problem: Problem, groups: Groups, trees: Trees, slot: int) -> None:
    """Merge with a neighbouring group below the floor as long as there is one."""
    while True:
        host = _host(problem, groups, trees, slot, -np.inf)
        if host < 0:
            return
        merge(groups, slot, host)
        _name(groups, host)
        slot = host
        if groups.load[slot] >= problem.floor:
            return

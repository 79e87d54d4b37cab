"""Both sides of every edge of a spanning tree over one, two or three bundles, and the edge to cut.

Sums and reaches of the lower sides come up the tree, those of all the rest down it, so that all cuts of a
tree of m units are weighed in m steps. Lean loops: all room is handed in.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from geo.bundle_groups import Seeds, draw, is_less
from geo.bundle_problem import (
    BREAKS,
    DIRECTIONS,
    NARROWEST,
    Floats,
    Ints,
    Problem,
    judge,
    support_width_m,
    terms_of,
)
from geo.compiled import lean
from geo.tree_cuts import Trees

__all__ = ["Heat", "Sides", "best_cut", "empty_sides", "mark_lower"]


class Heat(NamedTuple):
    """How warm it is, and what the levels weigh while it is.

    Attributes
    ----------
    heat : float
        Temperature; cold from 0 down.
    left, number, soft : float
        Weight of each level.
    """

    heat: float
    left: float
    number: float
    soft: float


class Sides(NamedTuple):
    """Room for both sides of every edge of a tree, by the position of its lower end.

    Attributes
    ----------
    position : ndarray of int, (units,)
        Place of a unit in the order of the tree.
    sums : ndarray of float, (most, 8)
        Of the lower side.
    lower, second, upper : ndarray of float, (most, DIRECTIONS)
        Reach of the lower side, what it is without the branch that reaches farthest, and reach of the upper
        side; without a limit of the diameter there are none.
    once, twice, rest : ndarray of int, (most,)
        Subdistricts of the lower side and of the upper one, as bits; without a weight there are none.
    marks : ndarray of int, (most,)
        1 for the places that lie under an edge.
    other : ndarray of float, (8,)
        Sums of one upper side.
    cost, best : ndarray of float, (3,)
        Levels of one cut and of the best.
    """

    position: Ints
    sums: Floats
    lower: Floats
    second: Floats
    upper: Floats
    once: Ints
    twice: Ints
    rest: Ints
    marks: Ints
    other: Floats
    cost: Floats
    best: Floats


def empty_sides(problem: Problem, most: int) -> Sides:
    """Room for trees of at most so many units; the system gives it out as it is used."""
    columns = problem.sums.shape[1]
    wide = most if problem.max_diameter < np.inf else 0
    mixed = most if problem.split > 0 else 0
    return Sides(
        position=np.zeros(problem.size, dtype=np.int64),
        sums=np.empty((most, columns)),
        lower=np.empty((wide, DIRECTIONS)),
        second=np.empty((wide, DIRECTIONS)),
        upper=np.empty((wide, DIRECTIONS)),
        once=np.empty(mixed, dtype=np.int64),
        twice=np.empty(mixed, dtype=np.int64),
        rest=np.empty(mixed, dtype=np.int64),
        marks=np.empty(most, dtype=np.int64),
        other=np.empty(columns),
        cost=np.empty(3),
        best=np.empty(3),
    )


@lean
def best_cut(
    problem: Problem, room: tuple[Trees, Sides], size: int, random: Seeds, how: tuple[Heat, int]
) -> int:
    """Choose the best edge of the tree that stands in `room`.

    While it is warm, a choice by the probabilities of Boltzmann: the lowest cost after noise has been
    taken off. Cold, the levels decide one by one.

    Parameters
    ----------
    problem : Problem
        Limits and weights.
    room : tuple
        The tree, and `Sides` whose ``best`` holds the levels of the bundles as they are.
    size : int
        Units of the tree.
    random : ndarray
        Random numbers.
    how : tuple
        Heat, and the first edge to weigh: 0 if all in one bundle is a choice.

    Returns
    -------
    int
        Position of the lower end, 0 for no cut, −1 to leave it as it is.
    """
    trees, sides = room
    heat, first = how
    _sum_up(problem, trees, sides, size)
    if len(sides.lower):
        _reach(problem, trees, sides, size)
    if len(sides.once):
        _mix(problem, trees, sides, size)
    cost, best = sides.cost, sides.best
    _warm_up(best, heat, random)
    chosen = -1
    for p in range(first, size):
        doubt = _price(problem, sides, p)
        if doubt < 0:
            continue
        _warm_up(cost, heat, random)
        if is_less(cost, best) and (
            (doubt == 0 and len(problem.apart) == 0) or _keeps(problem, trees, sides, size, p)
        ):
            chosen = p
            for k in range(3):
                best[k] = cost[k]
    return chosen


@lean
def _sum_up(problem: Problem, trees: Trees, sides: Sides, size: int) -> None:
    order, parent, position, sums = trees.order, trees.parent, sides.position, sides.sums
    for p in range(size):
        position[order[p]] = p
        for column in range(sums.shape[1]):
            sums[p, column] = problem.sums[order[p], column]
    for p in range(size - 1, 0, -1):
        above = position[parent[order[p]]]
        for column in range(sums.shape[1]):
            sums[above, column] += sums[p, column]


@lean
def _reach(problem: Problem, trees: Trees, sides: Sides, size: int) -> None:
    """Reach of the lower side of each edge, and of all the rest."""
    order, parent, position = trees.order, trees.parent, sides.position
    lower, second, upper = sides.lower, sides.second, sides.upper
    for p in range(size):
        for k in range(DIRECTIONS):
            lower[p, k] = problem.support[order[p], k]
            second[p, k] = upper[p, k] = -np.inf
    for p in range(size - 1, 0, -1):
        above = position[parent[order[p]]]
        for k in range(DIRECTIONS):
            far, most = lower[p, k], lower[above, k]
            second[above, k] = max(second[above, k], min(far, most))
            lower[above, k] = max(far, most)
    for p in range(1, size):
        above = position[parent[order[p]]]
        for k in range(DIRECTIONS):
            most = lower[above, k]
            own = second[above, k] if lower[p, k] == most else most
            upper[p, k] = max(upper[above, k], own)


@lean
def _mix(problem: Problem, trees: Trees, sides: Sides, size: int) -> None:
    """Subdistricts on both sides of each edge; beyond 63 of them some share a bit."""
    order, parent, position = trees.order, trees.parent, sides.position
    once, twice, rest = sides.once, sides.twice, sides.rest
    for p in range(size):
        code = problem.subdistrict[order[p]]
        once[p] = 1 << (code % 63) if code >= 0 else 0
        twice[p] = rest[p] = 0
    for p in range(size - 1, 0, -1):
        above = position[parent[order[p]]]
        twice[above] |= once[above] & once[p]
        once[above] |= once[p]
    for p in range(1, size):
        above = position[parent[order[p]]]
        rest[p] = rest[above] | twice[above] | (once[above] & ~once[p])


@lean
def _bits(word: int) -> int:
    count = 0
    while word:
        word &= word - 1
        count += 1
    return count


@lean
def _warm_up(cost: Floats, heat: Heat, random: Seeds) -> None:
    """Make one number of the three levels and take noise (Gumbel's) off; cold, leave them as they are."""
    if heat.heat <= 0.0:
        return
    noise = -math.log(-math.log(draw(random) + 1e-300) + 1e-300)
    whole = heat.left * cost[0] + heat.number * cost[1] + heat.soft * cost[2]
    cost[0] = cost[1] = 0.0
    cost[2] = whole - heat.heat * noise


@lean
def _price(problem: Problem, sides: Sides, p: int) -> int:
    """Cost of the two bundles that a cut makes: −1 if a limit breaks, 1 if a diameter is in doubt, else 0."""
    terms, cost, other = terms_of(problem), sides.cost, sides.other
    doubt, width, kinds = 0, 0.0, 0
    if len(sides.lower):
        width, doubt = _width(sides.lower[p], terms.max_diameter)
    if len(sides.once):
        kinds = _bits(sides.once[p])
    state, cost[0], cost[1], cost[2] = judge(terms, sides.sums[p], width, kinds)
    if state == BREAKS or p == 0:
        return -1 if state == BREAKS else doubt
    if len(sides.lower):
        width, more = _width(sides.upper[p], terms.max_diameter)
        doubt = max(doubt, more)
    if len(sides.once):
        kinds = _bits(sides.rest[p])
    for column in range(len(other)):
        other[column] = sides.sums[0, column] - sides.sums[p, column]
    state, left, number, soft = judge(terms, other, width, kinds)
    cost[0] += left
    cost[1] += number
    cost[2] += soft
    return -1 if state == BREAKS else doubt


@lean
def _width(support: Floats, most: float) -> tuple[float, int]:
    """Width of a side, and 1 if its diameter may still break the limit."""
    width = support_width_m(support)
    return width, 1 if most * NARROWEST < width <= most else 0


@lean
def mark_lower(trees: Trees, sides: Sides, size: int, p: int) -> None:
    """Mark the places that lie under an edge."""
    marks = sides.marks
    for q in range(size):
        marks[q] = 0
    marks[p] = 1
    for q in range(p + 1, size):
        marks[q] = marks[sides.position[trees.parent[trees.order[q]]]]


@lean
def _keeps(problem: Problem, trees: Trees, sides: Sides, size: int, p: int) -> bool:
    """Tell whether both sides keep the diameter, corner by corner, and the units apart that have to be."""
    mark_lower(trees, sides, size, p)
    marks, order = sides.marks, trees.order
    for q in range(size):
        unit = order[q]
        for k in range(problem.apart_start[unit], problem.apart_start[unit + 1]):
            at = sides.position[problem.apart[k]]
            if at < size and order[at] == problem.apart[k] and marks[at] == marks[q]:
                return False
    if len(sides.lower) == 0:
        return True
    for q in range(size):
        for r in range(q):
            if marks[q] == marks[r] and _far(problem, order[q], order[r]):
                return False
    return True


@lean
def _far(problem: Problem, one: int, other: int) -> bool:
    """Tell whether two units lie too far apart for one bundle."""
    most = problem.max_diameter
    half = problem.support.shape[1] // 2
    width = 0.0
    for k in range(half):
        ahead = max(problem.support[one, k], problem.support[other, k])
        back = max(problem.support[one, k + half], problem.support[other, k + half])
        width = max(width, ahead + back)
    if width <= most * NARROWEST:
        return False
    for i in range(problem.hull_start[one], problem.hull_start[one + 1]):
        for j in range(problem.hull_start[other], problem.hull_start[other + 1]):
            dx = problem.hull[i, 0] - problem.hull[j, 0]
            dy = problem.hull[i, 1] - problem.hull[j, 1]
            if dx * dx + dy * dy > most * most:
                return True
    return False

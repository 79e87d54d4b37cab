"""How good a partition into 片区 can be at best, level by level, without making one.

Left over: units round which not enough households can be reached within the limits. Most: weights of units
that add up to 1 or more in every bundle that reaches the floor; no partition has more bundles than their
sum, and they are lowered unit by unit as far as all bundles through a unit allow (dual ascent on the
packing of bundles). Fewest: what one bundle can carry, and units of which no two fit in one bundle. Score:
the terms that no partition gets round.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp
from scipy.sparse import csgraph

from geo.bundle_problem import (
    AREA,
    AREA_X,
    AREA_Y,
    BALANCE,
    COMPOUNDS,
    DIRECTIONS,
    HOUSEHOLDS,
    INVESTMENT,
    Floats,
    Ints,
    Problem,
)
from geo.compiled import compiled

__all__ = ["bound", "bounds", "fewest_left", "unit_weights"]

# Units round one unit that are looked at before it counts as one that can be placed.
MOST_AROUND = 256
# Bundles through one unit that are looked at before its weight stays as it is; shares of the slack taken.
MOST_VISITS = 400
SHARES = (0.5, 0.5, 1.0)
NOISE = 1e-9


def bound(problem: Problem, component: Ints) -> tuple[float, float, float]:
    """Lower bounds of the three levels for one component of the graph.

    Parameters
    ----------
    problem : Problem
        Units, graph, limits, weights.
    component : ndarray of int
        Positions of the units of one component; for all components at once see :func:`bounds`.

    Returns
    -------
    tuple of float
        Households left over, number (minus the number of bundles for aim most, 0 for free) and score:
        no partition of the component is below them on any level.
    """
    rows = _levels(problem, component, np.zeros(len(component), dtype=np.int64), 1)
    left, number, score = rows[0].tolist()
    return left, number, score


def bounds(problem: Problem) -> tuple[Ints, Floats]:
    """Lower bounds for every component of the graph.

    Returns
    -------
    tuple of ndarray
        Component of each unit, numbered by first unit; rows (components, 3) as of :func:`bound`.
    """
    size = problem.size
    links = sp.csr_array(
        (np.ones(len(problem.neighbour)), problem.neighbour, problem.start), shape=(size, size)
    )
    count, component = csgraph.connected_components(links, directed=False)
    component = component.astype(np.int64)
    return component, _levels(problem, np.arange(size), component, count)


def fewest_left(problem: Problem, component: Ints) -> float:
    """Households (a compound counts at least 1) that every partition of a component leaves over."""
    return float(_left(problem, component, np.zeros(len(component), dtype=np.int64), 1)[0])


def unit_weights(problem: Problem, units: Ints) -> Floats:
    """Weights that sum up to 1 or more in every bundle that keeps the limits and reaches the floor.

    Parameters
    ----------
    problem : Problem
        With a floor above 0.
    units : ndarray of int
        Positions of the units of whole components.

    Returns
    -------
    ndarray of float
        By unit, in the order of `units`.
    """
    weight = np.zeros(problem.size)
    weight[units] = np.minimum(problem.sums[units, HOUSEHOLDS], problem.floor) / problem.floor
    limit = problem.max_investment if _no_credit(problem, units) else math.inf
    # The small ones first: they are in the fewest bundles that are as small as can be.
    order = units[np.argsort(problem.sums[units, HOUSEHOLDS], kind="stable")]
    for share in SHARES:
        _lower(problem, order, limit, weight, share)
    return weight[units]


def _levels(problem: Problem, units: Ints, component: Ints, count: int) -> Floats:
    if not len(units):
        return np.zeros((count, 3))
    left = _left(problem, units, component, count)
    number = np.zeros(count)
    if problem.aim < 0:
        number = -_most(problem, units, component, count)
    elif problem.aim > 0:
        number = _fewest(problem, units, component, count)
    return np.column_stack([left, number, _score(problem, units, component, count)])


def _sum(component: Ints, figures: Floats, count: int) -> Floats:
    return np.bincount(component, weights=figures, minlength=count).astype(float)


def _left(problem: Problem, units: Ints, component: Ints, count: int) -> Floats:
    households, compounds = problem.sums[units, HOUSEHOLDS], problem.sums[units, COMPOUNDS]
    alone = _sum(component, households, count)[component] < problem.floor
    rest = np.flatnonzero(~alone)
    limit = problem.max_investment if _no_credit(problem, units) else math.inf
    if len(rest) and problem.floor > 0:
        alone[rest] = _stranded(problem, units[rest], limit)
    return np.maximum(
        _sum(component, households * alone, count), _sum(component, compounds * alone, count)
    )


def _most(problem: Problem, units: Ints, component: Ints, count: int) -> Floats:
    if problem.floor <= 0:
        return np.bincount(component, minlength=count).astype(float)
    weight = unit_weights(problem, units)
    return np.floor(_sum(component, weight, count) + 1e-6)


def _fewest(problem: Problem, units: Ints, component: Ints, count: int) -> Floats:
    sums = problem.sums[units]
    number = np.ones(count)
    for column, most in ((HOUSEHOLDS, problem.ceiling), (INVESTMENT, problem.max_investment)):
        if math.isfinite(most):
            total = _sum(component, sums[:, column], count)
            number = np.maximum(number, np.ceil(total / most - NOISE))
    limit = problem.max_investment if _no_credit(problem, units) else math.inf
    x, y = _middles(sums)
    for along in (x, -x, y, -y):
        order = np.lexsort((along, component))
        side_by_side = _pick_strangers(problem, units[order], component[order], limit, along[order])
        number = np.maximum(number, _sum(component[order], side_by_side, count))
    return number


def _score(problem: Problem, units: Ints, component: Ints, count: int) -> Floats:
    sums = problem.sums[units]
    score = problem.money * np.maximum(0.0, -_sum(component, sums[:, BALANCE], count))
    if problem.target > 0:
        households = sums[:, HOUSEHOLDS]
        total = _sum(component, households, count)
        # A bundle is no smaller than a unit of it, and no larger than all of the component.
        too_many = _sum(component, households * np.maximum(0.0, households - problem.target), count)
        too_few = total * np.maximum(0.0, problem.target - total)
        score += problem.balanced / problem.target * np.maximum(too_many, too_few)
    return score * (1 - NOISE)


def _no_credit(problem: Problem, units: Ints) -> bool:
    """No investment is below 0, so that it only grows with a bundle."""
    return bool((problem.sums[units, INVESTMENT] >= 0).all())


def _middles(sums: Floats) -> tuple[Floats, Floats]:
    area = np.where(sums[:, AREA] > 0, sums[:, AREA], 1.0)
    return sums[:, AREA_X] / area, sums[:, AREA_Y] / area


@compiled
def _strangers(problem: Problem, one: int, other: int, max_investment: float) -> bool:
    """Whether no bundle can hold both."""
    sums = problem.sums
    if (
        sums[one, HOUSEHOLDS] + sums[other, HOUSEHOLDS] > problem.ceiling
        or sums[one, INVESTMENT] + sums[other, INVESTMENT] > max_investment
    ):
        return True
    for k in range(problem.apart_start[one], problem.apart_start[one + 1]):
        if problem.apart[k] == other:
            return True
    if math.isinf(problem.max_diameter):
        return False
    support = problem.support
    half = DIRECTIONS // 2
    for k in range(half):
        width = max(support[one, k], support[other, k]) + max(
            support[one, k + half], support[other, k + half]
        )
        if width > problem.max_diameter + 1e-6:
            return True
    return False


@compiled
def _stranded(problem: Problem, units: Ints, max_investment: float) -> np.ndarray:
    """Whether the units that a unit can be with, and reach through such, stay below the floor."""
    alone = np.zeros(len(units), dtype=np.bool_)
    around = np.empty(MOST_AROUND, dtype=np.int64)
    for row in range(len(units)):
        around[0] = units[row]
        known, at = 1, 0
        total = problem.sums[units[row], HOUSEHOLDS]
        while at < known < MOST_AROUND and total < problem.floor:
            unit = around[at]
            at += 1
            for k in range(problem.start[unit], problem.start[unit + 1]):
                other = problem.neighbour[k]
                known_already = known == MOST_AROUND
                for j in range(known):
                    known_already = known_already or around[j] == other
                if not known_already and not _strangers(problem, units[row], other, max_investment):
                    around[known] = other
                    known += 1
                    total += problem.sums[other, HOUSEHOLDS]
        alone[row] = total < problem.floor and known < MOST_AROUND
    return alone


@compiled
def _pick_strangers(
    problem: Problem, units: Ints, component: Ints, max_investment: float, along: Floats
) -> Floats:
    """Pick units, along a line, of which no two can be in one bundle: 1 where picked."""
    picked = np.zeros(len(units))
    before = np.empty(len(units), dtype=np.int64)
    count = first = 0
    for row in range(len(units)):
        if row and component[row] != component[row - 1]:
            first = count
        # Those farther behind than the largest diameter are too far by themselves.
        while first < count and along[before[first]] < along[row] - problem.max_diameter - 1e-6:
            first += 1
        fits = True
        for k in range(first, count):
            if not _strangers(problem, units[row], units[before[k]], max_investment):
                fits = False
                break
        if fits:
            picked[row] = 1.0
            before[count] = row
            count += 1
    return picked


@compiled
def _lower(
    problem: Problem, units: Ints, max_investment: float, weight: Floats, share: float
) -> None:
    """Take from each unit in turn a share of what the lightest bundle through it has above 1."""
    touched = np.zeros(len(problem.sums), dtype=np.bool_)
    for unit in units:
        if weight[unit] > 0.0:
            lightest = _lightest(problem, unit, max_investment, weight, touched)
            weight[unit] -= share * max(0.0, min(weight[unit], lightest - 1.0 - NOISE))


@compiled
def _lightest(  # noqa: C901, PLR0915 - one loop: calls would hand all arrays over for each set
    problem: Problem,
    root: int,
    max_investment: float,
    weight: Floats,
    touched: np.ndarray,
) -> float:
    """Weight of the lightest connected set with a unit that reaches the floor, 1 + its own at the most.

    1 if it is not found within :data:`MOST_VISITS` sets. Pairs of others than the unit are not compared,
    which can only make the set lighter.
    """
    best: float = 1.0 + weight[root]
    open_ = np.empty(4096, dtype=np.int64)
    fresh = np.empty(4096, dtype=np.int64)
    first = np.zeros(MOST_VISITS + 2, dtype=np.int64)
    last = np.zeros(MOST_VISITS + 2, dtype=np.int64)
    marked = np.zeros(MOST_VISITS + 3, dtype=np.int64)
    held = np.zeros((MOST_VISITS + 2, 3))
    open_[0] = root
    last[0] = 1
    touched[root] = True
    fresh[0] = root
    marked[1] = 1
    depth = visits = 0
    while depth >= 0:
        if last[depth] == first[depth] or best <= 1.0 + NOISE:
            for k in range(marked[depth], marked[depth + 1]):
                touched[fresh[k]] = False
            depth -= 1
            continue
        last[depth] -= 1
        unit = open_[last[depth]]
        spent = held[depth, 0] + weight[unit]
        households = held[depth, 1] + problem.sums[unit, HOUSEHOLDS]
        invested = held[depth, 2] + problem.sums[unit, INVESTMENT]
        if spent >= best or households > problem.ceiling or invested > max_investment:
            continue
        if depth > 0 and _strangers(problem, root, unit, max_investment):
            continue
        if households >= problem.floor:
            best = spent
            continue
        visits += 1
        if visits > MOST_VISITS or last[depth] * 2 - first[depth] + 64 > len(open_):
            best = 1.0
            continue
        below = depth + 1
        held[below, 0], held[below, 1], held[below, 2] = spent, households, invested
        first[below] = last[depth]
        last[below] = last[depth]
        marked[below + 1] = marked[below]
        for k in range(first[depth], last[depth]):
            open_[last[below]] = open_[k]
            last[below] += 1
        for k in range(problem.start[unit], problem.start[unit + 1]):
            other = problem.neighbour[k]
            if touched[other] or last[below] == len(open_) or marked[below + 1] == len(fresh):
                continue
            touched[other] = True
            fresh[marked[below + 1]] = other
            marked[below + 1] += 1
            open_[last[below]] = other
            last[below] += 1
        depth = below
    return best

"""Proven best 片区 of a small component: all bundles that keep the limits, then the best cover by them.

Where there are too many bundles because no limit binds from above, and the aim is the most 片区, few are
enough: weights of the units that add up to 1 in every smallest bundle bound the number of bundles, and a
partition that comes up to a number leaves every bundle of it only so much weight.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse import csgraph

from geo.bundle_bounds import fewest_left
from geo.bundle_problem import (
    BREAKS,
    DIRECTIONS,
    FITS,
    HOUSEHOLDS,
    NARROWEST,
    Floats,
    Ints,
    Problem,
    exact_diameter_m,
    judge,
    support_width_m,
    terms_of,
)
from geo.compiled import compiled
from geo.connected_sets import MOST_UNITS, Patch, SetPool, connected_sets, cut_out, memberships
from geo.layered_cover import MOST_WITHIN, cover_in_layers
from geo.set_partition import best_partition, cover_weights, lightest_choice
from geo.small_components import MOST_SMALL, solve_small

__all__ = ["MOST_SETS", "Exact", "best_packing", "solve_exactly"]

Progress = Callable[[float], None]

# About half a second of enumeration; a component of 40 compounds of a city keeps well below.
MOST_SETS = 400_000
# How far below the bound of the number a partition is looked for with few sets.
MOST_STEPS = 4
MARGIN = 1e-6


class Exact(NamedTuple):
    """A partition proven best.

    Attributes
    ----------
    group : ndarray of int
        Number of the bundle by unit of the component, in the component's order, from 0.
    left, number, score : float
        What it comes to on the three levels of :mod:`geo.bundle_problem`.
    """

    group: Ints
    left: float
    number: float
    score: float


def solve_exactly(
    problem: Problem,
    component: Ints,
    *,
    most_sets: int = MOST_SETS,
    progress: Progress | None = None,
) -> Exact | None:
    """Find the best partition of a component and prove it.

    Parameters
    ----------
    problem : Problem
        Units, graph, limits, weights.
    component : ndarray of int
        Positions of the units of one component of the graph.
    most_sets : int
        Bundles to look at, at the most, in one go.
    progress
        Called with the share done; what it raises ends the work.

    Returns
    -------
    Exact or None
        None if the component has more than 64 units or too many possible bundles, or if branch and bound
        did not end within its count of nodes.
    """
    if not 0 < len(component) <= MOST_UNITS:
        return None
    if len(component) <= MOST_SMALL:
        slot, rows, _ = solve_small(problem, np.array([0, len(component)]), component)
        return _numbered(slot, rows[0])
    along = _along(problem, component)
    found = _solve(problem, component[along], most_sets=most_sets, progress=progress)
    if found is None:
        return None
    group = np.empty_like(found.group)
    group[along] = found.group
    return _numbered(group, np.array(found[1:]))


def _along(problem: Problem, component: Ints) -> Ints:
    """Order of the units from one end of the component to the other."""
    graph = sp.csr_array(
        (np.ones(len(problem.neighbour)), problem.neighbour, problem.start),
        shape=(problem.size, problem.size),
    )
    own = graph[component][:, component]
    order: Ints = csgraph.reverse_cuthill_mckee(sp.csr_array(own), symmetric_mode=True)
    return order.astype(np.int64)


def _solve(
    problem: Problem, component: Ints, *, most_sets: int, progress: Progress | None
) -> Exact | None:
    patch = cut_out(problem, component)
    if problem.aim < 0 < problem.floor:
        light = _by_few_sets(problem, component, patch, most_sets=most_sets, progress=progress)
        if light is not None:
            return light
    pool = connected_sets(problem, patch, most_sets=most_sets, progress=_part(progress, 0.0, 0.5))
    if pool is None:
        return None
    return _partition(pool, len(component), progress=_part(progress, 0.5, 1.0))


def best_packing(problem: Problem, pool: Sequence[Ints], count: int) -> list[int]:
    """Choose the best few bundles that share no unit.

    Parameters
    ----------
    problem : Problem
        Limits and weights.
    pool : sequence of ndarray of int
        Bundles by positions of units; only those that keep all limits and reach the floor are chosen.
    count : int
        How many; fewer if no more can lie side by side.

    Returns
    -------
    list of int
        Positions in `pool`: of all choices of so many bundles the one with the lowest sum of their scores
        per household.
    """
    every = np.arange(problem.size)
    member, states, levels = _judged(problem, pool, every)
    households = member @ problem.sums[:, HOUSEHOLDS]
    fit = np.flatnonzero((states == FITS) & (households > 0))
    cost = levels[fit, 2] / households[fit]
    reached = np.flatnonzero(np.diff(member[fit].T.tocsr().indptr))
    scale = max(float(cost.max()), 1e-12) if len(cost) else 1.0
    chosen = lightest_choice(sp.csr_array(member[fit][:, reached]), cost / scale, count)
    return [int(position) for position in fit[chosen]]


def _by_few_sets(
    problem: Problem,
    component: Ints,
    patch: Patch,
    *,
    most_sets: int,
    progress: Progress | None,
) -> Exact | None:
    """Aim most: look for a partition of so many bundles among those that leave weight for as many others."""
    size = len(component)
    smallest = connected_sets(problem, patch, most_sets=most_sets, minimal=True)
    if smallest is None:
        return None
    reach = smallest.levels[:, 1] < 0
    weight = cover_weights(memberships(smallest.words[reach], size))
    left = fewest_left(problem, component)
    bound = math.floor(weight.sum() + MARGIN)
    for step in range(min(MOST_STEPS, bound)):
        pool = connected_sets(
            problem,
            patch,
            most_sets=most_sets,
            most_left=left,
            weight=weight,
            budget=1 + weight.sum() - (bound - step) + MARGIN,
            progress=_part(progress, 0.0, 0.5),
        )
        found = None if pool is None else _partition(pool, size)
        if found is None:
            return None
        if found.left <= left and -found.number >= bound - step:
            return found
    return None


def _partition(pool: SetPool, size: int, *, progress: Progress | None = None) -> Exact | None:
    member = memberships(pool.words, size)
    chosen = cover_in_layers(pool, size)
    if chosen is None:

        def cover(sets: Ints, spent: Floats, budget: float) -> Ints | None:
            within = np.flatnonzero(spent <= budget)
            some = SetPool(pool.words[sets[within]], pool.levels[sets[within]])
            found = cover_in_layers(
                some, size, spent=spent[within], budget=budget, most_ways=MOST_WITHIN
            )
            return None if found is None else within[found]

        chosen = best_partition(member, pool.levels, cover=cover, progress=progress)
    return None if chosen is None else _exact(member[chosen], pool.levels[chosen])


def _exact(chosen: sp.csr_array, levels: Floats) -> Exact:
    bundle, unit = chosen.nonzero()
    group = np.empty(chosen.shape[1], dtype=np.int64)
    group[unit] = bundle
    return _numbered(group, levels.sum(axis=0))


def _numbered(group: Ints, levels: Floats) -> Exact:
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    group = np.argsort(np.argsort(first))[group]
    left, number, score = levels.tolist()
    return Exact(group.astype(np.int64), left, number, score)


def _judged(
    problem: Problem, sets: Sequence[Ints], component: Ints
) -> tuple[sp.csr_array, Ints, Floats]:
    """Memberships of given bundles, columns by unit of the component; their states and levels."""
    start = np.concatenate([[0], np.cumsum([len(bundle) for bundle in sets])]).astype(np.int64)
    units = np.concatenate([np.empty(0, dtype=np.int64), *sets]).astype(np.int64)
    states, levels = np.empty(len(sets), dtype=np.int64), np.empty((len(sets), 3))
    _judge_all(problem, start, units, states, levels)
    column = np.full(problem.size, -1)
    column[component] = np.arange(len(component))
    shape = len(sets), len(component)
    return sp.csr_array((np.ones(len(units)), column[units], start), shape=shape), states, levels


@compiled
def _judge_all(problem: Problem, start: Ints, units: Ints, states: Ints, levels: Floats) -> None:
    terms = terms_of(problem)
    for row in range(len(start) - 1):
        members = units[start[row] : start[row + 1]]
        sums = np.zeros(problem.sums.shape[1])
        support = np.full(DIRECTIONS, -np.inf)
        broken = False
        kinds = 0
        for a in range(len(members)):
            one = members[a]
            fresh = problem.subdistrict[one] >= 0
            for b in range(a):
                fresh = fresh and problem.subdistrict[one] != problem.subdistrict[members[b]]
                for k in range(problem.apart_start[one], problem.apart_start[one + 1]):
                    broken = broken or problem.apart[k] == members[b]
            kinds += fresh
            for k in range(len(sums)):
                sums[k] += problem.sums[one, k]
            for k in range(DIRECTIONS):
                support[k] = max(support[k], problem.support[one, k])
        width = support_width_m(support)
        if width <= problem.max_diameter < width / NARROWEST:
            width = exact_diameter_m(problem, members)
        state, left, number, score = judge(terms, sums, width, kinds)
        states[row] = BREAKS if broken else state
        levels[row, 0], levels[row, 1], levels[row, 2] = left, number, score


def _part(progress: Progress | None, low: float, high: float) -> Progress | None:
    if progress is None:
        return None
    told = progress
    return lambda share: told(low + (high - low) * share)

"""Search of proposals: prove small components, cut trees and re-cut them in the others, and vary the weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import recut, tree_cuts
from geo.bundle_bounds import bounds
from geo.bundle_problem import BALANCE, Floats, Ints, Problem
from geo.bundle_tables import bundle_costs, numbers_of
from geo.components import Components, components_of
from geo.exact_bundles import solve_exactly
from geo.small_components import MOST_SMALL, solve_small

__all__ = ["FIRST", "Solution", "alternatives", "distance", "solve"]

Progress = Callable[[float], None]

FIRST, AGAIN = "综合", "另一种分法"
# What a further proposal minds more than the planner has asked for, and how much.
_EMPHASES = (("更紧凑", "compact"), ("户数更均衡", "balanced"), ("资金更平衡", "money"))
_MORE = 6.0
# Two proposals differ visibly if the ends of so many pairs of neighbours are together in one of them only.
_VISIBLE = 0.05
# Other seeds that are tried for a further proposal.
_OTHER_SEEDS = 4
# Components with more units than the kernel for small ones takes: so many are given to the solver, with
# so many bundles to look at in all.
_MOST_SOLVED, _MOST_SETS = 40, 400_000
_FEWEST_SETS, _MOST_UNITS = 5_000, 64
# Share of the usual trees where they are re-cut afterwards.
_TREES = 0.25


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """A partition of the units and what is known about better ones.

    Attributes
    ----------
    slot : ndarray of int
        For each unit the number of its bundle; any numbers.
    levels, bound : ndarray of float, (3,)
        The three levels, and what no partition can be below, by the weights asked for.
    optimal : bool
        No partition is better.
    """

    slot: Ints
    levels: Floats
    bound: Floats
    optimal: bool


def alternatives(
    problem: Problem,
    *,
    proposals: int,
    seed: int,
    effort: float,
    progress: Progress | None = None,
) -> list[tuple[str, Solution]]:
    """Find up to so many partitions that differ visibly, the best by the objective first.

    Parameters
    ----------
    problem : Problem
        Units, none of which breaks a limit by itself.
    proposals : int
        How many.
    seed, effort, progress
        As for :func:`geo.bundling.propose`.

    Returns
    -------
    list of tuple
        What each minds most, and the partition.
    """
    components = components_of(problem)
    tries = _tries(problem, proposals)
    share = 1.0 / len(tries)
    found: list[tuple[str, Solution]] = []
    for k, (emphasis, varied, turn) in enumerate(tries):
        if len(found) >= proposals:
            break
        solution = solve(
            problem,
            components,
            varied=varied,
            seed=seed + 7919 * turn,
            effort=effort,
            progress=_part(progress, k * share, (k + 1) * share),
        )
        if all(distance(problem, solution.slot, other.slot) >= _VISIBLE for _, other in found):
            found.append((emphasis, solution))
        elif _is_better(solution, found[0][1]):
            found[0] = (FIRST, solution)
    if progress is not None:
        progress(1.0)
    return _best_first(found)


def _tries(problem: Problem, proposals: int) -> list[tuple[str, Problem, int]]:
    """Weights and seeds to try, one after the other."""
    tries = [(FIRST, problem, 0)]
    if proposals == 1:
        return tries
    for emphasis, weight in _EMPHASES:
        value = getattr(problem, weight)
        told = {"balanced": problem.target > 0, "money": bool((problem.sums[:, BALANCE] < 0).any())}
        if value > 0 and told.get(weight, True):
            tries.append((emphasis, problem._replace(**{weight: value * _MORE}), 0))
    return tries + [(AGAIN, problem, turn) for turn in range(1, _OTHER_SEEDS + 1)]


def _best_first(found: list[tuple[str, Solution]]) -> list[tuple[str, Solution]]:
    """Put the best first, as the overall one; the others keep their turn."""
    best = 0
    for k in range(1, len(found)):
        if _is_better(found[k][1], found[best][1]):
            best = k
    if best == 0:
        return found
    rest = [(AGAIN if emphasis == FIRST else emphasis, s) for emphasis, s in found]
    return [(FIRST, found[best][1]), *rest[:best], *rest[best + 1 :]]


def _is_better(one: Solution, other: Solution) -> bool:
    return (*one.levels[:2], round(one.levels[2], 12)) < (
        *other.levels[:2],
        round(other.levels[2], 12),
    )


def distance(problem: Problem, one: Ints, other: Ints) -> float:
    """Share of the pairs of neighbours that are together in one of two partitions only."""
    if not len(problem.neighbour):
        return 0.0
    owner = np.repeat(np.arange(problem.size), np.diff(problem.start))
    inside, also = (slot[owner] == slot[problem.neighbour] for slot in (one, other))
    return float((inside != also).mean())


def solve(
    problem: Problem,
    components: Components,
    *,
    varied: Problem | None = None,
    seed: int,
    effort: float,
    progress: Progress | None = None,
) -> Solution:
    """Partition all components of a problem.

    Parameters
    ----------
    problem : Problem
        Units, none of which breaks a limit by itself; its weights are those that are reported.
    components : Components
        Its connected components.
    varied : Problem, optional
        The same with the weights to search by.
    seed : int
        The same seed gives the same partition.
    effort : float
        Share of the usual work; 0 cuts trees and proves what is small, and no more.
    progress : callable, optional
        Told the share done; what it raises ends the search.
    """
    searched = problem if varied is None else varied
    slot = np.arange(problem.size)
    proven = _prove_small(searched, components, slot, _part(progress, 0.0, 0.05))
    if effort > 0:
        _prove_others(searched, components, (slot, proven), effort, _part(progress, 0.05, 0.4))
    open_ones = _only(components, ~proven)
    if len(open_ones.units):
        _search(
            searched, open_ones, slot, seed=seed, effort=effort, progress=_part(progress, 0.4, 1)
        )
    if searched is not problem:
        proven = np.diff(components.start) == 1
    return _told(problem, components, slot, proven)


def _prove_small(
    problem: Problem, components: Components, slot: Ints, progress: Progress | None
) -> NDArray[np.bool_]:
    """Solve all components of few units; tell which."""
    sizes = np.diff(components.start)
    small = sizes <= MOST_SMALL
    chosen = _only(components, small & (sizes > 1))
    proven = small.copy()
    if len(chosen.units):
        found, _, solved = solve_small(problem, chosen.start, chosen.units, progress=progress)
        done = np.repeat(solved, np.diff(chosen.start))
        slot[chosen.units[done]] = found[done]
        proven[small & (sizes > 1)] = solved
    return proven


def _prove_others(
    problem: Problem,
    components: Components,
    known: tuple[Ints, NDArray[np.bool_]],
    effort: float,
    progress: Progress | None,
) -> None:
    """Give the smaller of the other components to the solver."""
    slot, proven = known
    sizes = np.diff(components.start)
    waiting = np.flatnonzero(~proven & (sizes <= _MOST_UNITS))
    waiting = waiting[np.argsort(sizes[waiting], kind="stable")][: int(_MOST_SOLVED * effort)]
    sets = max(int(_MOST_SETS * effort) // max(len(waiting), 1), _FEWEST_SETS)
    for k, component in enumerate(waiting):
        units = components.units[components.start[component] : components.start[component + 1]]
        within = _part(progress, k / len(waiting), (k + 1) / len(waiting))
        exact = solve_exactly(problem, units, most_sets=sets, progress=within)
        if exact is not None:
            _, first = np.unique(exact.group, return_index=True)
            slot[units] = units[first][exact.group]
            proven[component] = True
        if within is not None:
            within(1.0)


def _search(
    problem: Problem,
    components: Components,
    slot: Ints,
    *,
    seed: int,
    effort: float,
    progress: Progress | None,
) -> None:
    """Cut trees, and re-cut them."""
    trees = _part(progress, 0.0, 0.1 if effort > 0 else 1.0)
    found = tree_cuts.search(problem, components, seed=seed, effort=_TREES, progress=trees)
    if effort > 0:
        found = recut.improve(
            problem, components, found, seed=seed, effort=effort, progress=_part(progress, 0.1, 1.0)
        )
    slot[components.units] = found[components.units]


def _told(
    problem: Problem, components: Components, slot: Ints, proven: NDArray[np.bool_]
) -> Solution:
    """Levels and bounds: what is reached where it is proven, what can be told elsewhere."""
    count = len(components.start) - 1
    of_unit = np.empty(problem.size, dtype=np.int64)
    of_unit[components.units] = np.repeat(np.arange(count), np.diff(components.start))
    number = numbers_of(slot)
    judged, _ = bundle_costs(problem, number)
    owner = np.empty(len(judged), dtype=np.int64)
    owner[number] = of_unit
    reached = np.zeros((count, 3))
    np.add.at(reached, owner, judged[:, 1:])
    rest = ~proven
    bound = reached.copy()
    if rest.any():
        numbered, rows = bounds(problem)
        at = np.empty(count, dtype=np.int64)
        at[of_unit] = numbered
        bound[rest] = np.minimum(rows[at[rest]], reached[rest])
    closed = (bound[:, :2] == reached[:, :2]).all(axis=1) & np.isclose(
        bound[:, 2], reached[:, 2], rtol=0, atol=1e-12
    )
    return Solution(
        slot=slot,
        levels=reached.sum(axis=0),
        bound=bound.sum(axis=0),
        optimal=bool((proven | closed).all()),
    )


def _only(components: Components, chosen: NDArray[np.bool_]) -> Components:
    """Take some of the components."""
    sizes = np.diff(components.start)
    start = np.concatenate([[0], np.cumsum(sizes[chosen])]).astype(np.int64)
    return Components(start, components.units[np.repeat(chosen, sizes)])


def _part(progress: Progress | None, low: float, high: float) -> Progress | None:
    """Progress of a step, as a part of the whole."""
    if progress is None:
        return None
    return lambda done: progress(low + (high - low) * done)

"""Search of one proposal: cut trees, re-cut them, prove what can be proven, component by component."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import recut, tree_cuts
from geo.bundle_problem import HOUSEHOLDS, Floats, Ints, Problem
from geo.components import Components, components_of

__all__ = ["Solution", "alternatives", "solve"]

Progress = Callable[[float], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """A partition of the units and what is known about better ones.

    Attributes
    ----------
    slot : ndarray of int
        For each unit the number of its bundle; any numbers.
    bound : ndarray of float, (components, 3)
        Lower bounds of the three levels in each component.
    proven : ndarray of bool
        Components whose bundles are the best there are.
    """

    slot: Ints
    bound: Floats
    proven: NDArray[np.bool_]


def alternatives(
    problem: Problem,
    *,
    proposals: int,
    seed: int,
    effort: float,
    progress: Progress | None = None,
) -> list[tuple[str, Solution]]:
    """Find up to so many partitions that differ visibly, the best by the objective first."""
    del proposals
    components = components_of(problem)
    return [("综合", solve(problem, components, seed=seed, effort=effort, progress=progress))]


def solve(
    problem: Problem,
    components: Components,
    *,
    seed: int,
    effort: float,
    progress: Progress | None = None,
) -> Solution:
    """Partition all components of a problem.

    Parameters
    ----------
    problem : Problem
        Units, none of which breaks a limit by itself.
    components : Components
        Its connected components.
    seed : int
        The same seed gives the same partition.
    effort : float
        Share of the usual work; 0 only cuts trees.
    progress : callable, optional
        Told the share done; what it raises ends the search.
    """
    slot = tree_cuts.search(
        problem, components, seed=seed, effort=0.25, progress=_part(progress, 0.0, 0.1)
    )
    if effort > 0:
        slot = recut.improve(
            problem, components, slot, seed=seed, effort=effort, progress=_part(progress, 0.1, 1.0)
        )
    bound = _quick_bounds(problem, components)
    single = np.diff(components.start) == 1
    return Solution(slot=slot, bound=bound, proven=single)


def _part(progress: Progress | None, low: float, high: float) -> Progress | None:
    """Progress of a step, as a part of the whole."""
    if progress is None:
        return None
    return lambda done: progress(low + (high - low) * done)


def _quick_bounds(problem: Problem, components: Components) -> Floats:
    """Bounds that need no search: all is left over below the floor; number by the sums."""
    count = len(components.start) - 1
    owner = np.repeat(np.arange(count), np.diff(components.start))
    households = problem.sums[components.units, HOUSEHOLDS]
    total = np.bincount(owner, weights=households, minlength=count)
    compounds = np.bincount(owner, weights=problem.sums[components.units, 0], minlength=count)
    bound = np.zeros((count, 3))
    bound[:, 0] = np.where(total < problem.floor, np.maximum(total, compounds), 0.0)
    if problem.aim < 0:
        capped = np.bincount(owner, weights=np.minimum(households, problem.floor), minlength=count)
        most = capped // problem.floor if problem.floor > 0 else np.diff(components.start)
        bound[:, 1] = np.where(total < problem.floor, 0.0, -most)
    elif problem.aim > 0:
        bound[:, 1] = np.maximum(np.ceil(total / problem.ceiling), 1.0)
    return bound

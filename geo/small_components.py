"""Best partition of every small component at once: a city cut by its roads has thousands of a few compounds.

A cover of the units that are still open is one set with the first of them and the best cover of the rest, so
all covers are compared by dynamic programming over sets of open units; no solver, a few microseconds each.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geo.bundle_problem import (
    INVESTMENT,
    Floats,
    Ints,
    Problem,
    exact_diameter_m,
)
from geo.compiled import compiled
from geo.connected_sets import Patch, grow_sets

if TYPE_CHECKING:
    from geo.connected_sets import Words

__all__ = ["MOST_SMALL", "solve_small"]

# Units of a small component: at most 2^14 sets of open units, less than a tenth of a second.
MOST_SMALL = 14
AT_ONCE = 100_000.0


def solve_small(
    problem: Problem,
    start: Ints,
    units: Ints,
    *,
    progress: Callable[[float], None] | None = None,
) -> tuple[Ints, Floats, NDArray[np.bool_]]:
    """Find the best partition of all components that are small enough.

    Parameters
    ----------
    problem : Problem
        Units, graph, limits, weights; every unit by itself keeps the limits.
    start, units : ndarray of int
        Components: ``units[start[c]:start[c + 1]]``.
    progress
        Called with the share done; what it raises ends the work.

    Returns
    -------
    tuple
        ``slot`` (like `units`): a unit of the bundle that a unit is in, −1 where it was not solved;
        ``levels`` (components, 3): what the partition comes to; ``solved`` (components,): proven best.
    """
    count = len(start) - 1
    slot = np.full(len(units), -1, dtype=np.int64)
    levels = np.zeros((count, 3))
    solved = np.diff(start) <= MOST_SMALL
    at = np.full(problem.size, -1, dtype=np.int64)
    # Parts of about the same work, so that progress is told in time.
    work = np.cumsum(2.0 ** np.minimum(np.diff(start), MOST_SMALL))
    ends = np.unique(np.searchsorted(work, np.arange(AT_ONCE, work[-1:].sum(), AT_ONCE)) + 1)
    for low, high in itertools.pairwise([0, *ends[ends < count].tolist(), count]):
        _solve_some(problem, start[low : high + 1], units, at, slot, levels[low:high])
        if progress is not None:
            progress(high / count)
    return slot, levels, solved


@compiled
def _solve_some(  # noqa: PLR0917 - machine code knows no keywords
    problem: Problem, start: Ints, units: Ints, at: Ints, slot: Ints, levels: Floats
) -> None:
    words = np.empty(1 << MOST_SMALL, dtype=np.uint64)
    costs = np.empty((1 << MOST_SMALL, 3))
    for row in range(len(start) - 1):
        members = units[start[row] : start[row + 1]]
        size = len(members)
        if 0 < size <= MOST_SMALL:
            for k in range(size):
                at[members[k]] = k
            patch = _patch(problem, members, at)
            counts = np.zeros(2, dtype=np.int64)
            first = np.zeros(size + 1, dtype=np.int64)
            free = np.zeros(size)
            for root in range(size):
                grow_sets(
                    problem, patch, root, free, math.inf, math.inf, False, words, costs, counts
                )
                first[root + 1] = counts[0]
            group = _best_cover(first, words, costs, levels[row])
            for k in range(size):
                slot[start[row] + k] = members[group[k]]


@compiled
def _patch(problem: Problem, members: Ints, at: Ints) -> Patch:
    """Cut a component out, as :func:`geo.connected_sets.cut_out` does."""
    size = len(members)
    one = np.uint64(1)
    adjacent = np.zeros(size, dtype=np.uint64)
    conflict = np.zeros(size, dtype=np.uint64)
    subdistrict = np.zeros(size, dtype=np.uint64)
    sums = np.empty((size, problem.sums.shape[1]))
    slack = 0.0
    limited = problem.max_diameter < math.inf
    pair = np.empty(2, dtype=np.int64)
    for a in range(size):
        unit = pair[0] = members[a]
        for column in range(sums.shape[1]):
            sums[a, column] = problem.sums[unit, column]
        slack += max(0.0, -sums[a, INVESTMENT])
        for k in range(problem.start[unit], problem.start[unit + 1]):
            adjacent[a] |= one << np.uint64(at[problem.neighbour[k]])
        for k in range(problem.apart_start[unit], problem.apart_start[unit + 1]):
            b = at[problem.apart[k]]
            if 0 <= b < size and members[b] == problem.apart[k]:
                conflict[a] |= one << np.uint64(b)
        first = a
        for b in range(a):
            if problem.subdistrict[members[b]] == problem.subdistrict[unit]:
                first = min(first, b)
            pair[1] = members[b]
            if limited and exact_diameter_m(problem, pair) > problem.max_diameter:
                conflict[a] |= one << np.uint64(b)
                conflict[b] |= one << np.uint64(a)
        if problem.subdistrict[unit] >= 0:
            subdistrict[a] = one << np.uint64(first)
    return Patch(adjacent, conflict, subdistrict, sums, slack)


@compiled
def _best_cover(first: Ints, words: Words, costs: Floats, total: Floats) -> Ints:
    """First unit of the bundle of each unit; `total` gets the three levels.

    Sets ``first[k]`` to ``first[k + 1]`` have unit ``k`` as their first.
    """
    size = len(first) - 1
    every = (1 << size) - 1
    # Best way to have covered all but these units, and the set it ended with.
    best = np.full((every + 1, 3), math.inf)
    came_by = np.full(every + 1, -1, dtype=np.int64)
    for level in range(3):
        best[every, level] = 0.0
    for still in range(every, 0, -1):
        if best[still, 0] == math.inf:
            continue
        root = 0
        while not (still >> root) & 1:
            root += 1
        for k in range(first[root], first[root + 1]):
            word = np.int64(words[k])
            if word & ~still == 0 and _less(best, still, int(still ^ word), costs, k):
                for level in range(3):
                    best[still ^ word, level] = best[still, level] + costs[k, level]
                came_by[still ^ word] = k
    for level in range(3):
        total[level] = best[0, level]
    return _groups(words, came_by, size)


@compiled
def _less(best: Floats, still: int, rest: int, costs: Floats, k: int) -> bool:
    """Whether one more set leads to a better way than the known one, the first level that differs deciding."""
    for level in range(3):
        figure = best[still, level] + costs[k, level]
        if figure != best[rest, level]:
            return bool(figure < best[rest, level])
    return False


@compiled
def _groups(words: Words, came_by: Ints, size: int) -> Ints:
    """Go back along the sets of the best cover."""
    group = np.empty(size, dtype=np.int64)
    covered = 0
    while covered != (1 << size) - 1:
        word = int(words[came_by[covered]])
        root = -1
        for k in range(size):
            if (word >> k) & 1:
                if root < 0:
                    root = k
                group[k] = root
        covered |= word
    return group

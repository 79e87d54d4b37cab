"""Connected components of the graph of a problem."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.bundle_problem import Ints, Problem
from geo.compiled import compiled

__all__ = ["Components", "components_of"]


class Components(NamedTuple):
    """Connected components: unit ``units[start[c]:start[c + 1]]`` of each, all in rising order."""

    start: Ints
    units: Ints


def components_of(problem: Problem) -> Components:
    """Find the connected components of the graph, in the order of their first units."""
    label = np.full(problem.size, -1, dtype=np.int64)
    count = _label(problem, label, np.empty(problem.size, dtype=np.int64))
    start = np.concatenate([[0], np.cumsum(np.bincount(label, minlength=count))])
    return Components(start.astype(np.int64), np.argsort(label, kind="stable").astype(np.int64))


@compiled
def _label(problem: Problem, label: Ints, stack: Ints) -> int:
    count = 0
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

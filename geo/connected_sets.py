"""Every connected set of units that keeps the limits, each once, for components of at most 64 units.

A set is one machine word. Limits that only tighten as a set grows cut the enumeration short: households and
investment against their ceilings, pairs of units too far apart (a diameter is a property of pairs) or not to
be together, and where given a budget of weights. Each set is reached by one way only: the smallest unit is
the root, and a neighbour that was passed over once is never taken further down (Wernicke 2006,
doi:10.1109/TCBB.2006.51).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from geo.bundle_problem import (
    BREAKS,
    HOUSEHOLDS,
    INVESTMENT,
    NARROWEST,
    Floats,
    Ints,
    Problem,
    exact_diameter_m,
    judge,
    terms_of,
)
from geo.compiled import compiled

__all__ = [
    "MOST_UNITS",
    "Patch",
    "SetPool",
    "connected_sets",
    "cut_out",
    "grow_sets",
    "memberships",
]

MOST_UNITS = 64
Words = NDArray[np.uint64]
_ONE = np.uint64(1)


class Patch(NamedTuple):
    """A component by itself: sets of its units as words, unit ``k`` being bit ``k``.

    Attributes
    ----------
    adjacent, conflict : ndarray of uint64, (n,)
        Neighbours of a unit; units that can be in no bundle with it.
    subdistrict : ndarray of uint64, (n,)
        One bit for each known subdistrict; 0 unknown.
    sums : ndarray of float, (n, 8)
        Rows of :data:`geo.bundle_problem.COLUMNS`.
    slack : float
        What investments below 0 may still take off a set.
    """

    adjacent: Words
    conflict: Words
    subdistrict: Words
    sums: Floats
    slack: float


class SetPool(NamedTuple):
    """Sets as words, and beside each what it adds to the three levels of the objective."""

    words: Words
    levels: Floats


def cut_out(problem: Problem, component: Ints) -> Patch:
    """Cut a component of at most :data:`MOST_UNITS` units out of a problem, its units in the order given."""
    sums = np.ascontiguousarray(problem.sums[component])
    _, code = np.unique(problem.subdistrict[component], return_inverse=True)
    known = problem.subdistrict[component] >= 0
    bits = np.left_shift(_ONE, np.arange(MOST_UNITS, dtype=np.uint64))
    return Patch(
        adjacent=_words(problem.start, problem.neighbour, component),
        conflict=_words(problem.apart_start, problem.apart, component)
        | _too_far(problem, component),
        subdistrict=np.where(known, bits[code], np.uint64(0)),
        sums=sums,
        slack=float(-np.minimum(sums[:, INVESTMENT], 0).sum()),
    )


def connected_sets(
    problem: Problem,
    patch: Patch,
    *,
    most_sets: int,
    most_left: float = math.inf,
    weight: Floats | None = None,
    budget: float = math.inf,
    minimal: bool = False,
    progress: Callable[[float], None] | None = None,
) -> SetPool | None:
    """Enumerate the connected sets of a component that break no limit.

    Parameters
    ----------
    problem, patch
        Limits, and the component.
    most_sets : int
        Sets to visit at the most.
    most_left : float
        Sets that leave more households over are not listed, single units apart.
    weight, budget
        Sets whose weights (0 or more, by unit) sum up to more than the budget are not listed.
    minimal : bool
        Do not grow sets that reach the floor: lists every set that is as small as it can be, and some more.
    progress
        Called with the share of roots done.

    Returns
    -------
    SetPool or None
        None if there are too many.
    """
    size = len(patch.sums)
    words = np.empty(most_sets, dtype=np.uint64)
    levels = np.empty((most_sets, 3))
    counts = np.zeros(2, dtype=np.int64)
    for root in range(size):
        grow_sets(
            problem,
            patch,
            root,
            np.zeros(size) if weight is None else weight,
            budget,
            most_left,
            minimal,
            words,
            levels,
            counts,
        )
        if counts[1] > most_sets:
            return None
        if progress is not None:
            progress((root + 1) / size)
    kept = int(counts[0])
    return SetPool(words[:kept].copy(), levels[:kept].copy())


def memberships(words: Words, size: int) -> sp.csr_array:
    """Rows: sets; columns: units; 1 where the unit is in the set."""
    bits = np.unpackbits(words.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")[:, :size]
    return sp.csr_array(bits.astype(float))


def _words(start: Ints, other: Ints, component: Ints) -> Words:
    """Rows of a graph as words, for the units of a component."""
    at = {int(unit): np.left_shift(_ONE, np.uint64(k)) for k, unit in enumerate(component)}
    words = np.zeros(len(component), dtype=np.uint64)
    for k, unit in enumerate(component):
        for neighbour in other[start[unit] : start[unit + 1]].tolist():
            words[k] |= at.get(neighbour, np.uint64(0))
    return words


def _too_far(problem: Problem, component: Ints) -> Words:
    """Units that no bundle within the largest diameter can hold together."""
    words = np.zeros(len(component), dtype=np.uint64)
    if math.isinf(problem.max_diameter):
        return words
    reach = problem.support[component]
    both = np.maximum(reach[:, None], reach[None])
    half = both.shape[2] // 2
    width = (both[:, :, :half] + both[:, :, half:]).max(axis=2)
    for a, b in np.argwhere(np.triu(width > problem.max_diameter * NARROWEST, 1)).tolist():
        wide = width[a, b] > problem.max_diameter
        if wide or exact_diameter_m(problem, component[[a, b]]) > problem.max_diameter:
            words[a] |= np.left_shift(_ONE, np.uint64(b))
            words[b] |= np.left_shift(_ONE, np.uint64(a))
    return words


@compiled
def grow_sets(  # noqa: PLR0915, PLR0917 - one loop: calls would hand all arrays over for each set
    problem: Problem,
    patch: Patch,
    root: int,
    weight: Floats,
    budget: float,
    most_left: float,
    minimal: bool,
    words: Words,
    levels: Floats,
    counts: Ints,
) -> None:
    """List the sets whose smallest unit is `root`; `counts`: listed, visited (more than there is room: stopped)."""
    terms = terms_of(problem)
    size = len(patch.sums)
    one = np.uint64(1)
    none = np.uint64(0)
    inside = np.zeros(size + 1, dtype=np.uint64)
    passed = np.zeros(size + 1, dtype=np.uint64)
    open_ = np.zeros(size + 1, dtype=np.uint64)
    barred = np.zeros(size + 1, dtype=np.uint64)
    seen = np.zeros(size + 1, dtype=np.uint64)
    kinds = np.zeros(size + 1, dtype=np.int64)
    spent = np.zeros(size + 1)
    sums = np.zeros((size + 1, patch.sums.shape[1]))
    # Level 0 is the empty set: only the root is open to it, and the roots before are passed over.
    passed[0] = (one << np.uint64(root)) - one
    open_[0] = one << np.uint64(root)
    depth = 0
    while depth >= 0:
        if open_[depth] == none:
            depth -= 1
            continue
        bit = open_[depth] & (~open_[depth] + one)
        unit = math.frexp(float(bit))[1] - 1
        open_[depth] ^= bit
        passed[depth] |= bit
        below = depth + 1
        spent[below] = spent[depth] + weight[unit]
        for k in range(sums.shape[1]):
            sums[below, k] = sums[depth, k] + patch.sums[unit, k]
        if (
            spent[below] > budget
            or sums[below, HOUSEHOLDS] > problem.ceiling
            or sums[below, INVESTMENT] - patch.slack > problem.max_investment
        ):
            continue
        counts[1] += 1
        if counts[1] > len(words):
            return
        inside[below] = inside[depth] | bit
        barred[below] = barred[depth] | patch.conflict[unit]
        passed[below] = passed[depth]
        seen[below] = seen[depth] | patch.subdistrict[unit]
        kinds[below] = kinds[depth] + (seen[below] != seen[depth])
        state, left, number, score = judge(terms, sums[below], 0.0, kinds[below])
        if state != BREAKS and (left <= most_left or depth == 0):
            words[counts[0]] = inside[below]
            levels[counts[0], 0] = left
            levels[counts[0], 1] = number
            levels[counts[0], 2] = score
            counts[0] += 1
        open_[below] = none
        if not (minimal and sums[below, HOUSEHOLDS] >= problem.floor):
            open_[below] = (open_[depth] | patch.adjacent[unit]) & ~(
                passed[below] | inside[below] | barred[below]
            )
        depth = below

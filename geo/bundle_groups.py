"""Groups of units while trees are cut: lists and loads that merge; and random numbers for all searches.

For compiled loops. A group is a slot with a linked list of its units; slot numbers are positions of units,
so that there are always enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.bundle_problem import (
    COMPOUNDS,
    DIRECTIONS,
    HOUSEHOLDS,
    INVESTMENT,
    NARROWEST,
    Floats,
    Ints,
    Problem,
    judge,
    terms_of,
)
from geo.compiled import lean

__all__ = [
    "Groups",
    "Seeds",
    "draw",
    "empty_groups",
    "found",
    "hard_cost",
    "is_less",
    "joins",
    "merge",
    "seeded",
    "soft_cost",
]

Seeds = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 1.0 / (1 << 53)


class Groups(NamedTuple):
    """Slots and lists.

    Attributes
    ----------
    first, last : ndarray of int, (slots,)
        Ends of the list of each slot; ``first`` is −1 where the slot is empty.
    after : ndarray of int, (units,)
        Next unit of the same list, −1 at its end.
    slot : ndarray of int, (units,)
        Slot of each unit; lags behind while a tree is cut.
    load, cost : ndarray of float, (slots,)
        Households and investment.
    support : ndarray of float, (slots, DIRECTIONS)
        Largest reach of the units; kept only where there is a limit of the diameter.
    seen : ndarray of int, (subdistricts + 1,)
        Slot that was counted last in a subdistrict.
    sums : ndarray of float, (8,)
        Room for the sums of one group.
    """

    first: Ints
    last: Ints
    after: Ints
    slot: Ints
    load: Floats
    cost: Floats
    support: Floats
    seen: Ints
    sums: Floats


def empty_groups(problem: Problem) -> Groups:
    """Room for the groups of a problem."""
    size = problem.size
    codes = int(problem.subdistrict.max()) + 1 if size else 0
    return Groups(
        first=np.full(size, -1, dtype=np.int64),
        last=np.full(size, -1, dtype=np.int64),
        after=np.full(size, -1, dtype=np.int64),
        slot=np.full(size, -1, dtype=np.int64),
        load=np.zeros(size),
        cost=np.zeros(size),
        support=np.zeros((size if problem.max_diameter < np.inf else 0, DIRECTIONS)),
        seen=np.full(codes + 1, -1, dtype=np.int64),
        sums=np.zeros(problem.sums.shape[1]),
    )


@lean
def seeded(state: Seeds, seed: int, stream: int, turn: int) -> None:
    """Start the random numbers of one turn of one stream (a component, by its first unit)."""
    state[0] = np.uint64(seed)
    for part in (stream, turn):
        state[0] ^= np.uint64(part + 1) * _MIX_2
        draw(state)
        state[0] *= _MIX_1


@lean
def draw(state: Seeds) -> float:
    """Next random number, 0 up to but not 1 (splitmix64: Steele, Lea and Flood 2014)."""
    state[0] += _STEP
    z = state[0]
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    z ^= z >> _S31
    return np.float64(z >> _S11) * _UNIT


@lean
def found(problem: Problem, groups: Groups, unit: int) -> None:
    """Put a unit by itself into the slot of its own number."""
    groups.first[unit] = groups.last[unit] = groups.slot[unit] = unit
    groups.after[unit] = -1
    groups.load[unit] = problem.sums[unit, HOUSEHOLDS]
    groups.cost[unit] = problem.sums[unit, INVESTMENT]
    if len(groups.support):
        for k in range(groups.support.shape[1]):
            groups.support[unit, k] = problem.support[unit, k]


@lean
def joins(problem: Problem, groups: Groups, one: int, other: int) -> bool:
    """Tell whether two groups together keep the limits, the floor left aside."""
    if (
        groups.load[one] + groups.load[other] > problem.ceiling
        or groups.cost[one] + groups.cost[other] > problem.max_investment
    ):
        return False
    if len(groups.support) and _too_wide(problem, groups, one, other):
        return False
    return len(problem.apart) == 0 or not _quarrel(problem, groups, one, other)


@lean
def _too_wide(problem: Problem, groups: Groups, one: int, other: int) -> bool:
    a, b = groups.support[one], groups.support[other]
    half = len(a) // 2
    width = 0.0
    for k in range(half):
        width = max(width, max(a[k], b[k]) + max(a[k + half], b[k + half]))
    if width > problem.max_diameter:
        return True
    return width > problem.max_diameter * NARROWEST and _reaches(problem, groups, one, other)


@lean
def _reaches(problem: Problem, groups: Groups, one: int, other: int) -> bool:
    """Tell whether a corner of one group lies farther from one of the other than the limit."""
    most = problem.max_diameter**2
    unit = groups.first[one]
    while unit >= 0:
        partner = groups.first[other]
        while partner >= 0:
            for i in range(problem.hull_start[unit], problem.hull_start[unit + 1]):
                for j in range(problem.hull_start[partner], problem.hull_start[partner + 1]):
                    dx = problem.hull[i, 0] - problem.hull[j, 0]
                    dy = problem.hull[i, 1] - problem.hull[j, 1]
                    if dx * dx + dy * dy > most:
                        return True
            partner = groups.after[partner]
        unit = groups.after[unit]
    return False


@lean
def _quarrel(problem: Problem, groups: Groups, one: int, other: int) -> bool:
    """Tell whether a unit of one group may not be with one of the other."""
    unit = groups.first[one]
    while unit >= 0:
        for k in range(problem.apart_start[unit], problem.apart_start[unit + 1]):
            partner = groups.first[other]
            while partner >= 0:
                if partner == problem.apart[k]:
                    return True
                partner = groups.after[partner]
        unit = groups.after[unit]
    return False


@lean
def merge(groups: Groups, one: int, host: int) -> None:
    """Move all units of one group to another; `slot` of the units is left as it was."""
    groups.after[groups.last[host]] = groups.first[one]
    groups.last[host] = groups.last[one]
    groups.first[one] = -1
    groups.load[host] += groups.load[one]
    groups.cost[host] += groups.cost[one]
    if len(groups.support):
        for k in range(groups.support.shape[1]):
            groups.support[host, k] = max(groups.support[host, k], groups.support[one, k])


@lean
def hard_cost(problem: Problem, groups: Groups, members: Ints) -> tuple[float, float]:
    """First two levels of the groups whose slots are among `members`, none of which breaks a limit."""
    floor, aim = problem.floor, problem.aim
    left, count, full = 0.0, 0, 0
    for slot in members:
        if groups.first[slot] < 0:
            continue
        count += 1
        if groups.load[slot] >= floor:
            full += 1
            continue
        compounds = 0.0
        unit = groups.first[slot]
        while unit >= 0:
            compounds += problem.sums[unit, COMPOUNDS]
            unit = groups.after[unit]
        left += max(groups.load[slot], compounds)
    number = 0.0
    if aim > 0:
        number = float(count)
    elif aim < 0:
        number = -float(full)
    return left, number


@lean
def soft_cost(problem: Problem, groups: Groups, members: Ints) -> float:
    """Third level of the same groups."""
    terms = terms_of(problem)
    sums = groups.sums
    soft = 0.0
    for slot in members:
        if groups.first[slot] < 0:
            continue
        for column in range(len(sums)):
            sums[column] = 0.0
        unit = groups.first[slot]
        while unit >= 0:
            for column in range(len(sums)):
                sums[column] += problem.sums[unit, column]
            unit = groups.after[unit]
        extra = 0
        if terms.split > 0.0:
            extra = _subdistricts(problem, groups, slot)
        soft += judge(terms, sums, 0.0, extra)[3]
    return soft


@lean
def _subdistricts(problem: Problem, groups: Groups, slot: int) -> int:
    count = 0
    unit = groups.first[slot]
    while unit >= 0:
        code = problem.subdistrict[unit]
        if code >= 0 and groups.seen[code] != slot:
            groups.seen[code] = slot
            count += 1
        unit = groups.after[unit]
    unit = groups.first[slot]
    while unit >= 0:
        if problem.subdistrict[unit] >= 0:
            groups.seen[problem.subdistrict[unit]] = -1
        unit = groups.after[unit]
    return count


@lean
def is_less(one: Floats, other: Floats) -> bool:
    """Compare level by level; noise in the sums of the third does not count."""
    if one[0] != other[0]:
        return bool(one[0] < other[0])
    if one[1] != other[1]:
        return bool(one[1] < other[1])
    return bool(one[2] < other[2] - 1e-12)

"""The best cover of every unit once, by what is still open: for pools that keep near to each other.

The first open unit is covered by one of its sets; ways that leave the same units open are one, of which the
best is kept. Numbered along the component, units are covered from one end to the other and few different rests
come up, so that towns of 40 compounds take milliseconds where a solver takes a second. Where there are too many,
nothing is said.
"""

from __future__ import annotations

import math

import numpy as np

from geo.bundle_problem import Floats, Ints
from geo.compiled import compiled
from geo.connected_sets import SetPool, Words

__all__ = ["MOST_WITHIN", "cover_in_layers"]

# Ways that are written down, of 64 bytes each: at first, and where a budget keeps most of them out.
MOST_WAYS = 400_000
MOST_WITHIN = 2_000_000


def cover_in_layers(
    pool: SetPool,
    size: int,
    *,
    spent: Floats | None = None,
    budget: float = math.inf,
    most_ways: int = MOST_WAYS,
) -> Ints | None:
    """Choose sets that hold every unit exactly once, lowest level by level.

    Parameters
    ----------
    pool : SetPool
        Sets, in the order of their smallest units; every unit by itself is among them.
    size : int
        Number of units.
    spent, budget
        What each set takes of a budget: covers that take more are passed over.
    most_ways : int
        Ways to compare, at the most.

    Returns
    -------
    ndarray of int or None
        Sets chosen, in ascending order, none if there is no cover; None if there are more ways.
    """
    takes = np.zeros(len(pool.words)) if spent is None else np.maximum(spent, 0.0)
    lowest = pool.words & (~pool.words + np.uint64(1))
    root = np.frexp(lowest.astype(float))[1] - 1
    first = np.searchsorted(root, np.arange(size + 1)).astype(np.int64)
    levels = np.column_stack([pool.levels, takes])
    ended, chosen = _cover(first, pool.words, levels, budget, most_ways)
    return np.sort(chosen) if ended else None


@compiled
def _cover(
    first: Ints, words: Words, levels: Floats, budget: float, most_ways: int
) -> tuple[bool, Ints]:
    """Whether there was room for all ways, and the sets chosen."""
    size = len(first) - 1
    one = np.uint64(1)
    open_ = np.empty(most_ways, dtype=np.uint64)
    costs = np.empty((most_ways, 4))
    # What each way came from, the set it ended with, and the next of those with the same first open unit.
    links = np.empty((most_ways, 3), dtype=np.int64)
    heads = np.full(size + 1, -1, dtype=np.int64)
    open_[0] = ~np.uint64(0) >> np.uint64(64 - size)
    for level in range(4):
        costs[0, level] = 0.0
    links[0, 0] = links[0, 1] = links[0, 2] = -1
    heads[0] = 0
    ways = 1
    for root in range(size):
        for way in _best_of_same(open_, costs, links, heads[root]):
            for k in range(first[root], first[root + 1]):
                if words[k] & ~open_[way] or costs[way, 3] + levels[k, 3] > budget:
                    continue
                if ways == most_ways:
                    return False, np.empty(0, dtype=np.int64)
                rest = open_[way] ^ words[k]
                at = size
                if rest:
                    at = math.frexp(float(rest & (~rest + one)))[1] - 1
                open_[ways] = rest
                for level in range(4):
                    costs[ways, level] = costs[way, level] + levels[k, level]
                links[ways, 0], links[ways, 1], links[ways, 2] = way, k, heads[at]
                heads[at] = ways
                ways += 1
    if heads[size] < 0:
        return True, np.empty(0, dtype=np.int64)
    return True, _back(links, _best_of_same(open_, costs, links, heads[size])[0])


@compiled
def _best_of_same(open_: Words, costs: Floats, links: Ints, head: int) -> Ints:
    """Best way of those in a list that leave the same units open."""
    count = 0
    way = head
    while way >= 0:
        count += 1
        way = links[way, 2]
    listed = np.empty(count, dtype=np.int64)
    rests = np.empty(count, dtype=np.uint64)
    way = head
    for k in range(count):
        listed[k], rests[k] = way, open_[way]
        way = links[way, 2]
    kept = 0
    best = np.empty(count, dtype=np.int64)
    for k in np.argsort(rests):
        way = listed[k]
        if kept and open_[best[kept - 1]] == rests[k]:
            if _below(costs, way, best[kept - 1]):
                best[kept - 1] = way
        else:
            best[kept] = way
            kept += 1
    return best[:kept]


@compiled
def _below(costs: Floats, one: int, other: int) -> bool:
    for level in range(3):
        if costs[one, level] != costs[other, level]:
            return bool(costs[one, level] < costs[other, level])
    return one < other


@compiled
def _back(links: Ints, way: int) -> Ints:
    """Go back along a way, from set to set."""
    chosen = np.empty(64, dtype=np.int64)
    count = 0
    while links[way, 0] >= 0:
        chosen[count] = links[way, 1]
        count += 1
        way = links[way, 0]
    return chosen[:count]

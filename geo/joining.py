"""Parts of a 片区 that do not lie together, and the shortest chain of compounds that would join them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse import csgraph

from geo.adjacency import sorted_positions

__all__ = ["Chain", "part_labels", "parts", "shortest_chain"]

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

# A link costs this per metre of its gap: it decides between chains of the same compounds only, for all
# links of a chain together stay below the smallest difference between costs that callers give.
GAP_COST_PER_M = 1e-6
LEAST_COST = 1e-9


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Compounds that join the parts of a 片区.

    Attributes
    ----------
    steps : tuple
        Labels of the compounds to take in, sorted; empty if nothing can be joined.
    parts : int
        Parts that there are.
    left : int
        Parts that there would be: 1 if the chain joins all of them.
    gap_m : float
        Gaps to cross along the chain, in metres.
    """

    steps: tuple[Hashable, ...]
    parts: int
    left: int
    gap_m: float


def part_labels(labels: pd.Series[Any], pairs: pd.DataFrame) -> pd.Series[int]:
    """Give each compound the number of its connected part of the 片区: 0 is the part with most compounds.

    Parameters
    ----------
    labels : Series
        片区 by compound; missing for 未分组.
    pairs : DataFrame
        Neighbours with ``i`` and ``j``; labels that are not in `labels` are passed over.

    Returns
    -------
    Series
        Number of the part within its 片区, by compound in the order of `labels` without the missing, name
        ``part``. Of parts of equal size the one with the first label comes first.

    Examples
    --------
    >>> pairs = pd.DataFrame({"i": ["甲"], "j": ["乙"]})
    >>> part_labels(pd.Series({"丙": 1, "甲": 1, "乙": 1, "丁": None}), pairs).to_dict()
    {'丙': 1, '甲': 0, '乙': 0}
    """
    grouped = labels.dropna()
    codes, _ = pd.factorize(grouped)
    first, second, _ = _positions(grouped.index, pairs)
    same = codes[first] == codes[second]
    count, part = _components(len(grouped), first[same], second[same])
    # First label of each part, in sorted order, breaks ties between parts of equal size.
    rank = np.empty(len(grouped), dtype=np.intp)
    rank[sorted_positions(grouped.index)] = np.arange(len(grouped))
    earliest = np.full(count, len(grouped), dtype=np.intp)
    np.minimum.at(earliest, part, rank)
    size = np.bincount(part, minlength=count)
    of_part = np.zeros(count, dtype=np.intp)
    of_part[part] = codes
    order = np.lexsort((earliest, -size, of_part))
    place = np.empty(count, dtype=np.intp)
    place[order] = np.arange(count)
    start = np.searchsorted(of_part[order], of_part)
    return pd.Series((place - start)[part], index=grouped.index, name="part")


def parts(labels: pd.Series[Any], pairs: pd.DataFrame) -> pd.Series[int]:
    """Count the connected parts of each 片区: 1 is 连片, more are allowed and to be flagged (柳州 五(一)).

    Parameters
    ----------
    labels : Series
        片区 by compound; missing for 未分组.
    pairs : DataFrame
        Neighbours with ``i`` and ``j``.

    Returns
    -------
    Series
        Number of parts, indexed by 片区 (sorted), name ``parts``.

    Examples
    --------
    >>> pairs = pd.DataFrame({"i": ["甲"], "j": ["乙"]})
    >>> parts(pd.Series({"甲": 1, "乙": 1, "丙": 1, "丁": 2}), pairs).to_dict()
    {1: 2, 2: 1}
    """
    grouped = labels.dropna()
    codes, numbers = pd.factorize(grouped, sort=True)
    first, second, _ = _positions(grouped.index, pairs)
    same = codes[first] == codes[second]
    count, part = _components(len(grouped), first[same], second[same])
    of_part = np.zeros(count, dtype=np.intp)
    of_part[part] = codes
    return pd.Series(
        np.bincount(of_part, minlength=len(numbers)), index=pd.Index(numbers), name="parts"
    )


def shortest_chain(members: pd.Index[Any], pairs: pd.DataFrame, costs: pd.Series[Any]) -> Chain:
    """Find the cheapest compounds that join the parts of a 片区 over the neighbour graph.

    Paths are weighted by the compounds on them: half of a compound's cost lies on each of its links, so
    that a path between two parts costs what its compounds cost. One search from all members at once gives
    each compound the nearest part and the way to it; links between the regions of two parts are the
    candidates, and a shortest spanning tree of the parts takes its links from them (Mehlhorn 1988,
    doi:10.1016/0020-0190(88)90066-X). Of two parts the chain is the cheapest there is; of more it is a
    good one, from which every compound that is not needed has been taken out again.

    Parameters
    ----------
    members : Index
        Labels of the compounds of the 片区.
    pairs : DataFrame
        Neighbours with ``i``, ``j`` and ``gap_m``.
    costs : Series
        Cost of taking a compound in, above 0, by label; compounds that are not in it, or whose cost is
        missing, are never taken.

    Returns
    -------
    Chain

    Examples
    --------
    >>> pairs = pd.DataFrame({"i": ["甲", "乙", "甲"], "j": ["乙", "丙", "丁"], "gap_m": [5.0, 8.0, 0.0]})
    >>> shortest_chain(pd.Index(["甲", "丙"]), pairs, pd.Series({"乙": 1.0, "丁": 1.0})).steps
    ('乙',)
    """
    usable = costs[~costs.index.isin(members)].dropna()
    labels = pd.Index(members).append(usable.index)
    labels = labels[sorted_positions(labels)]
    cost = usable.reindex(labels).fillna(0.0).to_numpy(dtype=float)
    first, second, known = _positions(labels, pairs)
    gap = pairs["gap_m"].to_numpy(dtype=float)[known]
    first, second, gap = _once(first, second, gap)
    inside = labels.isin(members)
    within = inside[first] & inside[second]
    _, part = _components(len(labels), first[within], second[within])
    numbers = np.unique(part[inside])
    if len(numbers) < 2:
        return Chain(steps=(), parts=len(numbers), left=len(numbers), gap_m=0.0)
    weight = np.maximum((cost[first] + cost[second]) / 2 + gap * GAP_COST_PER_M, LEAST_COST)
    graph = _graph(len(labels), first, second, weight)
    taken = _tree_between(graph, inside, part, numbers, (first, second, weight))
    taken = _needed(taken, cost, first, second, inside)
    chosen = inside | taken
    kept = chosen[first] & chosen[second]
    _, after = _components(len(labels), first[kept], second[kept])
    across = kept & (taken[first] | taken[second])
    return Chain(
        steps=tuple(labels[np.flatnonzero(taken)]),
        parts=len(numbers),
        left=len(np.unique(after[inside])),
        gap_m=_linking_gap_m(len(labels), part, first[across], second[across], gap[across]),
    )


def _tree_between(
    graph: sp.csr_array,
    inside: NDArray[np.bool_],
    part: Ints,
    numbers: Ints,
    links: tuple[Ints, Ints, Floats],
) -> NDArray[np.bool_]:
    """Compounds on the ways of a shortest spanning tree of the parts."""
    first, second, weight = links
    sources = np.flatnonzero(inside)
    far, before, nearest = csgraph.dijkstra(
        graph, directed=False, indices=sources, return_predecessors=True, min_only=True
    )
    reached = np.isfinite(far)
    region = np.full(len(far), -1, dtype=np.intp)
    region[reached] = np.searchsorted(numbers, part[nearest[reached]])
    crossing = (region[first] != region[second]) & (region[first] >= 0) & (region[second] >= 0)
    a, b = first[crossing], second[crossing]
    length = far[a] + far[b] + weight[crossing]
    low, high = np.minimum(region[a], region[b]), np.maximum(region[a], region[b])
    order = np.lexsort((b, a, length, high, low))
    low, high, a, b, length = low[order], high[order], a[order], b[order], length[order]
    best = np.ones(len(low), dtype=bool)
    best[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    low, high, a, b, length = low[best], high[best], a[best], b[best], length[best]
    chosen = _spanning(len(numbers), low, high, length)
    taken = np.zeros(len(far), dtype=bool)
    for end in np.concatenate([a[chosen], b[chosen]]):
        at = int(end)
        while at >= 0 and not inside[at]:
            taken[at] = True
            at = int(before[at])
    return taken


def _spanning(size: int, low: Ints, high: Ints, length: Floats) -> Ints:
    """Positions of the links of a shortest spanning forest."""
    if not len(low):
        return np.empty(0, dtype=np.intp)
    place = sp.csr_array((np.arange(1, len(low) + 1), (low, high)), shape=(size, size))
    links = sp.csr_array((length, (low, high)), shape=(size, size))
    tree = csgraph.minimum_spanning_tree(links).tocoo()
    return np.asarray(place[tree.row, tree.col]).ravel().astype(np.intp) - 1


def _needed(
    taken: NDArray[np.bool_], cost: Floats, first: Ints, second: Ints, inside: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Leave out, the dearest first, what the parts hang together without."""

    def pieces(chosen: NDArray[np.bool_]) -> int:
        kept = chosen[first] & chosen[second]
        _, part = _components(len(chosen), first[kept], second[kept])
        return len(np.unique(part[inside]))

    kept = taken.copy()
    least = pieces(inside | kept)
    steps = np.flatnonzero(taken)
    for step in steps[np.argsort(-cost[steps], kind="stable")]:
        kept[step] = False
        if pieces(inside | kept) > least:
            kept[step] = True
    return kept


def _linking_gap_m(size: int, part: Ints, first: Ints, second: Ints, gap: Floats) -> float:
    """Gaps along the shortest tree that links the parts and what was taken, in metres."""
    if not len(first):
        return 0.0
    a, b = part[first], part[second]
    between = a != b
    a, b, gap = a[between], b[between], gap[between]
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((gap, high, low))
    low, high, gap = low[order], high[order], gap[order]
    fresh = np.ones(len(low), dtype=bool)
    fresh[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    chosen = _spanning(size, low[fresh], high[fresh], gap[fresh] + LEAST_COST)
    return float(gap[fresh][chosen].sum())


def _positions(labels: pd.Index[Any], pairs: pd.DataFrame) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    first = labels.get_indexer(pd.Index(pairs["i"]))
    second = labels.get_indexer(pd.Index(pairs["j"]))
    known = (first >= 0) & (second >= 0) & (first != second)
    return first[known], second[known], known


def _once(first: Ints, second: Ints, gap: Floats) -> tuple[Ints, Ints, Floats]:
    """Each pair once with its smallest gap, in sorted order: sparse arrays would add doubles up."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((gap, high, low))
    low, high, gap = low[order], high[order], gap[order]
    fresh = np.ones(len(low), dtype=bool)
    fresh[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return low[fresh], high[fresh], gap[fresh]


def _graph(size: int, first: Ints, second: Ints, weight: Floats) -> sp.csr_array:
    return sp.csr_array((weight, (first, second)), shape=(size, size))


def _components(size: int, first: Ints, second: Ints) -> tuple[int, Ints]:
    links = sp.coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    count, part = csgraph.connected_components(links, directed=False)
    return int(count), part.astype(np.intp)

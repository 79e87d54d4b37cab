"""Partition of a neighbour graph by cutting random spanning trees, each compound with a load.

The engine under `geo.bundling_by_gap`: positions and arrays only. Each restart grows one spanning forest, cuts it
from the leaves as soon as a branch carries the floor (optimal on that tree for the number of bundles), and
lets a neighbour adopt what is left over. The best restart is kept for each component of the graph by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse import csgraph

__all__ = ["Graph", "cut_trees", "link_gaps_m"]

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

# Sparse matrices take a stored 0 for no edge: touching compounds get this length instead.
_SHORTEST_M = 1e-3


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Neighbours by position, in an order that does not depend on the rows.

    Attributes
    ----------
    first, second : ndarray of int
        The two ends of each pair.
    gap_m : ndarray of float
        Gap of each pair.
    loads : ndarray of int
        Households of each compound.
    """

    first: Ints
    second: Ints
    gap_m: Floats
    loads: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of compounds."""
        return len(self.loads)

    def matrix(self, weights: Floats, kept: NDArray[np.bool_] | None = None) -> sp.csr_array:
        """Upper half of the adjacency matrix with the given weights."""
        chosen = slice(None) if kept is None else kept
        ends = (self.first[chosen], self.second[chosen])
        return sp.csr_array((weights[chosen], ends), shape=(self.size, self.size))


def cut_trees(
    graph: Graph,
    *,
    floor: int,
    ceiling: int,
    restarts: int,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Find connected groups whose loads lie between floor and ceiling, as many as can be had.

    Parameters
    ----------
    graph : Graph
        No load above `ceiling`.
    floor, ceiling : int
        Limits of a group's load; the ceiling is kept always, the floor where it can be met.
    restarts : int
        Trees to try.
    seed : int
        The same seed gives the same groups.
    progress : callable, optional
        Told the share done after each restart; what it raises ends the search.

    Returns
    -------
    ndarray of int
        For each compound the position of one compound of its group.

    Notes
    -----
    Better is, for each component: less load left in groups below the floor, then more groups, then
    shorter gaps to cross inside the groups.
    """
    count, component = csgraph.connected_components(graph.matrix(graph.gap_m + 1), directed=False)
    around = _around(graph)
    best, best_score = np.arange(graph.size), np.full((3, count), np.inf)
    for restart in range(restarts):
        rng = np.random.default_rng([seed, restart])
        order, parent = _forest(graph, component, count, rng, restart=restart)
        branches = _cut(order, parent, graph.loads, floor=floor, ceiling=ceiling)
        group = _adopt(branches, graph.loads, around, floor=floor, ceiling=ceiling)
        score = _score(graph, group, component, count, floor=floor)
        better = _less(score, best_score)
        best = np.where(better[component], group, best)
        best_score = np.where(better, score, best_score)
        if progress is not None:
            progress((restart + 1) / restarts)
    return best


def link_gaps_m(graph: Graph, group: Ints) -> Floats:
    """Gaps to cross inside each group, along its shortest links, noted at the first end of each link."""
    inside = group[graph.first] == group[graph.second]
    links = sp.coo_array(
        csgraph.minimum_spanning_tree(graph.matrix(graph.gap_m + _SHORTEST_M, inside))
    )
    lengths = np.zeros(graph.size)
    np.add.at(lengths, links.coords[0], links.data - _SHORTEST_M)
    return lengths


def _around(graph: Graph) -> list[list[tuple[int, float]]]:
    around: list[list[tuple[int, float]]] = [[] for _ in range(graph.size)]
    for a, b, gap in zip(
        graph.first.tolist(), graph.second.tolist(), graph.gap_m.tolist(), strict=True
    ):
        around[a].append((b, gap))
        around[b].append((a, gap))
    return around


def _forest(
    graph: Graph, component: Ints, count: int, rng: np.random.Generator, *, restart: int
) -> tuple[list[int], list[int]]:
    """Spanning tree of every component: compounds from the roots outwards, and the parent of each.

    Four ways to grow, one after the other: shortest links, random links, broad, deep. Deep trees are
    long and can be cut almost anywhere; broad ones give round groups.
    """
    way = restart % 4
    noise = rng.random(len(graph.first)) + 1e-9
    weights = (graph.gap_m + 1.0) * (noise if restart else 1.0) if way == 0 else noise
    tree = graph.matrix(weights)
    if way < 2:
        tree = csgraph.minimum_spanning_tree(tree)
    # One more node, tied to a random compound of each component, makes one tree of the forest. The nodes
    # are shuffled, for the searches visit neighbours in the order of their numbers.
    shuffled = rng.permutation(graph.size)
    roots = np.zeros(count, dtype=np.intp)
    roots[component[shuffled]] = shuffled
    ends = sp.coo_array(tree).coords
    a = np.concatenate([shuffled[ends[0]], shuffled[roots]])
    b = np.concatenate([shuffled[ends[1]], np.full(count, graph.size)])
    whole = sp.csr_array((np.ones(len(a)), (a, b)), shape=(graph.size + 1, graph.size + 1))
    search = csgraph.depth_first_order if way == 3 else csgraph.breadth_first_order
    order, parent = search(whole, graph.size, directed=False)
    back = np.append(np.argsort(shuffled), -1)
    parents = np.empty(graph.size, dtype=np.intp)
    parents[back[:-1]] = back[parent[:-1]]
    return back[order[1:]].tolist(), parents.tolist()


def _cut(
    order: list[int], parent: list[int], loads: NDArray[np.int64], *, floor: int, ceiling: int
) -> list[int]:
    """Close a branch as soon as it carries the floor; one that the parent can not carry stays alone."""
    carried = loads.tolist()
    group = list(range(len(order)))
    for node in reversed(order):
        above = parent[node]
        if above >= 0 and carried[node] < floor and carried[above] + carried[node] <= ceiling:
            carried[above] += carried[node]
            group[node] = above
    for node in order:
        group[node] = group[group[node]]
    return group


def _adopt(
    group: list[int],
    loads: NDArray[np.int64],
    around: list[list[tuple[int, float]]],
    *,
    floor: int,
    ceiling: int,
) -> Ints:
    """Give groups below the floor to neighbours with room, whole if possible, else piece by piece."""
    members: defaultdict[int, list[int]] = defaultdict(list)
    for node, head in enumerate(group):
        members[head].append(node)
    total = {head: int(loads[nodes].sum()) for head, nodes in members.items()}
    short = sorted((total[head], head) for head in members if total[head] < floor)
    for _, head in short:
        if not members[head] or total[head] >= floor:
            continue
        host = _host(members[head], total[head], group, total, around, limits=(floor, ceiling))
        if host is not None:
            _move(members[head], head, host, group, members=members, total=total, loads=loads)
        else:
            _peel(head, group, loads, around, members=members, total=total, ceiling=ceiling)
    return _heads(group, around)


def _host(
    nodes: list[int],
    load: int,
    group: list[int],
    total: dict[int, int],
    around: list[list[tuple[int, float]]],
    *,
    limits: tuple[int, int],
) -> int | None:
    """Neighbouring group that can carry these nodes: one that then meets the floor, nearest, lightest."""
    floor, ceiling = limits
    own = group[nodes[0]]
    gaps: dict[int, float] = {}
    for node in nodes:
        for other, gap in around[node]:
            head = group[other]
            if head != own and total[head] + load <= ceiling:
                gaps[head] = min(gap, gaps.get(head, np.inf))
    return min(
        gaps,
        key=lambda head: (total[head] + load < floor, gaps[head], total[head], head),
        default=None,
    )


def _move(
    nodes: list[int],
    head: int,
    host: int,
    group: list[int],
    *,
    members: defaultdict[int, list[int]],
    total: dict[int, int],
    loads: NDArray[np.int64],
) -> None:
    load = int(loads[nodes].sum())
    moving = set(nodes)
    members[head] = [node for node in members[head] if node not in moving]
    members[host].extend(nodes)
    total[head] -= load
    total[host] += load
    for node in nodes:
        group[node] = host


def _peel(
    head: int,
    group: list[int],
    loads: NDArray[np.int64],
    around: list[list[tuple[int, float]]],
    *,
    members: defaultdict[int, list[int]],
    total: dict[int, int],
    ceiling: int,
) -> None:
    """Give away single compounds of a group that nobody can take whole, only to groups that meet the floor.

    What stays may fall apart; `_heads` then makes a group of each part.
    """
    moved = True
    while moved:
        moved = False
        for node in list(members[head]):
            host = _host([node], int(loads[node]), group, total, around, limits=(0, ceiling))
            if host is not None and total[host] > total[head]:
                _move([node], head, host, group, members=members, total=total, loads=loads)
                moved = True


def _heads(group: list[int], around: list[list[tuple[int, float]]]) -> Ints:
    """Name each connected part of each group by its first compound."""
    heads = np.full(len(group), -1, dtype=np.intp)
    for start in range(len(group)):
        if heads[start] >= 0:
            continue
        heads[start] = start
        frontier = [start]
        while frontier:
            node = frontier.pop()
            for other, _ in around[node]:
                if heads[other] < 0 and group[other] == group[node]:
                    heads[other] = start
                    frontier.append(other)
    return heads


def _score(
    graph: Graph, group: Ints, component: Ints, count: int, *, floor: int
) -> NDArray[np.float64]:
    """Rows: load left in groups below the floor, minus the number of the others, gaps to cross."""
    total = np.bincount(group, weights=graph.loads, minlength=graph.size)
    is_head = group == np.arange(graph.size)
    short = is_head & (total < floor)
    left = np.bincount(component, weights=np.where(short, total, 0), minlength=count)
    full = np.bincount(component, weights=is_head & ~short, minlength=count)
    gaps = np.bincount(component, weights=link_gaps_m(graph, group), minlength=count)
    # A micrometre of noise in a sum of gaps must not decide between two seeds.
    return np.stack([left, -full, gaps.round(6)])


def _less(score: NDArray[np.float64], best: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Lexicographic comparison, component by component."""
    less = np.zeros(score.shape[1], dtype=bool)
    for row, best_row in zip(score[::-1], best[::-1], strict=True):
        less = (row < best_row) | ((row == best_row) & less)
    return less

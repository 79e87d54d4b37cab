"""Loops and dead ends: where aisles meet roads and each other, and how far one drives back where there is one way.

An aisle that leads on to another road, or lies on a ring of aisles, is no dead end: nobody has to drive back. Way is
measured along the middle of aisles from the last place from which there are two ways on.
"""

from __future__ import annotations

import heapq
import itertools
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.stall_lot import Ready
from geo.stall_rows import AT_ROAD, FRAME, FROM, TO, WIDE, Y
from geo.stall_shapes import rectangles
from geo.stall_strips import Floats, Ints

__all__ = ["Contacts", "Ways", "contacts_of", "side_by_side", "ways_of"]

_NEAR_M = 0.02
# Places nearer to each other than this are one: a ring within a crossing is none.
_ONE_PLACE_M = 5.0
# Cosine of the angle up to which aisles count as parallel.
_PARALLEL = 0.9

Edge = tuple[int, int, float]
Flags = NDArray[np.bool_]


class Contacts(NamedTuple):
    """Where aisles meet: intervals along them, by pair and by road.

    Attributes
    ----------
    i, j : ndarray of int, (pairs,)
        Aisles that one can drive between, i < j.
    on_i, on_j : ndarray of float, (pairs, 2)
        From and to along each.
    road : ndarray of int, (doors,)
        Aisles that meet a road.
    on_road : ndarray of float, (doors, 2)
        Interval of the contact along the aisle.
    """

    i: Ints
    j: Ints
    on_i: Floats
    on_j: Floats
    road: Ints
    on_road: Floats


class _Place(NamedTuple):
    """Interval along an aisle where one can leave it: its node, half of what one drives within it."""

    low: float
    high: float
    node: int
    half: float


class Ways(NamedTuple):
    """Ways out of a set of aisles.

    Attributes
    ----------
    places : list of list
        By aisle, in order along it.
    back_m : ndarray of float
        By node: from there back to the last place with two ways on.
    open_after : ndarray of bool
        By node: whether one may drive on to the next place along the aisle and needs not come back.
    """

    places: list[list[_Place]]
    back_m: Floats
    open_after: Flags

    def back_from(self, aisle: int, x: float) -> float:
        """Way back from a place along an aisle, metres; infinite where no road is reached."""
        best = np.inf
        places = self.places[aisle]
        for place in places:
            if place.high < x and self.open_after[place.node]:
                after = [other for other in places if other.low > place.high]
                if after and after[0].high >= x:
                    return 0.0
            gap = max(0.0, place.low - x, x - place.high)
            best = min(best, self.back_m[place.node] + gap + (place.half if gap else 0.0))
        return float(best)

    def dead_end_m(self, aisles: Floats) -> Floats:
        """How far it is back from the farther end of each aisle; 0 where it leads on."""
        ends = [
            max(self.back_from(at, aisle[FROM]), self.back_from(at, aisle[TO]))
            for at, aisle in enumerate(aisles)
        ]
        return np.where(np.isfinite(ends), ends, 0.0) if ends else np.zeros(0)


def contacts_of(ready: Ready, aisles: Floats) -> Contacts:
    """Find where aisles meet each other and the roads, over a contact that a car fits through."""
    none = np.zeros(0, np.int64), np.zeros((0, 2))
    if not len(aisles):
        return Contacts(none[0], none[0], none[1], none[1], *none)
    wide = rectangles(aisles, ready.turn)
    boxes = shapely.buffer(wide, 1e-3, join_style="mitre")
    i, j = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    i, j = i[i < j], j[i < j]
    shared = shapely.intersection(boxes[i], boxes[j])
    on_i, across_i = _spans(ready, aisles[i], shared)
    on_j, across_j = _spans(ready, aisles[j], shared)
    most = np.maximum(np.maximum(np.ptp(on_i, axis=1), across_i), np.ptp(on_j, axis=1))
    fits = np.maximum(most, across_j) >= ready.access - 5e-3
    road, on_road = _doors(ready, aisles, wide)
    return Contacts(
        i[fits],
        j[fits],
        _clipped(on_i, aisles[i])[fits],
        _clipped(on_j, aisles[j])[fits],
        road,
        on_road,
    )


def side_by_side(aisles: Floats, contacts: Contacts) -> Flags:
    """Tell which pairs do not cross but lie beside each other for a while."""
    long = np.minimum(np.ptp(contacts.on_i, axis=1), np.ptp(contacts.on_j, axis=1))
    wide = np.maximum(aisles[contacts.i, WIDE], aisles[contacts.j, WIDE])
    return np.asarray(long > wide + 1.0)


def _doors(ready: Ready, aisles: Floats, wide: shapely.Geometry) -> tuple[Ints, Floats]:
    at_road = np.flatnonzero(aisles[:, AT_ROAD] > 0.5)
    given = [shape for shape in (ready.roads, ready.streets) if not shape.is_empty]
    if not given or not len(at_road):
        return np.zeros(0, np.int64), np.zeros((0, 2))
    grown = shapely.buffer(wide[at_road], _NEAR_M, join_style="mitre")
    met = shapely.intersection(grown, shapely.union_all(given))
    parts, of = shapely.get_parts(met, return_index=True)
    filled = shapely.get_num_coordinates(parts) > 1
    parts, road = parts[filled], at_road[of[filled]]
    on, across = _spans(ready, aisles[road], parts)
    fits = np.maximum(np.ptp(on, axis=1), across) >= ready.access - 3 * _NEAR_M
    return road[fits], _clipped(on, aisles[road])[fits]


def _spans(ready: Ready, aisles: Floats, shapes: shapely.Geometry) -> tuple[Floats, Floats]:
    """Intervals of shapes along aisles, and their breadths across."""
    if not len(shapes):
        return np.zeros((0, 2)), np.zeros(0)
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    turn = ready.turn[aisles[of, FRAME].astype(np.int64)]
    x = xy[:, 0] * turn[:, 0] + xy[:, 1] * turn[:, 1]
    y = xy[:, 1] * turn[:, 0] - xy[:, 0] * turn[:, 1]
    first = np.searchsorted(of, np.arange(len(shapes)))
    low, high = np.minimum.reduceat(x, first), np.maximum.reduceat(x, first)
    across = np.maximum.reduceat(y, first) - np.minimum.reduceat(y, first)
    return np.stack([low, high], axis=1), across


def _clipped(spans: Floats, aisles: Floats) -> Floats:
    return np.clip(spans, aisles[:, FROM, None], aisles[:, TO, None])


def ways_of(ready: Ready, aisles: Floats) -> Ways:
    """Find the ways out of a set of aisles."""
    contacts = contacts_of(ready, aisles)
    contacts, beside = _at_both_ends(ready, aisles, contacts)
    places, of_road, of_pair = _places(aisles, contacts)
    count = 1 + sum(len(row) for row in places)
    along, shared = [], []
    for at, row in enumerate(places):
        for one, other in itertools.pairwise(row):
            length = max(0.0, other.low - one.high) + one.half + other.half
            along.append((one.node, other.node, length))
            shared.append(any(low <= one.high and other.low <= high for low, high in beside[at]))
    at_road = [(0, node, 0.0) for node in of_road]
    across = [
        (one, other, _turn_in(ready, aisles, contacts, k)) for k, (one, other) in enumerate(of_pair)
    ]
    # A ring has a length of its own along some aisle.
    near = [length < _ONE_PLACE_M for _, _, length in along]
    one_place = np.array(
        [*np.logical_or(near, shared), *[True] * len(at_road + across)], dtype=np.bool_
    )
    ring = _on_rings(count, [*along, *at_road, *across], one_place)
    open_after = np.zeros(count, dtype=np.bool_)
    safe = np.zeros(count, dtype=np.bool_)
    safe[[0, *of_road]] = True
    for k in np.flatnonzero(ring[: len(along)]):
        first, second, _ = along[k]
        open_after[first] = safe[first] = safe[second] = True
    places = [
        [place._replace(half=0.0) if safe[place.node] else place for place in row] for row in places
    ]
    return Ways(places, _back(count, safe, [*along, *at_road, *across]), open_after)


def _at_both_ends(
    ready: Ready, aisles: Floats, contacts: Contacts
) -> tuple[Contacts, list[list[tuple[float, float]]]]:
    """Take contacts of aisles that lie side by side at both ends; by aisle, where it lies so beside another."""
    i, j = contacts.i, contacts.j
    along = side_by_side(aisles, contacts)
    beside: list[list[tuple[float, float]]] = [[] for _ in aisles]
    for k in np.flatnonzero(along):
        for at, on in ((i[k], contacts.on_i[k]), (j[k], contacts.on_j[k])):
            beside[at].append((float(on[0]) - 1e-6, float(on[1]) + 1e-6))
    turn = ready.turn[aisles[:, FRAME].astype(np.int64)]
    same = (turn[i] * turn[j]).sum(axis=1) > 0.0
    far_j = np.where(same[:, None], contacts.on_j, contacts.on_j[:, ::-1])
    ends = [
        np.repeat(on[along, end, None], 2, axis=1)
        for on in (contacts.on_i, far_j)
        for end in (0, 1)
    ]
    return (
        contacts._replace(
            i=np.concatenate([i[~along], i[along], i[along]]),
            j=np.concatenate([j[~along], j[along], j[along]]),
            on_i=np.concatenate([contacts.on_i[~along], ends[0], ends[1]]),
            on_j=np.concatenate([contacts.on_j[~along], ends[2], ends[3]]),
        ),
        beside,
    )


def _places(
    aisles: Floats, contacts: Contacts
) -> tuple[list[list[_Place]], list[int], list[tuple[int, int]]]:
    """List places along aisles, what lies over one another in one; and the nodes of doors and of pairs."""
    doors, pairs = len(contacts.road), len(contacts.i)
    of = np.concatenate([contacts.road, contacts.i, contacts.j])
    spans = np.concatenate([contacts.on_road, contacts.on_i, contacts.on_j])
    node = np.zeros(len(of), dtype=np.int64)
    places: list[list[_Place]] = [[] for _ in aisles]
    number, last = 0, -1
    for k in np.lexsort((spans[:, 0], of)):
        row, (low, high) = places[of[k]], spans[k]
        if row and low <= row[-1].high + 1e-6 and (k < doors) == (last < doors):
            row[-1] = row[-1]._replace(high=max(row[-1].high, high))
        else:
            number += 1
            row.append(_Place(low, high, number, 0.0))
        node[k], last = number, k
    at_road = set(node[:doors].tolist())
    for row in places:
        for at, place in enumerate(row):
            half = 0.0 if place.node in at_road else 0.5 * (place.high - place.low)
            row[at] = place._replace(half=half)
    ends = zip(node[doors : doors + pairs].tolist(), node[doors + pairs :].tolist(), strict=True)
    return places, sorted(at_road), list(ends)


def _turn_in(ready: Ready, aisles: Floats, contacts: Contacts, k: int) -> float:
    """Way from the middle of one aisle to that of the other, beyond what they share, sideways if parallel."""
    i, j = contacts.i[k], contacts.j[k]
    if aisles[i, FRAME] == aisles[j, FRAME]:
        return float(abs(aisles[i, Y] - aisles[j, Y] + 0.5 * (aisles[i, WIDE] - aisles[j, WIDE])))
    one, other = ready.turn[aisles[[i, j], FRAME].astype(np.int64)]
    if abs(float(one @ other)) > _PARALLEL:
        return 0.5 * float(max(aisles[i, WIDE], aisles[j, WIDE]))
    from_i = 0.5 * (aisles[j, WIDE] - np.ptp(contacts.on_i[k]))
    from_j = 0.5 * (aisles[i, WIDE] - np.ptp(contacts.on_j[k]))
    return float(max(0.0, from_i) + max(0.0, from_j))


def _on_rings(count: int, edges: list[Edge], one_place: Flags) -> Flags:
    """Tell which edges lie on a ring, where ends of some count as one place."""
    into = list(range(count))

    def root(node: int) -> int:
        while into[node] != node:
            into[node] = into[into[node]]
            node = into[node]
        return node

    for k in np.flatnonzero(one_place):
        into[root(edges[k][0])] = root(edges[k][1])
    apart = np.flatnonzero(~one_place)
    ring = np.zeros(len(edges), dtype=np.bool_)
    ring[apart] = ~_bridges(count, [(root(edges[k][0]), root(edges[k][1])) for k in apart])
    return ring


def _bridges(count: int, edges: list[tuple[int, int]]) -> Flags:
    """Tell which edges of a graph are the only way: Tarjan's lowest reach, without recursion."""
    beside: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for number, (one, other) in enumerate(edges):
        beside[one].append((other, number))
        beside[other].append((one, number))
    seen, low, bridge = [-1] * count, [0] * count, [False] * len(edges)
    clock = 0
    for start in range(count):
        if seen[start] >= 0:
            continue
        stack = [(start, -1, iter(beside[start]))]
        seen[start] = low[start] = clock
        clock += 1
        while stack:
            node, by, ways = stack[-1]
            for other, number in ways:
                if number == by:
                    continue
                if seen[other] < 0:
                    seen[other] = low[other] = clock
                    clock += 1
                    stack.append((other, number, iter(beside[other])))
                    break
                low[node] = min(low[node], seen[other])
            else:
                stack.pop()
                if stack:
                    parent = stack[-1][0]
                    low[parent] = min(low[parent], low[node])
                    bridge[by] = low[node] > seen[parent]
    return np.array(bridge, dtype=np.bool_)


def _back(count: int, safe: Flags, edges: list[Edge]) -> Floats:
    """Shortest way of each node to a safe one."""
    beside: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for one, other, length in edges:
        beside[one].append((other, length))
        beside[other].append((one, length))
    back = np.where(safe, 0.0, np.inf)
    waiting = [(0.0, int(node)) for node in np.flatnonzero(safe)]
    while waiting:
        far, node = heapq.heappop(waiting)
        if far > back[node]:
            continue
        for other, length in beside[node]:
            if far + length < back[other] - 1e-9:
                back[other] = far + length
                heapq.heappush(waiting, (far + length, other))
    return back

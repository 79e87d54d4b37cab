"""Aisles cut to what their rows need, and how far one drives in before one has to drive back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.stall_loops import Contacts, contacts_of, side_by_side, ways_of
from geo.stall_lot import Ready
from geo.stall_rows import FRAME, FROM, TAKES, TO, WIDE
from geo.stall_shapes import Plan
from geo.stall_strips import Floats

__all__ = ["Net", "net_of", "trimmed"]

Interval = tuple[float, float]
# An aisle that takes less ground than this lies on a road.
_ON_ROAD_M2 = 0.5
# So many places to lead an aisle on to are tried.
_TRIED = 3


class Net(NamedTuple):
    """How the aisles of a plan hang together.

    Attributes
    ----------
    order : list of int
        Aisles from the roads inwards; those that no road reaches are left out.
    parent : dict
        Aisle that each is driven into from, −1 for a road.
    door : dict
        Interval along the aisle by which it is driven into.
    branch : dict
        The same along its parent.
    depth_m : dict
        Way from the road to its door.
    """

    order: list[int]
    parent: dict[int, int]
    door: dict[int, Interval]
    branch: dict[int, Interval]
    depth_m: dict[int, float]


def net_of(ready: Ready, plan: Plan) -> Net:
    """Grow the tree of shortest ways from the roads over the aisles."""
    net = Net([], {}, {}, {}, {})
    contacts = contacts_of(ready, plan.aisles)
    beside = _beside(contacts)
    long = side_by_side(plan.aisles, contacts)
    long &= plan.aisles[contacts.i, FRAME] == plan.aisles[contacts.j, FRAME]
    long_pairs = set(zip(contacts.i[long].tolist(), contacts.j[long].tolist(), strict=True))
    rows = _of_rows(ready, plan)
    doors = _doors(ready, plan, contacts)
    waiting = {i: (0.0, -1, doors[i], doors[i]) for i in doors}
    while waiting:
        i = min(waiting, key=lambda k: (waiting[k][0], k))
        depth, parent, door, branch = waiting.pop(i)
        net.order.append(i)
        net.parent[i], net.door[i], net.branch[i], net.depth_m[i] = parent, door, branch, depth
        for j, on_i, on_j in beside.get(i, []):
            if j in net.parent:
                continue
            if (min(i, j), max(i, j)) in long_pairs:
                room = ready.access + max(plan.aisles[i, WIDE], plan.aisles[j, WIDE])
                on_i, on_j = _entered(door, on_i, on_j, rows.get(j), room)
            new = depth + _away(door, on_i) if plan.aisles[i, TAKES] > _ON_ROAD_M2 else 0.0
            if j not in waiting or new < waiting[j][0] - 1e-6:
                waiting[j] = (new, i, on_j, on_i)
    return net


def _of_rows(ready: Ready, plan: Plan) -> dict[int, Interval]:
    """By aisle, from the first to the last of its stalls."""
    found: dict[int, Interval] = {}
    for aisle, (low, high) in zip(
        plan.rows[:, 7].astype(np.int64).tolist(), _extents(ready, plan).tolist(), strict=True
    ):
        before = found.get(aisle, (low, high))
        found[aisle] = min(low, before[0]), max(high, before[1])
    return found


def _entered(
    door: Interval, on_i: Interval, on_j: Interval, rows: Interval | None, room: float
) -> tuple[Interval, Interval]:
    """Where one changes between aisles side by side: no sooner than at the rows of the second, or at the door."""
    middle = 0.5 * (door[0] + door[1])
    if rows is not None:
        middle = min(max(middle, rows[0]), rows[1])
    return _narrowed(on_i, middle, room), _narrowed(on_j, middle, room)


def _beside(contacts: Contacts) -> dict[int, list[tuple[int, Interval, Interval]]]:
    """List the aisles that each meets, in order, with the intervals along both."""
    found: dict[int, list[tuple[int, Interval, Interval]]] = {}
    each = zip(
        contacts.i.tolist(),
        contacts.j.tolist(),
        map(tuple, contacts.on_i.tolist()),
        map(tuple, contacts.on_j.tolist()),
        strict=True,
    )
    for i, j, on_i, on_j in each:
        found.setdefault(i, []).append((j, on_i, on_j))
        found.setdefault(j, []).append((i, on_j, on_i))
    return {i: sorted(met) for i, met in found.items()}


def trimmed(ready: Ready, plan: Plan, longest_m: float | None = None) -> tuple[Plan, Floats]:
    """Cut aisles to their rows, to those that branch off and to the way in; drop those that serve nothing.

    Parameters
    ----------
    ready : Ready
        The lot.
    plan : Plan
        Whole aisles.
    longest_m : float, optional
        Aisles that would be longer dead ends are led on to the next road or aisle, where there is one.

    Returns
    -------
    Plan, ndarray of float
        The plan, and by aisle how far it is back from its farther end to the last way on, 0 where it leads on.
    """
    net = net_of(ready, plan)
    needs: dict[int, list[Interval]] = {i: [] for i in net.order}
    extent = _extents(ready, plan)
    for row, (low, high) in zip(plan.rows[:, 7].astype(np.int64), extent, strict=True):
        needs.setdefault(int(row), []).append((low, high))
    aisles = plan.aisles.copy()
    kept = np.zeros(len(aisles), dtype=np.bool_)
    for i in reversed(net.order):
        if not needs[i]:
            continue
        kept[i] = True
        low = min(need[0] for need in (*needs[i], net.door[i]))
        high = max(need[1] for need in (*needs[i], net.door[i]))
        if aisles[i, TAKES] > _ON_ROAD_M2:
            aisles[i, FROM], aisles[i, TO] = max(low, aisles[i, FROM]), min(high, aisles[i, TO])
        if net.parent[i] >= 0:
            needs[net.parent[i]].append(net.branch[i])
    new = np.cumsum(kept) - 1
    rows = plan.rows[kept[plan.rows[:, 7].astype(np.int64)]].copy()
    rows[:, 7] = new[rows[:, 7].astype(np.int64)]
    cut = aisles[kept]
    if longest_m is not None:
        cut = _led_on(ready, cut, plan.aisles[kept], longest_m)
    return Plan(aisles=cut, rows=rows), ways_of(ready, cut).dead_end_m(cut)


def _led_on(ready: Ready, cut: Floats, whole: Floats, longest_m: float) -> Floats:
    """Lead aisles that are too long as dead ends on to what they meet when whole."""
    dead = ways_of(ready, cut).dead_end_m(cut)
    if not (dead > longest_m).any():
        return cut
    contacts = contacts_of(ready, whole)
    beside = _beside(contacts)
    for i in np.flatnonzero(dead > longest_m).tolist():
        for met, on_i, on_met in _beyond(cut[i], i, contacts, beside):
            tried = cut.copy()
            _stretched(tried[i], on_i, ready.access)
            if met >= 0:
                _stretched(tried[met], on_met, ready.access)
            after = ways_of(ready, tried).dead_end_m(tried)
            if np.maximum(after - longest_m, 0.0).sum() < np.maximum(dead - longest_m, 0.0).sum():
                cut, dead = tried, after
                break
    return cut


def _beyond(
    aisle: Floats,
    i: int,
    contacts: Contacts,
    beside: dict[int, list[tuple[int, Interval, Interval]]],
) -> list[tuple[int, Interval, Interval]]:
    """List what a whole aisle meets beyond what is left of it, the nearest first; −1 for a road."""
    own = (float(aisle[FROM]), float(aisle[TO]))
    roads = [tuple(on) for on in contacts.on_road[contacts.road == i].tolist()]
    met = [*((-1, on, on) for on in roads), *beside.get(i, [])]
    apart = [one for one in met if not own[0] <= min(one[1]) <= max(one[1]) <= own[1]]
    return sorted(apart, key=lambda one: (_away(own, one[1]), one))[:_TRIED]


def _stretched(aisle: Floats, on: Interval, access_m: float) -> None:
    """Stretch an aisle over a contact, or so far into a long one that a car gets through."""
    low, high = on
    if high - low > access_m + aisle[WIDE]:
        low, high = _narrowed(on, 0.5 * float(aisle[FROM] + aisle[TO]), access_m + aisle[WIDE])
    aisle[FROM], aisle[TO] = min(low, aisle[FROM]), max(high, aisle[TO])


def _extents(ready: Ready, plan: Plan) -> Floats:
    kind, n = plan.rows[:, 1].astype(np.int64), plan.rows[:, 5]
    long = ready.kinds[kind, 1] + (n - 1) * ready.kinds[kind, 0]
    return np.stack([plan.rows[:, 3], plan.rows[:, 3] + long], axis=1)


def _away(one: Interval, other: Interval) -> float:
    """Gap between two intervals."""
    return max(0.0, one[0] - other[1], other[0] - one[1])


def _doors(ready: Ready, plan: Plan, contacts: Contacts) -> dict[int, Interval]:
    """Interval along each aisle in which it meets a road, the one nearest to its rows."""
    extents = _extents(ready, plan)
    found: dict[int, Interval] = {}
    best: dict[int, float] = {}
    for i, span in zip(contacts.road.tolist(), contacts.on_road.tolist(), strict=True):
        own = extents[plan.rows[:, 7] == i]
        middle = float(own.mean()) if len(own) else float(plan.aisles[i, FROM])
        low, high = _narrowed((span[0], span[1]), middle, ready.access + plan.aisles[i, WIDE])
        away = _away((low, high), (middle, middle))
        if i not in best or away < best[i] - 1e-6:
            best[i], found[i] = away, (low, high)
    return found


def _narrowed(span: Interval, middle: float, most: float) -> Interval:
    """Part of an interval nearest to a place."""
    if span[1] - span[0] <= most:
        return span
    low = min(max(middle - 0.5 * most, span[0]), span[1] - most)
    return low, low + most

"""Aisles cut to what their rows need, and how far one drives in before one has to drive back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.stall_leading import led_on
from geo.stall_loops import Contacts, contacts_of, side_by_side, ways_of
from geo.stall_lot import Ready
from geo.stall_rows import FRAME, FROM, TAKES, TO, WIDE
from geo.stall_shapes import Plan
from geo.stall_strips import Floats

__all__ = ["Net", "net_of", "trimmed"]

Interval = tuple[float, float]
# An aisle that takes less ground than this lies on a road.
_ON_ROAD_M2 = 0.5


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
                turn_i, turn_j = ready.turn[plan.aisles[[i, j], FRAME].astype(np.int64)]
                way = 1.0 if float(turn_i @ turn_j) > 0.0 else -1.0
                room = ready.access + max(plan.aisles[i, WIDE], plan.aisles[j, WIDE])
                on_i, on_j = _entered(door, on_i, on_j, rows.get(j), room, way)
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


def _entered(  # noqa: PLR0917 - two aisles, and what each needs
    door: Interval,
    on_i: Interval,
    on_j: Interval,
    rows: Interval | None,
    room: float,
    way: float,
) -> tuple[Interval, Interval]:
    """Where one changes between aisles side by side: no sooner than at the rows of the second, or at the door."""
    middle_i, middle_j = 0.5 * (on_i[0] + on_i[1]), 0.5 * (on_j[0] + on_j[1])
    at = middle_j + way * (0.5 * (door[0] + door[1]) - middle_i)
    if rows is not None:
        at = min(max(at, rows[0]), rows[1])
    return _narrowed(on_i, middle_i + way * (at - middle_j), room), _narrowed(on_j, at, room)


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
    cut = Plan(aisles=aisles[kept], rows=rows)
    if longest_m is not None:
        cut = led_on(ready, cut, longest_m)
    return cut, ways_of(ready, cut.aisles).dead_end_m(cut.aisles)


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

"""Which stalls of a layout become accessible, which get a charger, and which can be stacked.

An accessible stall has a wheelchair aisle beside it (GB 55019-2021 2.9.2). Where there is open ground beside a stall it
costs nothing; else a neighbour is given up, and its place serves the stalls on both sides: three places become two.
Along an aisle, where stalls stand one behind the other, the place given up is behind or before them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.stall_corners import corners_of, long_sides, pushed_out, stand_along
from geo.stall_measures import ROADSIDE

__all__ = ["ACCESSIBLE", "CHARGING", "ORDINARY", "StallUses", "choose_uses", "stacked"]

ORDINARY, ACCESSIBLE, CHARGING = "ordinary", "accessible", "charging"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
Flags = NDArray[np.bool_]

# A strip counts as clear if less than this part of it is not.
_PART = 0.01
# Of two places as costly, one nearer to a building by less is not nearer: noise must not choose.
_NEAR_M = 0.5
_FAR_M = 1e6


@dataclass(frozen=True, kw_only=True, eq=False)
class StallUses:
    """What becomes of the stalls of a layout.

    Attributes
    ----------
    kept : array of int
        Positions of the stalls that stay.
    use : array of str
        Of the stalls that stay: :data:`ORDINARY`, :data:`ACCESSIBLE` or :data:`CHARGING`.
    wheelchair : array of Polygon
        Wheelchair aisles.
    wheelchair_m : float or None
        Narrowest of them.
    wanted : int
        Accessible stalls that were asked for.
    """

    kept: Ints
    use: NDArray[np.str_]
    wheelchair: Shapes
    wheelchair_m: float | None
    wanted: int

    @property
    def accessible(self) -> int:
        """Number of accessible stalls."""
        return int((self.use == ACCESSIBLE).sum())

    @property
    def charging(self) -> int:
        """Number of stalls with a charger."""
        return int((self.use == CHARGING).sum())


def choose_uses(
    stalls: Shapes,
    mouths: Shapes,
    lots: Ints,
    aisles: Shapes,
    *,
    ground: shapely.Geometry,
    buildings: Shapes,
    accessible_share: float,
    accessible_aisle_m: float,
    charging_share: float,
) -> StallUses:
    """Choose accessible and charging stalls, near buildings.

    Parameters
    ----------
    stalls, mouths : array of Polygon and LineString, (n,)
        Stalls and their sides towards the aisle.
    lots : array of int, (n,)
        As of :func:`geo.stall_measures.lots_of`.
    aisles : array of Polygon
        New aisles.
    ground : geometry
        Open ground, on which wheelchair aisles may lie.
    buildings : array of geometry
        What accessible stalls should be near to; may be empty.
    accessible_share : float
        Of all stalls, rounded up, and at least one in each lot of two or more, or one beside roads; 0 asks for none.
        What has no room in its own lot is looked for in the others.
    accessible_aisle_m : float
        Width of the wheelchair aisle.
    charging_share : float
        Of all stalls, rounded up.
    """
    nearness = _nearness(stalls, buildings, ground)
    beside = _Beside.of(stalls, mouths, aisles, ground, accessible_aisle_m)
    chosen = _Chosen.none(len(stalls))
    wanted = _wanted(lots, accessible_share)
    short = sum(
        beside.choose(np.flatnonzero(lots == lot), count, nearness, chosen)
        for lot, count in wanted.items()
    )
    # Rather in another lot than none at all.
    beside.choose(np.arange(len(stalls)), short, nearness, chosen)
    kept = np.flatnonzero(~chosen.lost)
    able = kept[~chosen.accessible[kept]]
    use = np.where(chosen.accessible, ACCESSIBLE, ORDINARY).astype(object)
    use[_chargers(able, lots, nearness, charging_share * len(kept))] = CHARGING
    return StallUses(
        kept=kept,
        use=use[kept].astype(str),
        wheelchair=np.array(chosen.wheelchair, dtype=object),
        wheelchair_m=accessible_aisle_m if chosen.wheelchair else None,
        wanted=sum(wanted.values()),
    )


def stacked(
    lots: Ints, square: Flags, use: NDArray[np.str_], *, multiplier: float, from_stalls: int
) -> int:
    """Count the stalls that mechanical parking adds on the lots that can carry it.

    Parameters
    ----------
    lots : array of int, (n,)
        As of :func:`geo.stall_measures.lots_of`; stalls beside roads carry none.
    square : array of bool, (n,)
        Stalls square to their aisle, over which a platform can be lowered.
    use : array of str, (n,)
        Accessible stalls are left on the ground.
    multiplier : float
        Stalls for one.
    from_stalls : int
        Fewest such stalls of a lot.
    """
    able = (lots != ROADSIDE) & square & (use != ACCESSIBLE)
    if not able.any():
        return 0
    counts = np.bincount(lots[able])
    return sum(math.floor((multiplier - 1) * int(n) + 1e-9) for n in counts if n >= from_stalls)


def _wanted(lots: Ints, share: float) -> dict[int, int]:
    """Give accessible stalls to lots: one each but where a stall stands alone, the rest where most share one."""
    if share <= 0 or not len(lots):
        return {}
    names, sizes = np.unique(lots, return_counts=True)
    places = [
        name for name, size in zip(names, sizes, strict=True) if name != ROADSIDE and size > 1
    ]
    places = places or [names[int(np.argmax(sizes))]]
    counts = {int(name): int(name in places) for name in names}
    size = dict(zip(map(int, names), map(int, sizes), strict=True))
    for _ in range(math.ceil(share * len(lots) - 1e-9) - len(places)):
        fullest = max(counts, key=lambda name: (size[name] / (counts[name] + 1), -name))
        counts[fullest] += 1
    return {name: count for name, count in counts.items() if count}


def _nearness(stalls: Shapes, buildings: Shapes, ground: shapely.Geometry) -> Floats:
    """Distance to the nearest building, in steps; to the middle of the ground if there is none."""
    if not len(stalls):
        return np.zeros(0)
    if len(buildings):
        off = shapely.distance(stalls, shapely.union_all(buildings))
    else:
        off = shapely.distance(stalls, shapely.centroid(ground))
    return np.asarray(np.round(np.nan_to_num(off, nan=_FAR_M) / _NEAR_M) * _NEAR_M)


def _chargers(able: Ints, lots: Ints, nearness: Floats, wanted: float) -> Ints:
    """Stalls that get a charger: side by side, from the one nearest to a building, lot after lot."""
    count = min(math.ceil(wanted - 1e-9), len(able))
    if count <= 0:
        return able[:0]
    # Stalls come row by row; a run of neighbours is a run of positions.
    biggest = max(np.unique(lots[able]), key=lambda lot: ((lots[able] == lot).sum(), -lot))
    first = min(able[lots[able] == biggest], key=lambda at: (nearness[at], at))
    away = np.abs(np.searchsorted(able, first) - np.arange(len(able)))
    order = np.lexsort((able, away, lots[able] != biggest))
    return np.sort(able[order[:count]])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Chosen:
    """What has been chosen so far: by stall, and the wheelchair aisles."""

    accessible: Flags
    lost: Flags
    wheelchair: list[shapely.Geometry]

    @classmethod
    def none(cls, count: int) -> _Chosen:
        """Begin with so many ordinary stalls."""
        accessible, lost = np.zeros((2, count), dtype=bool)
        return cls(accessible=accessible, lost=lost, wheelchair=[])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Beside:
    """The strips at both sides of each stall, and before and behind it.

    Attributes
    ----------
    strips : array of Polygon, (n, 4)
    free : array of bool, (n, 4)
        Open ground, without stall or aisle; not before and behind a stall, where a strip alone is not enough.
    taken_by : array of int, (n, 4)
        The one stall in the way; −1 if there is none, or more than one, or the rest is not free.
    """

    strips: Shapes
    free: Flags
    taken_by: Ints

    @classmethod
    def of(
        cls,
        stalls: Shapes,
        mouths: Shapes,
        aisles: Shapes,
        ground: shapely.Geometry,
        width_m: float,
    ) -> _Beside:
        """Look at both sides of each stall."""
        count = len(stalls)
        if not count:
            none = np.zeros((0, 4))
            return cls(
                strips=none.astype(object), free=none.astype(bool), taken_by=none.astype(np.int64)
            )
        corners = corners_of(stalls, mouths)
        sides, middles = long_sides(corners), corners.mean(axis=1)
        sides = np.concatenate([sides, corners[:, [[1, 2], [3, 0]]]], axis=1)
        strips = np.concatenate([pushed_out(sides[:, side], middles, width_m) for side in range(4)])
        area = shapely.area(strips)
        shapely.prepare(ground)
        clear = shapely.area(shapely.intersection(strips, ground)) >= (1 - _PART) * area
        clear &= _covered(strips, aisles) < _PART * area
        holder, number = _in_the_way(strips, stalls, area, np.tile(np.arange(count), 4))
        beside = np.repeat([True, False], 2 * count)
        # One behind the other along an aisle: the whole place of the neighbour is at the end of the stall.
        behind = ~beside & np.tile(stand_along(corners), 4)
        behind &= shapely.area(shapely.intersection(strips, stalls[holder])) > (1 - _PART) * area
        taken = clear & (number == 1) & (beside | behind)
        return cls(
            strips=strips.reshape(4, count).T,
            free=(clear & (number == 0) & beside).reshape(4, count).T,
            taken_by=np.where(taken, holder, -1).reshape(4, count).T,
        )

    def choose(self, of_lot: Ints, count: int, nearness: Floats, chosen: _Chosen) -> int:
        """Make so many stalls of a lot accessible: first those that cost nothing, then those that share a place.

        Returns
        -------
        int
            How many found no room.
        """
        for at in of_lot[np.argsort(nearness[of_lot], kind="stable")]:
            usable = not (chosen.accessible[at] or chosen.lost[at])
            if count > 0 and usable and self.free[at].any():
                self._take(chosen, [(int(at), int(np.argmax(self.free[at])))])
                count -= 1
        while count > 0 and (place := self._place(of_lot, count, nearness, chosen)) is not None:
            given_up, served = place
            chosen.lost[given_up] = True
            self._take(chosen, served)
            count -= len(served)
        return count

    def _take(self, chosen: _Chosen, served: list[tuple[int, int]]) -> None:
        for at, side in served:
            chosen.accessible[at] = True
            chosen.wheelchair.append(self.strips[at, side])

    def _place(
        self, of_lot: Ints, count: int, nearness: Floats, chosen: _Chosen
    ) -> tuple[int, list[tuple[int, int]]] | None:
        """Stall to give up, and stalls and sides that it serves: two if more than one is wanted, the nearest."""
        usable = ~chosen.accessible & ~chosen.lost
        at, side = np.nonzero((self.taken_by[of_lot] >= 0) & usable[of_lot][:, None])
        stall, holder = of_lot[at], self.taken_by[of_lot[at], side]
        fits = usable[holder]
        served: dict[int, list[tuple[int, int]]] = {}
        for one, edge, by in zip(stall[fits], side[fits], holder[fits], strict=True):
            served.setdefault(int(by), []).append((int(one), int(edge)))
        if not served:
            return None

        def worth(by: int) -> tuple[int, float, int]:
            both = served[by][:count]
            return -len(both), min(nearness[one] for one, _ in both), by

        best = min(served, key=worth)
        return best, sorted(served[best], key=lambda one: (nearness[one[0]], one))[:count]


def _covered(strips: Shapes, shapes: Shapes) -> Floats:
    """Area of each strip that shapes cover, added up."""
    found = np.zeros(len(strips))
    if len(shapes):
        at, by = shapely.STRtree(shapes).query(strips, predicate="intersects")
        np.add.at(found, at, shapely.area(shapely.intersection(strips[at], shapes[by])))
    return found


def _in_the_way(strips: Shapes, stalls: Shapes, area: Floats, own: Ints) -> tuple[Ints, Ints]:
    """Find the last stall that lies on each strip, and how many do, its own left out."""
    at, by = shapely.STRtree(stalls).query(strips, predicate="intersects")
    over = shapely.area(shapely.intersection(strips[at], stalls[by])) > _PART * area[at]
    over &= own[at] != by
    holder, number = np.full(len(strips), -1, np.int64), np.zeros(len(strips), np.int64)
    holder[at[over]] = by[over]
    np.add.at(number, at[over], 1)
    return holder, number

"""Less of a layout: no more stalls than needed, and enough ground left unpaved, the dearest aisles given up first.

What is dear takes much ground for few stalls; ground that is paved already costs nothing. An aisle is given up only if
all others are still reached, and no stall of theirs drives over it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.stall_corners import corners_of, pushed_out
from geo.stall_sizes import Layout, LayoutLimits

__all__ = ["keep_within"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Aisles and roads were cut along one another: what lies so near touches.
_TOUCH_M = 0.1
_NOISE_M2 = 0.05


def keep_within(
    layout: Layout,
    *,
    ground: shapely.Geometry,
    roads: shapely.Geometry | None,
    streets: shapely.Geometry | None,
    paved: shapely.Geometry | None,
    limits: LayoutLimits,
) -> Layout:
    """Give up stalls and aisles until a layout keeps ``most`` and ``keep_unpaved_share`` of its limits.

    Parameters
    ----------
    layout : Layout
        With every stall reached.
    ground, roads, streets, paved : geometry
        What it was laid out on.
    limits : LayoutLimits

    Returns
    -------
    Layout
        The same one if it keeps them already.
    """
    if not layout.count:
        return layout
    soft = ground if paved is None or paved.is_empty else shapely.difference(ground, paved)
    left = _Left.of(layout, soft, _union(roads, streets), limits)
    if not left.too_much:
        return layout
    while left.too_much and left.give_up():
        pass
    left.give_up_idle()
    made = _taken(layout, left.stalls, left.aisles)
    cut = left.cut & left.aisles
    return _shortened(
        made, cut[left.aisles], left.meets_road[left.aisles], _union(roads, streets), limits
    )


@dataclass(kw_only=True, eq=False)
class _Left:
    """What is left of a layout.

    Attributes
    ----------
    stalls, aisles : array of bool
        What stays.
    aisle : array of int
        Aisle of each stall, −1 for a road.
    stall_cost, aisle_cost : array of float
        m² that is not paved yet.
    far_m : array of float
        From each mouth to the road: what is farthest goes first.
    meets : array of bool, (m + 1, m + 1)
        Aisles that lead to each other; the last one is the road.
    needs : array of bool, (m, m)
        Whether stalls of the first aisle drive over the second.
    allowed_m2, most : float, int
    cut : array of bool
        Aisles that have lost stalls.
    """

    stalls: Flags
    aisles: Flags
    aisle: Ints
    stall_cost: Floats
    aisle_cost: Floats
    far_m: Floats
    meets: Flags
    needs: Flags
    allowed_m2: float
    most: int
    cut: Flags

    @classmethod
    def of(
        cls,
        layout: Layout,
        soft: shapely.Geometry,
        drawn: shapely.Geometry,
        limits: LayoutLimits,
    ) -> _Left:
        """Look a whole layout over."""
        shapely.prepare(soft)
        return cls(
            stalls=np.ones(layout.count, dtype=bool),
            aisles=np.ones(len(layout.aisles), dtype=bool),
            aisle=layout.aisle.astype(np.int64),
            stall_cost=shapely.area(shapely.intersection(layout.stalls, soft)),
            aisle_cost=shapely.area(shapely.intersection(layout.aisles, soft)),
            far_m=np.nan_to_num(shapely.distance(layout.mouth, drawn)),
            meets=_meetings(layout.aisles, drawn, limits.access_m),
            needs=_needs(layout, drawn, limits),
            allowed_m2=(1.0 - limits.keep_unpaved_share) * float(shapely.area(soft)),
            most=layout.count if limits.most is None else limits.most,
            cut=np.zeros(len(layout.aisles), dtype=bool),
        )

    @property
    def meets_road(self) -> Flags:
        """Aisles that lead to the road themselves."""
        return self.meets[:-1, -1]

    @property
    def used_m2(self) -> float:
        """Ground that would be paved."""
        return float(self.stall_cost[self.stalls].sum() + self.aisle_cost[self.aisles].sum())

    @property
    def too_much(self) -> bool:
        """Whether a limit is broken."""
        return int(self.stalls.sum()) > self.most or self.used_m2 > self.allowed_m2 + _NOISE_M2

    def give_up(self) -> bool:
        """Give up the dearest aisle, or so many of its stalls as it takes; False if nothing is left to give up."""
        order = self._dearest_first()
        for aisle in order:
            if aisle < 0 or self._can_go(aisle):
                self._trim(aisle, whole=True)
                return True
        # Aisles that need each other: their stalls first.
        counts = self._counts()
        for aisle in order:
            if counts[aisle]:
                self._trim(aisle, whole=False)
                return True
        return False

    def give_up_idle(self) -> None:
        """Give up aisles that lead to nothing any more."""
        while True:
            idle = [
                int(aisle)
                for aisle in np.flatnonzero(self.aisles & (self._counts() == 0))
                if self._can_go(int(aisle))
            ]
            if not idle:
                return
            self.aisles[idle[0]] = False

    def _counts(self) -> Ints:
        at = self.aisle[self.stalls & (self.aisle >= 0)]
        return np.bincount(at, minlength=len(self.aisles)).astype(np.int64)

    def _dearest_first(self) -> list[int]:
        """Aisles that are left, and −1 for the stalls at roads, by m² a stall."""
        counts = self._counts()
        stalls = np.bincount(
            self.aisle[self.stalls] + 1, self.stall_cost[self.stalls], len(self.aisles) + 1
        )
        left = np.flatnonzero(self.aisles)
        cost = {int(i): (self.aisle_cost[i] + stalls[i + 1]) / max(counts[i], 0.01) for i in left}
        at_road = int((self.stalls & (self.aisle < 0)).sum())
        if at_road:
            cost[-1] = stalls[0] / at_road
        return sorted(cost, key=lambda i: (-round(cost[i], 3), -i))

    def _can_go(self, aisle: int) -> bool:
        """Whether all other aisles are still reached, and driven over by no stall that stays."""
        users = self.needs[:, aisle] & self.aisles
        if (users & (self._counts() > 0))[np.arange(len(users)) != aisle].any():
            return False
        before = self._reached(self.aisles)
        without = self.aisles.copy()
        without[aisle] = False
        after = self._reached(without)
        lost = before & ~after
        lost[aisle] = False
        return not lost.any()

    def _reached(self, kept: Flags) -> Flags:
        there = np.append(kept, True)
        graph = coo_array(self.meets & there[:, None] & there[None])
        labels = connected_components(graph, directed=False)[1]
        found: Flags = (labels == labels[-1])[:-1] & kept
        return found

    def _trim(self, aisle: int, *, whole: bool) -> None:
        """Give up stalls of an aisle, the farthest first, until the limits hold; with the last the aisle, if it may."""
        own = np.flatnonzero(self.stalls & (self.aisle == aisle))
        order = own[np.lexsort((own, -np.round(self.far_m[own], 2)))]
        over = int(self.stalls.sum()) - self.most
        excess = self.used_m2 - self.allowed_m2
        given = np.cumsum(self.stall_cost[order])
        enough = max(over, int(np.searchsorted(given, excess)) + 1 if excess > _NOISE_M2 else 0)
        self.stalls[order[:enough]] = False
        if aisle >= 0:
            self.cut[aisle] = True
        if enough >= len(own) and aisle >= 0 and whole:
            self.aisles[aisle] = False


def _meetings(aisles: NDArray[np.object_], roads: shapely.Geometry, access_m: float) -> Flags:
    """Tell which aisles lead to each other, and to the road, over a contact that is wide enough."""
    count = len(aisles)
    meets = np.zeros((count + 1, count + 1), dtype=bool)
    if not count:
        return meets
    grown = shapely.buffer(aisles, _TOUCH_M, join_style="mitre")
    i, j = shapely.STRtree(aisles).query(grown, predicate="intersects")
    wide = shapely.area(shapely.intersection(grown[i], aisles[j])) >= 0.9 * access_m * _TOUCH_M
    meets[i[wide], j[wide]] = True
    at_road = shapely.area(shapely.intersection(grown, roads)) >= 0.9 * access_m * _TOUCH_M
    meets[:-1, -1] = meets[-1, :-1] = at_road
    return meets | meets.T


def _needs(layout: Layout, roads: shapely.Geometry, limits: LayoutLimits) -> Flags:
    """Tell over which other aisles the stalls of an aisle drive in and out."""
    count = len(layout.aisles)
    needs = np.zeros((count, count), dtype=bool)
    own = np.flatnonzero(layout.aisle >= 0)
    if not len(own):
        return needs
    strips = _strips(layout, limits)[own]
    rest = shapely.difference(strips, layout.aisles[layout.aisle[own]])
    some = np.flatnonzero(shapely.area(rest) > _NOISE_M2)
    rest = shapely.difference(rest[some], roads)
    at, by = shapely.STRtree(layout.aisles).query(rest, predicate="intersects")
    over = shapely.area(shapely.intersection(rest[at], layout.aisles[by])) > _NOISE_M2
    needs[layout.aisle[own[some[at[over]]]], by[over]] = True
    np.fill_diagonal(needs, False)
    return needs


def _taken(layout: Layout, stalls: Flags, aisles: Flags) -> Layout:
    number = np.append(np.cumsum(aisles) - 1, -1)
    return _measured(
        replace(
            layout,
            stalls=layout.stalls[stalls],
            arrangement=layout.arrangement[stalls],
            angle_deg=layout.angle_deg[stalls],
            aisle=number[layout.aisle[stalls]].astype(np.int64),
            mouth=layout.mouth[stalls],
            aisles=layout.aisles[aisles],
            dead_end_m=layout.dead_end_m[aisles],
        )
    )


def _measured(layout: Layout) -> Layout:
    """Take the area of a layout anew; aisles may overlap each other."""
    area = float(shapely.area(shapely.union_all(layout.aisles)) + shapely.area(layout.stalls).sum())
    return replace(layout, area_m2=area, m2_per_stall=area / layout.count if layout.count else None)


def _shortened(
    layout: Layout, cut: Flags, meets_road: Flags, roads: shapely.Geometry, limits: LayoutLimits
) -> Layout:
    """Take the ends of aisles off that lead to no stall any more."""
    if not cut.any():
        return layout
    strips = _strips(layout, limits)
    aisles = layout.aisles.copy()
    for at in np.flatnonzero(cut):
        others = np.delete(aisles, at)
        beside = others[shapely.dwithin(others, aisles[at], _TOUCH_M)]
        over = shapely.area(shapely.intersection(strips, aisles[at])) > _NOISE_M2
        if over.any():
            road = roads if meets_road[at] else shapely.Polygon()
            # Before a slanted stall the aisle reaches as far as the stall itself.
            users = np.concatenate([strips[over], layout.stalls[over]])
            aisles[at] = _clipped(aisles[at], users, beside, road, limits.access_m)
    return _measured(replace(layout, aisles=aisles))


def _clipped(
    aisle: shapely.Geometry,
    users: NDArray[np.object_],
    beside: NDArray[np.object_],
    roads: shapely.Geometry,
    access_m: float,
) -> shapely.Geometry:
    """Keep an aisle from end to end of what needs it: stalls, other aisles, the nearest way to the road."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(aisle))[:4]
    sides = np.diff(box[:3], axis=0)
    long = sides[int(np.argmax(np.linalg.norm(sides, axis=1)))]
    way = long / np.linalg.norm(long)
    grown = aisle.buffer(_TOUCH_M, join_style="mitre")
    spans = [_span(one, way) for one in users]
    spans += [_span(met, way) for met in shapely.intersection(beside, grown) if not met.is_empty]
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    for met in _nearest_contact(roads, grown, way, (low, high), access_m):
        low, high = min(low, met[0]), max(high, met[1])
    origin, wide = box[0], 10_000.0
    across = np.array([-way[1], way[0]])
    start = way * low + across * (origin @ across)
    end = way * high + across * (origin @ across)
    slab = shapely.polygons(
        [start - across * wide, end - across * wide, end + across * wide, start + across * wide]
    )
    kept = shapely.intersection(aisle, slab)
    parts = shapely.get_parts(kept)
    areas = parts[shapely.get_dimensions(parts) == 2]
    return areas[0] if len(areas) == 1 else shapely.multipolygons(areas) if len(areas) else aisle


def _nearest_contact(
    roads: shapely.Geometry,
    grown: shapely.Geometry,
    way: Floats,
    needed: tuple[float, float],
    access_m: float,
) -> list[tuple[float, float]]:
    """Span along an aisle of its contact with the road, cut down to what is needed; empty without a road."""
    met = shapely.get_parts(shapely.intersection(roads, grown))
    spans = [_span(one, way) for one in met if shapely.area(one) >= 0.8 * access_m * _TOUCH_M]
    if not spans:
        return []
    near = min(spans, key=lambda span: (max(span[0] - needed[1], needed[0] - span[1], 0.0), span))
    room = 2 * access_m
    low = min(max(near[0], needed[0] - room), max(near[1] - room, near[0]))
    high = max(min(near[1], needed[1] + room), min(low + room, near[1]))
    return [(low, high)]


def _span(shape: shapely.Geometry, way: Floats) -> tuple[float, float]:
    along = shapely.get_coordinates(shape) @ way
    return float(along.min()), float(along.max())


def _strips(layout: Layout, limits: LayoutLimits) -> NDArray[np.object_]:
    """Ground before each stall over which it is driven into."""
    depth = {size.id: size.aisle_m for size in limits.sizes}
    deep = np.array([depth.get(str(name), limits.min_aisle_m) for name in layout.arrangement])
    corners = corners_of(layout.stalls, layout.mouth)
    return pushed_out(corners[:, :2], corners.mean(axis=1), deep)


def _union(*shapes: shapely.Geometry | None) -> shapely.Geometry:
    return shapely.union_all([one for one in shapes if one is not None])

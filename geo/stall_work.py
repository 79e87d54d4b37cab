"""The way from ground to a layout: made ready, searched, drawn; large ground in pieces and rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise

import shapely

from geo.stall_lot import Ready, areas_of, make_ready, own_areas
from geo.stall_pieces import joined_layouts, left_of, pieces_of, with_roads
from geo.stall_proposal import Lot, propose, without_dead_ends
from geo.stall_shapes import Plan, draw
from geo.stall_sizes import Layout, LayoutLimits, no_stalls
from geo.stall_solve import solve, thrifty
from geo.stall_trim import trimmed

__all__ = ["Work"]

Progress = Callable[[float], None]

NO_GROUND = "没有可以停车的空地"
NO_STALLS = "空地放不下停车位，或车辆到不了"
NO_ROADS = "无路网数据：附近没有可供车辆通行的道路"

# Larger ground is laid out in pieces, with changes by area; what they leave is looked at again.
_LARGE_M2, _PART_M2 = 30_000.0, 20_000.0
# Rounds, by the part of the work that is done before: the first takes most of it.
_BEGINS = (0.0, 0.85, 0.95, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """Ground of one layout, and how it is to be laid out.

    Attributes
    ----------
    ground, roads, streets : Polygon or MultiPolygon
        Metres, valid; perhaps empty.
    limits : LayoutLimits
    effort : float
    seed : int
    """

    ground: shapely.Geometry
    roads: shapely.Geometry
    streets: shapely.Geometry
    limits: LayoutLimits
    effort: float
    seed: int

    @classmethod
    def of(
        cls,
        ground: object,
        roads: object,
        streets: object,
        *,
        limits: LayoutLimits | None,
        effort: float,
        seed: int,
    ) -> Work:
        """Take anything: what is no area counts as empty, what is invalid is mended."""
        area, driven, ways = (areas_of(shape) for shape in (ground, roads, streets))
        return cls(
            ground=area,
            roads=driven,
            streets=ways,
            limits=limits or LayoutLimits(),
            effort=effort,
            seed=seed,
        )

    @property
    def large(self) -> bool:
        """Whether it is too large for one search."""
        return bool(shapely.area(self.ground) > _LARGE_M2)

    @property
    def pieces(self) -> list[shapely.Geometry]:
        """What is searched at once, the largest first."""
        return pieces_of(self.ground) if self.large else [self.ground]

    def laid_out(self, tell: Progress) -> Layout:
        """All that fits: the pieces, then what they leave."""
        layout, pieces = no_stalls(), self.pieces
        for begin, end in pairwise(_BEGINS):
            before = layout.count
            for piece, part in _shared_out(pieces, begin, end, tell):
                ready = self._ready(piece, with_roads(self.roads, layout))
                if ready is not None:
                    drawn = _drawn(ready, self._solved(ready, part), self.limits)
                    layout = joined_layouts(layout, drawn, self.roads)
            if layout.count == before or not self.large:
                break
            pieces = pieces_of(left_of(self.ground, layout))
        return layout if layout.count else no_stalls(self._why_none())

    def proposed(self, paved: object, tell: Progress) -> Layout:
        """No more than asked for, with all that has to be kept."""
        found = [self._ready(piece, self.roads) for piece in self.pieces]
        lots = [ready for ready in found if ready is not None]
        layout = self._chosen(lots, [thrifty(ready, seed=self.seed) for ready in lots], paved)
        if self.limits.most is None or layout.count < self.limits.most:
            shares = _shared_out([ready.ground for ready in lots], 0.2, 1.0, tell)
            plans = [
                self._solved(ready, part) for ready, (_, part) in zip(lots, shares, strict=True)
            ]
            fuller = self._chosen(lots, plans, paved)
            layout = fuller if fuller.count > layout.count else layout
        return layout if layout.count else no_stalls(self._why_none())

    def _ready(self, piece: shapely.Geometry, roads: shapely.Geometry) -> Ready | None:
        """Make a piece ready, if anything can stand on it and be driven to."""
        ready = make_ready(piece, roads, self.streets, self.limits)
        if ready is None or (ready.roads.is_empty and ready.streets.is_empty):
            return None
        return ready

    def _solved(self, ready: Ready, tell: Progress) -> Plan:
        part = float(shapely.area(ready.ground)) / _PART_M2 if self.large else None
        return solve(ready, effort=self.effort, part=part, seed=self.seed, progress=tell)

    def _chosen(self, readies: Sequence[Ready], plans: Sequence[Plan], paved: object) -> Layout:
        """Draw the rows of all pieces that keep the limits."""
        longest_m = self.limits.longest_dead_end_m
        lots = [
            Lot(ready, trimmed(ready, plan, longest_m)[0], own_areas(ready, paved))
            for ready, plan in zip(readies, plans, strict=True)
        ]
        drawn = (
            _proposed(lot.ready, plan, self.limits)
            for lot, plan in zip(lots, propose(lots, self.limits), strict=True)
        )
        return reduce(lambda one, other: joined_layouts(one, other, self.roads), drawn, no_stalls())

    def _why_none(self) -> str:
        found = [make_ready(one, self.roads, self.streets, self.limits) for one in self.pieces]
        lots = [ready for ready in found if ready is not None]
        if not lots:
            return NO_GROUND
        driven = any(not (ready.roads.is_empty and ready.streets.is_empty) for ready in lots)
        return NO_STALLS if driven else NO_ROADS


def _shared_out(
    pieces: Sequence[shapely.Geometry], begin: float, end: float, tell: Progress
) -> Iterator[tuple[shapely.Geometry, Progress]]:
    """Give each piece the part of the progress that its area is."""
    whole, done = sum(shapely.area(piece) for piece in pieces) or 1.0, 0.0
    for piece in pieces:
        low = begin + (end - begin) * done / whole
        done += float(shapely.area(piece))
        high = begin + (end - begin) * done / whole
        tell(low)
        yield piece, partial(_part_of, tell, low, high)


def _part_of(tell: Progress, low: float, high: float, share: float) -> None:
    tell(low + (high - low) * share)


def _drawn(ready: Ready, plan: Plan, limits: LayoutLimits) -> Layout:
    """Draw a plan with its aisles cut to what is needed, or whole if that loses a stall."""
    short, dead_end_m = trimmed(ready, plan)
    layout = draw(ready, short, limits, dead_end_m)
    if layout.dropped or layout.count < int(plan.rows[:, 5].sum()):
        whole = draw(ready, plan, limits)
        layout = whole if whole.count > layout.count else layout
    return layout


def _proposed(ready: Ready, chosen: Plan, limits: LayoutLimits) -> Layout:
    """Draw rows that were chosen, without those that have lost their way on."""
    longest_m = limits.longest_dead_end_m
    short, dead_end_m = trimmed(ready, chosen, longest_m)
    # A ring may have gone with rows that were not chosen.
    while (left := without_dead_ends(ready, short, longest_m)) is not short:
        short, dead_end_m = trimmed(ready, left, longest_m)
    return draw(ready, short, limits, dead_end_m)

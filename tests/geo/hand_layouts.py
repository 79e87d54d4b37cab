"""Layouts drawn by hand, row by row: proof that a count can be reached, and something to plant faults in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely


@dataclass(frozen=True, kw_only=True)
class Size:
    """A row of table 4.3.4 of JGJ 100-2015, under the names that a layout is asked with."""

    id: str
    angle_deg: float
    width_m: float = 2.4
    length_m: float = 5.3
    depth_wall_m: float
    depth_back_m: float
    pitch_m: float
    aisle_m: float


BACK_IN = Size(
    id="perpendicular", angle_deg=90, depth_wall_m=5.3, depth_back_m=5.1, pitch_m=2.4, aisle_m=5.5
)
FORWARD = replace(BACK_IN, id="perpendicular_forward", aisle_m=9.0)
SLANT_60 = Size(
    id="angled_60", angle_deg=60, depth_wall_m=5.8, depth_back_m=5.0, pitch_m=2.8, aisle_m=4.2
)
SLANT_60_FORWARD = replace(SLANT_60, id="angled_60_forward", aisle_m=4.5)
SLANT_45 = Size(
    id="angled_45", angle_deg=45, depth_wall_m=5.5, depth_back_m=4.6, pitch_m=3.4, aisle_m=3.8
)
SLANT_30 = Size(
    id="angled_30", angle_deg=30, depth_wall_m=4.8, depth_back_m=3.6, pitch_m=4.8, aisle_m=3.8
)
PARALLEL = Size(
    id="parallel",
    angle_deg=0,
    length_m=6.0,
    depth_wall_m=2.4,
    depth_back_m=2.1,
    pitch_m=6.0,
    aisle_m=3.8,
)
SIZES = (BACK_IN, FORWARD, SLANT_60, SLANT_60_FORWARD, SLANT_45, SLANT_30, PARALLEL)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a layout has to keep."""

    sizes: tuple[Size, ...] = SIZES
    min_aisle_m: float = 3.0
    access_m: float = 3.0
    most: int | None = None
    keep_unpaved_share: float = 0.0
    longest_dead_end_m: float | None = None
    turning_place_m: float = 12.0
    group_most: int | None = None
    group_gap_m: float = 6.0


@dataclass(kw_only=True)
class Drawn:
    """A layout with the fields of `geo.stalls.Layout`, open to change."""

    stalls: list[Any] = field(default_factory=list)
    arrangement: list[str] = field(default_factory=list)
    angle_deg: list[float] = field(default_factory=list)
    aisle: list[int] = field(default_factory=list)
    mouth: list[Any] = field(default_factory=list)
    aisles: list[Any] = field(default_factory=list)
    dead_end_m: list[float] = field(default_factory=list)
    area_m2: float = 0.0
    m2_per_stall: float | None = None
    dropped: int = 0
    notes: tuple[str, ...] = ()
    count: int = 0

    def lane(self, shape: Any) -> int:
        """Draw an aisle."""
        self.aisles.append(shape)
        self.dead_end_m.append(0.0)
        return len(self.aisles) - 1

    def row(
        self,
        size: Size,
        start: tuple[float, float],
        heading_deg: float,
        count: int,
        *,
        left: bool,
        aisle: int,
        deep_m: float | None = None,
    ) -> None:
        """Draw stalls along the edge of an aisle.

        ``heading_deg`` is counted from the x axis to the left; stalls stand on the left or right of it.
        """
        turn = np.radians(heading_deg)
        along = np.array([np.cos(turn), np.sin(turn)])
        away = np.array([-along[1], along[0]]) * (1 if left else -1)
        for number in range(count):
            corner = np.asarray(start) + number * size.pitch_m * along
            self._stall(size, corner, along, away, aisle, deep_m)

    def _stall(
        self, size: Size, corner: Any, along: Any, away: Any, aisle: int, deep_m: float | None
    ) -> None:
        slanted = size.angle_deg not in (0, 90)
        wide = size.length_m if size.angle_deg == 0 else size.width_m
        deep = deep_m or (size.length_m if slanted else size.depth_wall_m)
        lean = np.radians(size.angle_deg or 90.0)
        into = np.cos(lean) * along + np.sin(lean) * away
        side = np.sin(lean) * along - np.cos(lean) * away
        a = corner + wide * np.cos(lean) * away
        b = a + wide * side
        self.stalls.append(shapely.Polygon([a, b, b + deep * into, a + deep * into]))
        self.mouth.append(shapely.LineString([a, b]))
        self.arrangement.append(size.id)
        axis = along if size.angle_deg == 0 else into
        self.angle_deg.append(float(np.degrees(np.arctan2(axis[0], axis[1])) % 360.0))
        self.aisle.append(aisle)

    def told(self, ground: Any) -> Drawn:
        """Fill in the figures."""
        self.count = len(self.stalls)
        lanes = shapely.intersection(shapely.union_all(self.aisles), ground)
        self.area_m2 = shapely.union_all([*self.stalls, lanes]).area
        self.m2_per_stall = self.area_m2 / self.count if self.count else None
        return self


def fits(size: Size, long_m: float) -> int:
    """Stalls of a row of that length: the first takes more than its pitch where it leans."""
    lean = np.radians(size.angle_deg or 90.0)
    wide = size.length_m if size.angle_deg == 0 else size.width_m
    first = wide * np.sin(lean) + size.length_m * np.cos(lean) * (size.angle_deg != 0)
    return max(int(np.floor((long_m - first) / size.pitch_m + 1.0 + 1e-9)), 0)


def module(left: Size | None, right: Size | None, long_m: float, *, turn: int = 1) -> Drawn:
    """Draw one aisle up the y axis with a row on either side, its left wall at x = 0."""
    drawn = Drawn()
    wide = max(size.aisle_m for size in (left, right) if size)
    x0 = left.depth_wall_m if left else 0.0
    lane = drawn.lane(shapely.box(x0, 0.0, x0 + wide, long_m))
    if left:
        drawn.row(left, (x0, 0.0), 90.0, fits(left, long_m), left=True, aisle=lane)
    if right:
        drawn.row(right, (x0 + wide, 0.0), 90.0, fits(right, long_m), left=False, aisle=lane)
    ground = shapely.box(0.0, 0.0, x0 + wide + (right.depth_wall_m if right else 0.0), long_m)
    return drawn.told(ground)

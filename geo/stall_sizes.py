"""Words of a stall layout: sizes of stalls, limits, and what comes out.

Source of the figures: JGJ 100-2015 table 4.3.4 (small cars, backing in).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEFAULT_SIZES", "Layout", "LayoutLimits", "StallSize", "no_stalls"]


@dataclass(frozen=True, kw_only=True)
class StallSize:
    """One way to stand a car beside an aisle.

    Attributes
    ----------
    id : str
        Name of the arrangement.
    angle_deg : float
        Between the stall's long axis and the aisle: 90 perpendicular, 0 parallel.
    width_m, length_m : float
        The stall itself.
    depth_wall_m : float
        Depth of a row across the aisle, its back to a wall (We1).
    depth_back_m : float
        Depth of each of two rows back to back (We2); only perpendicular rows are laid so.
    pitch_m : float
        From one stall to the next along the aisle (Lt).
    aisle_m : float
        Least width of the aisle (Wd).
    """

    id: str
    angle_deg: float
    width_m: float
    length_m: float
    depth_wall_m: float
    depth_back_m: float
    pitch_m: float
    aisle_m: float

    @property
    def extent_m(self) -> float:
        """Length of one stall alone along its aisle."""
        turn = math.radians(self.angle_deg)
        if turn < 1e-9:
            return self.pitch_m
        own = self.length_m * math.cos(turn) + self.width_m * math.sin(turn)
        return max(own, self.width_m if self.angle_deg < 89.999 else self.pitch_m)


def _size(kind: str, angle: float, length: float, *table: float) -> StallSize:
    wall, back, pitch, aisle = table
    return StallSize(
        id=kind,
        angle_deg=angle,
        width_m=2.4,
        length_m=length,
        depth_wall_m=wall,
        depth_back_m=back,
        pitch_m=pitch,
        aisle_m=aisle,
    )


DEFAULT_SIZES: tuple[StallSize, ...] = (
    _size("perpendicular", 90.0, 5.3, 5.3, 5.1, 2.4, 5.5),
    _size("angled_60", 60.0, 5.3, 5.8, 5.0, 2.8, 4.2),
    _size("angled_45", 45.0, 5.3, 5.5, 4.6, 3.4, 3.8),
    _size("angled_30", 30.0, 5.3, 4.8, 3.6, 4.8, 3.8),
    _size("parallel", 0.0, 6.0, 2.4, 2.1, 6.0, 3.8),
)


@dataclass(frozen=True, kw_only=True)
class LayoutLimits:
    """What a layout has to keep.

    Attributes
    ----------
    sizes : tuple of StallSize
        Arrangements that may be used.
    min_aisle_m : float
        No aisle is narrower (JGJ 100-2015 4.3.4: 3.0).
    access_m : float
        Clear contact of an aisle with what it is driven from.
    most : int, optional
        Stop at so many stalls.
    keep_unpaved_share : float
        Share, 0–1, of the ground that is not paved and has to stay so.
    longest_dead_end_m : float, optional
        Longer aisles end in a turning place or lead on.
    turning_place_m : float
        Side of a turning place.
    group_most : int, optional
        Stalls in a group.
    group_gap_m : float
        Between groups.
    """

    sizes: tuple[StallSize, ...] = DEFAULT_SIZES
    min_aisle_m: float = 3.0
    access_m: float = 3.0
    most: int | None = None
    keep_unpaved_share: float = 0.0
    longest_dead_end_m: float | None = None
    turning_place_m: float = 12.0
    group_most: int | None = None
    group_gap_m: float = 6.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """Stalls and aisles of one piece of ground, in the metres of the ground.

    Attributes
    ----------
    stalls : ndarray of Polygon, (n,)
        Four corners each.
    arrangement : ndarray of str, (n,)
        :attr:`StallSize.id`.
    angle_deg : ndarray of float, (n,)
        Bearing of the long axis, 0–180 clockwise from grid north.
    aisle : ndarray of int, (n,)
        Position in `aisles`, −1 for stalls beside a road that is there.
    mouth : ndarray of LineString, (n,)
        Side towards the aisle.
    aisles : ndarray of Polygon, (m,)
        New aisles, without what lies on a road.
    dead_end_m : ndarray of float, (m,)
        How far one drives in before one has to drive back; 0 where the aisle leads on.
    area_m2 : float
        Ground under stalls and new aisles.
    m2_per_stall : float or None
        The same for each stall, None without stalls.
    dropped : int
        Stalls that were taken out again since no car would reach them.
    notes : tuple of str
        What a planner has to know, in Chinese.
    """

    stalls: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    arrangement: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype=np.str_))
    angle_deg: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    aisle: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    mouth: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    aisles: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    dead_end_m: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    area_m2: float = 0.0
    m2_per_stall: float | None = None
    dropped: int = 0
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of stalls."""
        return len(self.stalls)


def no_stalls(*notes: str) -> Layout:
    """Make a layout without a stall, and say why."""
    return Layout(notes=notes)

"""Lots whose best count follows from a formula, and how they are put to the engine.

A strip of ground with a road at its end holds as many stalls as its best module: one aisle with a row on
either side. Each count was drawn by hand too, see `tests.geo.test_stall_checker`; a layout may hold more where
the end of a strip or the front along the road is used as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import affinity, box

from tests.geo.hand_layouts import (
    BACK_IN,
    FORWARD,
    PARALLEL,
    SLANT_30,
    SLANT_45,
    SLANT_60,
    SLANT_60_FORWARD,
    Limits,
    Size,
    fits,
)

DEFAULT = (BACK_IN, SLANT_60, SLANT_45, SLANT_30, PARALLEL)
COMFORT = Size(
    id="comfort",
    angle_deg=90,
    width_m=2.5,
    depth_wall_m=5.3,
    depth_back_m=5.3,
    pitch_m=2.5,
    aisle_m=6.0,
)
LIMITS = Limits(sizes=DEFAULT)


@dataclass(frozen=True, eq=False)
class Lot:
    """Ground, roads and streets, the count to hold and where it is from."""

    name: str
    ground: Any
    roads: Any
    known: int
    how: str
    streets: Any = None
    limits: Limits = LIMITS

    def moved(self, turned_deg: float, dx: float, dy: float, *, mirrored: bool = False) -> Lot:
        """Return the same lot somewhere else."""

        def move(shape: Any) -> Any:
            if shape is None:
                return None
            if mirrored:
                shape = affinity.scale(shape, -1.0, 1.0, origin=(0, 0))
            turned = affinity.rotate(shape, turned_deg, origin=(0, 0))
            return affinity.translate(turned, dx, dy)

        name = f"{self.name}, turned {turned_deg}"
        ground, roads, streets = move(self.ground), move(self.roads), move(self.streets)
        return Lot(name, ground, roads, self.known, self.how, streets, self.limits)


def best_module(wide_m: float, long_m: float, sizes: tuple[Size, ...] = DEFAULT) -> int:
    """Most stalls of one aisle along a strip, whatever stands on its two sides."""
    most = 0
    for left, right in itertools.product((None, *sizes), sizes):
        depths = right.depth_wall_m + (left.depth_wall_m if left else 0.0)
        aisle = max(size.aisle_m for size in (left, right) if size)
        if depths + aisle <= wide_m + 1e-9:
            most = max(most, fits(right, long_m) + (fits(left, long_m) if left else 0))
    return most


def best_strip(wide_m: float, long_m: float, *, modules: int = 3) -> int:
    """Most stalls of several modules side by side, perpendicular rows back to back at the lesser depth."""
    counts = {size: fits(size, long_m) for size in DEFAULT}
    most = 0
    open_ways: list[tuple[float, int, Size | None]] = [(0.0, 0, None)]
    for _ in range(modules):
        ways = []
        for (taken, count, last), left, right in itertools.product(
            open_ways, (None, *DEFAULT), (None, *DEFAULT)
        ):
            rows = [size for size in (left, right) if size]
            if not rows:
                continue
            wide = taken + sum(size.depth_wall_m for size in rows)
            wide += max(size.aisle_m for size in rows)
            if left is BACK_IN and last is BACK_IN:
                wide -= 2 * (BACK_IN.depth_wall_m - BACK_IN.depth_back_m)
            if wide <= wide_m + 1e-9:
                ways.append((wide, count + sum(counts[size] for size in rows), right))
        most = max([most, *(count for _, count, _ in ways)])
        open_ways = ways
    return most


def side_by_side(modules: int, long_m: float) -> tuple[float, int]:
    """Width and count of perpendicular modules, back to back where they meet."""
    inner = 2 * (modules - 1) * BACK_IN.depth_back_m
    wide = 2 * BACK_IN.depth_wall_m + inner + modules * BACK_IN.aisle_m
    return wide, 2 * modules * fits(BACK_IN, long_m)


def front(wide_m: float, deep_m: float = 5.0, beyond_m: float = 6.0) -> Any:
    """Road along the south side, y = 0, that goes on to both sides."""
    return box(-beyond_m, -deep_m, wide_m + beyond_m, 0.0)


def _strip(name: str, wide: float, long: float, known: int, how: str, **more: Any) -> Lot:
    return Lot(name, box(0.0, 0.0, wide, long), front(wide), known, how, **more)


def _one_arrangement() -> Iterator[Lot]:
    """Modules of domain.md 2.1 with nothing else allowed, 48 m and 61.7 m long."""
    every = (*DEFAULT, FORWARD, SLANT_60_FORWARD, COMFORT)
    for size, long, rows in itertools.product(every, (48.0, 61.7), (1, 2)):
        wide = rows * size.depth_wall_m + size.aisle_m
        known = rows * fits(size, long)
        name = f"{size.id}, {rows} rows, {wide:.1f} x {long:.1f}"
        how = f"{rows} * floor(({long} - first) / {size.pitch_m} + 1)"
        yield _strip(name, wide, long, known, how, limits=Limits(sizes=(size,)))


def _any_arrangement() -> Iterator[Lot]:
    """Strips of every width at which another module becomes the best."""
    for wide in (6.2, 8.0, 8.6, 9.3, 10.0, 10.8, 11.7, 12.4, 13.2, 14.0, 14.8, 15.8, 16.1, 18.0):
        for long in (36.0, 60.0):
            known = best_module(wide, long)
            yield _strip(f"strip {wide} x {long}", wide, long, known, "best module of the table")


def _several_modules() -> Iterator[Lot]:
    for modules, long in ((2, 60.0), (2, 43.3), (3, 48.0), (4, 36.0)):
        wide, known = side_by_side(modules, long)
        how = f"{2 * modules} * floor({long} / 2.4), back to back 2 x 5.1"
        yield _strip(f"{modules} modules, {wide:.1f} x {long}", wide, long, known, how)
    for wide in (22.3, 24.7, 26.5, 28.9, 37.3, 42.2):
        known = best_strip(wide, 60.0)
        yield _strip(f"mixed modules, {wide} x 60", wide, 60.0, known, "best modules side by side")
    yield _strip("two modules with walls, 32.2 x 60", 32.2, 60.0, 100, "4 * floor(60 / 2.4)")


def _along_a_road() -> Iterator[Lot]:
    """Rows that use the road as their aisle."""
    for size in DEFAULT:
        ground = box(0.0, 0.0, 60.0, size.depth_wall_m)
        road = front(60.0, size.aisle_m)
        how = "floor((60 - first) / pitch + 1), the road is the aisle"
        name = f"{size.id} along a road"
        yield Lot(name, ground, road, fits(size, 60.0), how, limits=Limits(sizes=(size,)))
    yield Lot("5.3 deep along 5.5 m", box(0, 0, 60, 5.3), front(60, 5.5), 25, "floor(60 / 2.4)")
    yield Lot(
        "5.8 deep along 5.0 m",
        box(0, 0, 60, 5.8),
        front(60, 5.0),
        25,
        "floor(60 / 2.4), half a metre of aisle on the ground",
    )
    yield Lot("5.8 deep along 4.5 m", box(0, 0, 60, 5.8), front(60, 4.5), 20, "60 degrees: 20")
    yield Lot("2.4 deep along 5.0 m", box(0, 0, 60, 2.4), front(60, 5.0), 10, "floor(60 / 6)")
    sides = box(0, 0, 60, 5.3) | box(0, -10.8, 60, -5.5)
    yield Lot("rows on both sides of a road", sides, front(60, 5.5), 50, "2 * floor(60 / 2.4)")
    between = front(60, 5.5) | box(-6, 10.2, 66, 15.7) | box(-6, -5.5, 0, 15.7)
    how = "2 * floor(60 / 2.4), back to back"
    yield Lot("island between two roads", box(0, 0, 60, 10.2), between, 50, how)
    inside = box(0, 0, 48, 16.1) - box(0, 5.3, 48, 10.8)
    road = box(-6, 5.3, 48, 10.8)
    yield Lot("a road in the middle", inside, road, 40, "2 * floor(48 / 2.4)")


def _nothing() -> Iterator[Lot]:
    yield Lot("1.5 x 60, nothing fits", box(0, 0, 1.5, 60), front(1.5), 0, "narrower than a stall")
    yield Lot("30 x 30 without a road", box(0, 0, 30, 30), None, 0, "no car comes in")
    yield Lot("a road 3 m away", box(0, 3, 30, 33), front(30), 0, "no car comes in")
    gate = box(0, 0, 30, 30) | box(10, -2, 12.3, 0)
    yield Lot("a gate of 2.3 m", gate, box(-6, -8, 36, -2), 0, "narrower than a lane")
    ground = box(0, 0, 60, 2.4)
    yield Lot("2.4 deep along a street", ground, None, 0, "nobody backs out on it", front(60, 9.0))
    # Pairs of stalls on both sides of short lanes across the depth.
    ground = box(0, 0, 60, 5.3)
    how = "14: lanes of 5.5 m every 15.7 m, two stalls deep"
    yield Lot("5.3 deep along a street", ground, None, 14, how, front(60, 9.0))


def _behind_a_street() -> Iterator[Lot]:
    """A street is only where cars come from: the strip holds its module all the same."""
    for lot in (_strip("", 16.1, 100.0, 82, ""), _strip("", 10.8, 48.0, 20, "")):
        name = f"{lot.ground.bounds[2]} wide off a street"
        yield Lot(name, lot.ground, None, lot.known, "2 * floor(L / 2.4), 1 row", lot.roads)


def _of_the_design() -> Iterator[Lot]:
    """Lots of the prototype, and the first of them turned."""
    lot = _strip("16.1 x 100", 16.1, 100.0, 82, "2 * floor(100 / 2.4)")
    yield lot
    yield _strip("20 x 40", 20.0, 40.0, 32, "2 * floor(40 / 2.4)")
    for turned in (23.7, 45.0, 90.0, 171.3):
        yield lot.moved(turned, 439_211.3, 4_427_107.7)
    yield lot.moved(23.7, 0.0, 0.0, mirrored=True)
    yield _strip("13.2 x 60, perpendicular and parallel", 13.2, 60.0, 35, "25 + 10")


def formula_lots() -> list[Lot]:
    """Every lot whose count follows from a formula."""
    makers = (
        _of_the_design,
        _one_arrangement,
        _any_arrangement,
        _several_modules,
        _along_a_road,
        _behind_a_street,
        _nothing,
    )
    return [lot for make in makers for lot in make()]


def bound(lot: Lot) -> float:
    """What the area allows (not strict): half an aisle with each stall, none where the road is the aisle."""
    smallest = min((s.depth_back_m + s.aisle_m / 2.0) * s.pitch_m for s in lot.limits.sizes)
    shared = shapely.intersection(lot.ground.boundary, shapely.buffer(lot.roads, 0.1)).length
    return float(np.ceil(lot.ground.area / smallest + shared / 2.4))

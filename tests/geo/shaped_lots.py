"""Lots of many shapes and the best count known for each, with where it is from.

``hand``: drawn or reckoned by hand; ``engine``: the most that the engine ever laid out without a fault;
``model``: the exact model of `tests.geo.grid_model`, with what it proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely import Polygon, box

from tests.geo.grid_lots import GRIDS
from tests.geo.grid_model import GROUND, ROAD
from tests.geo.hand_layouts import Limits, Size
from tests.geo.known_counts import BY_MODEL, KNOWN
from tests.geo.lots import Lot, front

# The stall of the model: whole cells of 2.4 m.
ON_THE_GRID = Size(
    id="perpendicular",
    angle_deg=90,
    length_m=4.8,
    depth_wall_m=4.8,
    depth_back_m=4.8,
    pitch_m=2.4,
    aisle_m=4.8,
)
GRID_LIMITS = Limits(sizes=(ON_THE_GRID,), min_aisle_m=3.0, access_m=3.0)


def gate(ground: Any, x: float, wide: float, deep: float = 3.0) -> tuple[Any, Any]:
    """Ground behind a wall with one gap, and the road before it."""
    x0, y0, x1, _ = ground.bounds
    door = box(x, y0 - deep, x + wide, y0)
    return ground | door, box(x0 - 6.0, y0 - deep - 5.0, x1 + 6.0, y0 - deep)


def _beside_a_road() -> Iterator[tuple[str, Any, Any]]:
    corner = box(0, 0, 16.1, 50) | box(0, 33.9, 46.1, 50)
    yield "L of 16.1 m legs", corner, front(16.1)
    yield "wide L", box(0, 0, 50, 32) - box(33, 16, 50, 32), front(50)
    yield "T", box(15, 0, 31.1, 30) | box(0, 30, 46.1, 46.1), front(46.1)
    yield "U", box(0, 0, 55, 40) - box(20, 17, 35, 40), front(55)
    yield "trapezoid", Polygon([(0, 0), (40, 0), (30, 45), (8, 45)]), front(40)
    yield (
        "trapezoid, narrow side on the road",
        Polygon([(12, 0), (30, 0), (45, 40), (0, 40)]),
        front(45),
    )
    yield "triangle", Polygon([(0, 0), (60, 0), (25, 50)]), front(60)
    yield "parallelogram", Polygon([(0, 0), (50, 0), (65, 34), (15, 34)]), front(50)
    yield "notch", box(0, 0, 40, 35) - box(14, 20, 26, 35), front(40)
    yield "notch on the road", box(0, 0, 40, 35) - box(10, 0, 22, 9), front(40)
    yield "ring round a building", box(0, 0, 50, 48) - box(16.2, 16.2, 33.8, 31.8), front(50)
    yield "tree pits", _pitted(), front(60)
    yield "quarter of a ring", _bend(40.0, 56.1), box(39, -5, 62, 0)
    yield "disc", _disc(), box(-6, -2, 56, 3)
    yield "wedge", Polygon([(0, 0), (10, 0), (18, 60), (0, 60)]), front(18)
    yield "shallow, along the road", box(0, 0, 80, 12), front(80)
    yield "21.6 deep, along the road", box(0, 0, 80, 21.6), front(80, 6.0)
    yield "road at both ends", box(0, 0, 30, 50), front(30) | box(-6, 50, 36, 55)
    yield "block of 6,000 m2", box(0, 0, 75, 80), front(75)
    yield "road across a corner", _cut_corner(), Polygon([(-6, 26), (26, -6), (22, -10), (-10, 22)])
    yield "two parts on one road", box(0, 0, 20, 30) | box(30, 0, 52, 26), front(52)
    yield "one part out of reach", box(0, 0, 24, 30) | box(30, 10, 60, 30), front(24)
    yield "slabs", _slabs(), front(64)
    for seed in range(4):
        yield f"crooked {seed}", crooked(seed), front(50)


def _behind_a_gate() -> Iterator[tuple[str, Any, Any]]:
    yield "16.1 m wide, gate of 5.5 m", *gate(box(0, 0, 16.1, 48), 5.3, 5.5)
    yield "32 x 32, gate of 4 m", *gate(box(0, 0, 32, 32), 14, 4.0)
    yield "48 x 32, gate of 6 m", *gate(box(0, 0, 48, 32), 5, 6.0)
    yield "26 x 24, gate of 3 m in a corner", *gate(box(0, 0, 26, 24), 0, 3.0)
    yield "60 x 16.1, gate in the long side", *gate(box(0, 0, 60, 16.1), 27, 6.0)
    yield "60 x 36, gate of 4 m", *gate(box(0, 0, 60, 36), 28, 4.0)
    yield "L, gate of 4 m", *gate(box(0, 0, 40, 40) - box(18, 18, 40, 40), 4, 4.0)
    yield "U, gate of 5 m", *gate(box(0, 0, 48, 36) - box(17, 14, 31, 36), 21, 5.0)
    hollow = box(0, 0, 52, 48) - box(18, 18, 34, 30)
    yield "ring, gate of 5 m", *gate(hollow, 23, 5.0)
    yield "triangle, gate of 4 m", *gate(Polygon([(0, 0), (55, 0), (20, 45)]), 16, 4.0)
    yield "crooked 4, gate of 4 m", *gate(crooked(4), 22, 4.0, 6.0)
    yield "crooked 5, gate of 6 m", *gate(crooked(5), 22, 6.0, 6.0)


def _pitted() -> Any:
    pits = [box(x, y, x + 1.5, y + 1.5) for x in (9, 29, 49) for y in (9, 27)]
    return box(0, 0, 60, 36) - shapely.union_all(pits)


def _bend(inner: float, outer: float) -> Any:
    ring = shapely.Point(0, 0).buffer(outer, quad_segs=32) - shapely.Point(0, 0).buffer(
        inner, quad_segs=32
    )
    return ring & box(0, 0, 60, 60)


def _cut_corner() -> Any:
    return Polygon([(20, 0), (50, 0), (50, 45), (0, 45), (0, 20)])


def _disc() -> Any:
    return shapely.Point(25, 25).buffer(25.0, quad_segs=32) - box(-6, -2, 56, 3)


def _slabs() -> Any:
    houses = [box(6, y, 58, y + 11) for y in (14, 42)]
    return box(0, 0, 64, 70) - shapely.union_all(houses)


def crooked(seed: int) -> Any:
    """Some five to nine corners around a middle, cut straight along y = 0."""
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.uniform(0.0, 2 * np.pi, int(rng.integers(6, 10))))
    reach = rng.uniform(18.0, 34.0, len(turns))
    corners = np.column_stack([25 + reach * np.cos(turns), 16 + reach * np.sin(turns)])
    hull = Polygon(corners).buffer(0) | box(12, 0, 38, 20)
    cut = hull & box(-50, 0, 100, 100)
    return max(shapely.get_parts(cut), key=shapely.area)


def shaped_lots() -> list[Lot]:
    """Lots of the sizes of the table, roads and gates in metres."""
    made = []
    for name, ground, roads in (*_beside_a_road(), *_behind_a_gate()):
        known, how = KNOWN.get(name, (0, "not known"))
        made.append(Lot(name, ground, roads, known, how))
    turned = [lot.moved(31.0, 400_000.0, 3_900_000.0) for lot in made[:2]]
    return made + turned


def grid_lots() -> list[Lot]:
    """Lots that the exact model was run on, with its stalls of 2.4 x 4.8 m and aisles of 4.8 m."""
    made = []
    for name, grid in GRIDS.items():
        known, how = BY_MODEL.get(name, (0, "not known"))
        ground, roads = grid.shape(GROUND), grid.shape(ROAD)
        made.append(Lot(name, ground, roads, known, how, limits=GRID_LIMITS))
    return made

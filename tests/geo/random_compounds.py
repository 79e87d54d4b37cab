"""Made-up compounds with slabs, lanes and green, for what has to hold everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point, affinity, box

SETBACK_M = 1.5


@dataclass(frozen=True, eq=False)
class Compound:
    """What is known of a compound, in metres."""

    outline: Any
    buildings: Any
    green: Any
    roads: Any
    streets: Any

    @property
    def ground(self) -> Any:
        """What nothing stands on."""
        taken = [shapely.buffer(self.buildings, SETBACK_M), self.green, self.roads, self.streets]
        return self.outline - shapely.union_all(taken)


def compound(seed: int) -> Compound:
    """Between 0.3 and 1.5 ha, anywhere and turned anyhow."""
    rng = np.random.default_rng(seed)
    wide, deep = rng.uniform(50.0, 130.0), rng.uniform(45.0, 110.0)
    outline = _outline(rng, wide, deep)
    gate = rng.uniform(0.2, 0.8) * wide
    lane = float(rng.choice([3.5, 4.0, 5.0, 6.0, 7.0]))
    street = box(-60.0, -22.0, wide + 60.0, -8.0)
    lanes = [LineString([(gate, -9.0), (gate + rng.uniform(-4.0, 4.0), 0.7 * deep)])]
    if rng.random() < 0.6:
        level = rng.uniform(0.3, 0.65) * deep
        lanes.append(LineString([(4.0, level), (wide - 4.0, level + rng.uniform(-5.0, 5.0))]))
    roads = shapely.union_all([line.buffer(lane / 2.0, cap_style="flat") for line in lanes])
    roads = shapely.intersection(roads, outline | box(-60.0, -8.0, wide + 60.0, 0.0))
    buildings = _slabs(rng, wide, deep) - roads.buffer(2.0)
    green = _green(rng, wide, deep) - roads
    turned, dx, dy = rng.uniform(0.0, 360.0), *rng.uniform(-2000.0, 2000.0, 2)
    parts = (outline, buildings & outline, green & outline, roads, street)
    streets_too = rng.random() < 0.5
    moved = [_moved(part, turned, 5e5 + dx, 3.4e6 + dy) for part in parts]
    return Compound(*moved[:4], moved[4] if streets_too else None)


def _moved(shape: Any, turned: float, dx: float, dy: float) -> Any:
    return affinity.translate(affinity.rotate(shape, turned, origin=(0, 0)), dx, dy)


def _outline(rng: np.random.Generator, wide: float, deep: float) -> Any:
    """Four crooked corners, now and then with a piece of the neighbour's in one."""
    lean = rng.uniform(-8.0, 8.0, (4, 2))
    corners = np.array([(0, 0), (wide, 0), (wide, deep), (0, deep)], dtype=float) + lean
    shape = shapely.Polygon(corners)
    if rng.random() < 0.4:
        shape -= box(wide * 0.75, deep * 0.7, wide + 20.0, deep + 20.0)
    return shape


def _slabs(rng: np.random.Generator, wide: float, deep: float) -> Any:
    houses = []
    y = rng.uniform(4.0, 12.0)
    while y < deep - 10.0:
        x = rng.uniform(3.0, 10.0)
        while x < wide - 20.0:
            long = rng.uniform(18.0, 55.0)
            if rng.random() < 0.85:
                houses.append(box(x, y, min(x + long, wide - 3.0), y + rng.uniform(10.0, 14.0)))
            x += long + rng.uniform(4.0, 14.0)
        y += rng.uniform(24.0, 36.0)
    return shapely.union_all(houses) if houses else shapely.Polygon()


def _green(rng: np.random.Generator, wide: float, deep: float) -> Any:
    spots = [
        Point(rng.uniform(0.0, wide), rng.uniform(0.0, deep)).buffer(rng.uniform(1.0, 7.0))
        for _ in range(int(rng.integers(0, 7)))
    ]
    return shapely.union_all(spots) if spots else shapely.Polygon()

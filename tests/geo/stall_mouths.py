"""Mouth, strip before the mouth and shape of single stalls, for the checker: from corners and table rows alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

SIDE_M = 0.02
# Of a strip, as of those before all mouths.
FREE = 0.995
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Row:
    """A stall in its row.

    ``mouth`` lies on the line of the row; ``strip`` is where its car turns; ``short_m`` is what the stall
    lacks of the depth at a wall, ``behind`` a point behind its back; ``bearing_deg`` is that of its long axis.
    """

    mouth: shapely.LineString
    strip: shapely.Polygon
    short_m: float
    behind: shapely.Point
    bearing_deg: float


def rows_of(layout: Any, sizes: Any, roads: Any, drivable: Any) -> list[Row | str]:
    """Row of each stall, or what is wrong with its shape.

    A slanted stall may lean either way: it belongs to the row whose strip is at its aisle and free.
    """
    table = {size.id: size for size in sizes}
    told: list[Row | str] = []
    shapely.prepare(drivable)
    each = zip(layout.stalls, layout.arrangement, layout.mouth, layout.aisle, strict=True)
    for stall, name, mouth, aisle in each:
        size = table.get(str(name))
        ways = f"unknown arrangement {name}" if size is None else _ways(stall, size, mouth)
        own = roads if aisle < 0 else layout.aisles[aisle]
        told.append(ways if isinstance(ways, str) else _driven(ways, own, drivable))
    return told


def _driven(ways: list[Row], own: Any, drivable: Any) -> Row:
    if len(ways) == 1:
        return ways[0]
    strips = np.array([way.strip for way in ways], dtype=object)
    inner = shapely.buffer(strips, -SIDE_M, join_style="mitre")
    free = shapely.area(shapely.intersection(drivable, inner)) > FREE * shapely.area(inner)
    worth = 2.0 * free + shapely.dwithin(own, strips, SIDE_M)
    worth += shapely.area(shapely.intersection(strips, own)) / shapely.area(strips)
    return ways[int(np.argmax(worth))]


def _ways(stall: Any, size: Any, mouth: Any) -> list[Row] | str:
    corners = shapely.get_coordinates(stall)
    if stall.geom_type != "Polygon" or len(corners) != 5 or not stall.is_valid:
        return "not a polygon of four corners"
    corners = corners[:4]
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*sides.T)
    if abs(np.sum(sides[0] * sides[1])) > SIDE_M * lengths[0] * 0.5:
        return "not a rectangle"
    if abs(lengths[0] - lengths[2]) > SIDE_M or abs(lengths[1] - lengths[3]) > SIDE_M:
        return "not a rectangle"
    short = _short(size, float(lengths.min()), float(lengths.max()))
    if isinstance(short, str):
        return short
    front = _front(corners, lengths, size, mouth)
    if isinstance(front, str):
        return front
    return _placed(corners, front, size, short)


def _short(size: Any, width: float, length: float) -> float | str:
    """What is missing to the depth at a wall, or that even the depth at a back is not kept."""
    if size.angle_deg == 0:
        across, along, wall, back = width, length, size.depth_wall_m, size.depth_back_m
        exact = size.length_m
    elif size.angle_deg == 90:
        across, along, wall, back = length, width, size.depth_wall_m, size.depth_back_m
        exact = size.width_m
    else:
        sin, cos = np.sin(np.radians(size.angle_deg)), np.cos(np.radians(size.angle_deg))
        across, along, wall = length, width, size.length_m - 0.03
        back = min(wall, (size.depth_back_m - size.width_m * cos / 2.0) / sin - 0.03)
        exact = size.width_m
        if across > (size.depth_wall_m - size.width_m * cos) / sin + SIDE_M:
            return f"{across:.2f} m long: deeper than its row"
    if abs(along - exact) > SIDE_M:
        return f"{along:.2f} m where {exact} m are due"
    if across < back - SIDE_M:
        return f"{across:.2f} m deep where {back:.2f} m are due"
    if size.angle_deg in (0, 90) and across > wall + SIDE_M:
        return f"{across:.2f} m deep where {wall:.2f} m will do"
    return float(wall - across)


def _front(corners: Floats, lengths: Floats, size: Any, mouth: Any) -> int | str:
    """Which side the car drives in by."""
    long_side = size.angle_deg == 0
    first = int(lengths[1] > lengths[0]) if long_side else int(lengths[1] < lengths[0])
    ends = shapely.get_coordinates(mouth)
    middle = (ends[0] + ends[-1]) / 2.0
    middles = (corners + np.roll(corners, -1, axis=0)) / 2.0
    away = np.hypot(*(middles[[first, first + 2]] - middle).T)
    side = first + 2 * int(away[1] < away[0])
    drawn = np.hypot(*(ends[-1] - ends[0]))
    slanted = size.angle_deg not in (0, 90)
    if slanted:
        return side if away.min() < 0.6 * drawn + 0.3 else "its mouth is not at a short side"
    if away.min() > 0.05 or abs(drawn - lengths[side]) > 0.05:
        return "its mouth is not the side that a car drives in by"
    return side


def _placed(corners: Floats, side: int, size: Any, short: float) -> list[Row]:
    p, q = corners[side], corners[(side + 1) % 4]
    back = (corners[(side + 2) % 4] + corners[(side + 3) % 4]) / 2.0
    out = (p + q) / 2.0 - back
    out /= np.hypot(*out)
    long_axis = q - p if size.angle_deg == 0 else out
    bearing = float(np.degrees(np.arctan2(long_axis[0], long_axis[1])) % 180.0)
    behind = shapely.Point(back - 0.35 * out)
    return [
        Row(*_before(p, q, normal, size), short, behind, bearing)
        for normal in _normals(out, size.angle_deg)
    ]


def _normals(out: Floats, angle_deg: float) -> list[Floats]:
    """From the row into the aisle: leaning either way where stalls stand aslant."""
    lean = np.radians(90.0 - angle_deg) if angle_deg else 0.0
    signs = (1.0, -1.0) if angle_deg not in (0, 90) else (1.0,)
    return [
        np.array([[np.cos(s * lean), -np.sin(s * lean)], [np.sin(s * lean), np.cos(s * lean)]])
        @ out
        for s in signs
    ]


def _before(
    p: Floats, q: Floats, normal: Floats, size: Any
) -> tuple[shapely.LineString, shapely.Polygon]:
    """Mouth as seen from the aisle, and the strip of the aisle's width before it."""
    line = max(p @ normal, q @ normal)
    a, b = p + (line - p @ normal) * normal, q + (line - q @ normal) * normal
    # Depths of the table are rounded up: the row of slanted stalls may begin so much farther in.
    slack = 0.0 if size.angle_deg in (0, 90) else 0.1
    far = size.aisle_m * normal
    strip = shapely.Polygon([a + slack * normal, b + slack * normal, b + far, a + far])
    return shapely.LineString([a + slack * normal, b + slack * normal]), strip

"""A piece of ground made ready for the search: cleaned, turned to a frame of its own, its edges in buckets.

The frame of its own follows from the shape alone: origin at its middle, x along its longest edge, of the eight
ways (turns by a right angle, mirrored or not) the first by its moments. So a lot that is turned, shifted or mirrored
gives the same numbers up to noise, and coordinates are rounded to drop that.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import shapely

from geo.edges import edges_of
from geo.stall_sizes import LayoutLimits, StallSize
from geo.stall_strips import Floats

__all__ = ["OwnFrame", "Ready", "kinds_of", "make_ready", "own_areas"]

# Coordinates are rounded to this, after which shapes that were cut along one another touch again.
GRID_M = 1e-5
# Cracks between ground and road of less than twice this are closed for aisles.
_CRACK_M = 4e-3
# Nicks of twice this width are closed; ground is wider than drawn by a hair, far less than anybody measures.
_NICK_M, _HAIR_M = 5e-3, 2e-3
# Ground and roads that were cut along one another overlap by less.
_OVERLAP_M2 = 0.5
# A direction counts if its edges are so large a part of the outline, and so far from the others.
_PART, _APART_DEG = 0.07, 2.0
_MOST_EDGES = 1500


class OwnFrame(NamedTuple):
    """x′ = (x, y) moved by −origin, turned by −angle, mirrored in y if asked."""

    origin: tuple[float, float]
    cos: float
    sin: float
    mirror: float

    def inwards(self, xy: Floats) -> Floats:
        """Coordinates of the plane to those of the frame."""
        x, y = xy[..., 0] - self.origin[0], xy[..., 1] - self.origin[1]
        turned = np.stack([x * self.cos + y * self.sin, y * self.cos - x * self.sin], axis=-1)
        turned[..., 1] *= self.mirror
        return turned

    def outwards(self, xy: Floats) -> Floats:
        """Coordinates of the frame to those of the plane."""
        x, y = xy[..., 0], xy[..., 1] * self.mirror
        out = np.stack([x * self.cos - y * self.sin, x * self.sin + y * self.cos], axis=-1)
        return np.asarray(out + np.asarray(self.origin))


class Ready(NamedTuple):
    """A lot and what the result is made of.

    Attributes
    ----------
    own : OwnFrame
        How to get back.
    ground, roads, streets : geometry
        In the own frame, rounded; roads and streets near the ground only.
    sheets : list of ndarray, (n, 4)
        Edges of ground, of what aisles may use, of what is driven on.
    turn : ndarray of float, (frames, 2)
        Cosine and sine of the frames.
    sizes : tuple of StallSize
        By kind, the most stalls per metre first.
    kinds : ndarray of float, (kinds, 6)
        The same as numbers.
    access : float
        Contact that an aisle needs.
    narrowest : float
        Width of the narrowest aisle.
    """

    own: OwnFrame
    ground: shapely.Geometry
    roads: shapely.Geometry
    streets: shapely.Geometry
    sheets: list[Floats]
    turn: Floats
    sizes: tuple[StallSize, ...]
    kinds: Floats
    access: float
    narrowest: float


def make_ready(
    ground: object, roads: object, streets: object, limits: LayoutLimits, directions: int = 3
) -> Ready | None:
    """Make a lot ready; None if nothing can stand on it.

    Parameters
    ----------
    ground, roads, streets : geometry or None
        Anything: what is no area is left out, what is invalid is mended.
    limits : LayoutLimits
        Sizes and contact.
    directions : int
        Directions of the outline that are tried, each with its right angle.
    """
    area = areas_of(ground)
    sizes = tuple(sorted(limits.sizes, key=lambda size: (size.pitch_m, size.depth_wall_m, size.id)))
    if shapely.area(area) < 0.9 * min((s.width_m * s.length_m for s in sizes), default=math.inf):
        return None
    west, south, east, north = shapely.bounds(area)
    reach = shapely.box(west - 25, south - 25, east + 25, north + 25)
    near = [areas_of(_clipped(areas_of(shape), reach)) for shape in (roads, streets)]
    own = own_frame(area, near[0] if not near[0].is_empty else near[1])
    turned = _cleaned(*(areas_of(_turned(shape, own)) for shape in (area, *near)))
    if turned[0].is_empty:
        return None
    sheets = _sheets(*turned)
    turn = _directions([sheets[0], sheets[2]], directions)
    kinds = kinds_of(sizes, limits)
    return Ready(
        own, *turned, sheets, turn, sizes, kinds, float(limits.access_m), limits.min_aisle_m
    )


def _cleaned(
    area: shapely.Geometry, roads: shapely.Geometry, streets: shapely.Geometry
) -> tuple[shapely.Geometry, shapely.Geometry, shapely.Geometry]:
    """Rid shapes of what is drawn too finely, and of each other. In the frame of the lot, where numbers are exact."""
    # Nobody backs out onto a street, also where a lane is drawn up to its middle; and nobody parks on either.
    roads = _without(roads, streets)
    plain = _plain(area)
    area = _up_to_roads(_fewer_edges(plain), plain, [roads, streets])
    area = _without(_without(area, roads), streets)
    return _on_grid(area), _on_grid(roads), streets


def own_areas(ready: Ready, shape: object) -> shapely.Geometry:
    """Areas of anything in the frame of a lot."""
    return _turned(areas_of(shape), ready.own)


def areas_of(shape: object) -> shapely.Geometry:
    """Keep areas of anything, valid."""
    if not isinstance(shape, shapely.Geometry) or shape.is_empty:
        return shapely.Polygon()
    if (
        not np.isfinite(shapely.bounds(shape)).all()
        or not np.isfinite(shapely.get_coordinates(shape)).all()
    ):
        return shapely.Polygon()
    shape = shapely.force_2d(shape)
    if not shape.is_valid:  # type: ignore[attr-defined]
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if shape.geom_type in ("Polygon", "MultiPolygon"):  # type: ignore[attr-defined]
        return shape
    parts = [
        part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _clipped(shape: shapely.Geometry, reach: shapely.Geometry) -> shapely.Geometry:
    if shape.is_empty or reach.contains(shapely.box(*shapely.bounds(shape))):
        return shape
    return shapely.intersection(shape, reach)


def _plain(area: shapely.Geometry) -> shapely.Geometry:
    """Close nicks, drop corners that do nothing, and give way by a hair: what lacks it would count as not fitting.

    Coordinates that were once written with eight decimals of a degree are off by a millimetre.
    """
    grown = shapely.buffer(area, _NICK_M, join_style="mitre", mitre_limit=2.0)
    closed = shapely.buffer(grown, _HAIR_M - _NICK_M, join_style="mitre", mitre_limit=2.0)
    return areas_of(shapely.simplify(closed, _NICK_M))


def _without(shape: shapely.Geometry, taken: shapely.Geometry) -> shapely.Geometry:
    """Take one area off another, where they really overlap: a shared edge is left as it is."""
    if shape.is_empty or taken.is_empty or not shapely.intersects(shape, taken):
        return shape
    if shapely.area(shapely.intersection(shape, taken)) < _OVERLAP_M2:
        return shape
    return areas_of(shapely.difference(shape, taken))


def _fewer_edges(area: shapely.Geometry) -> shapely.Geometry:
    """Simplify outlines of thousands of corners, inwards only."""
    step = 0.02
    while shapely.get_num_coordinates(area) > _MOST_EDGES and step < 2.0:
        inner = shapely.buffer(area, -step, join_style="mitre").simplify(step * 0.9)
        area = shapely.intersection(areas_of(inner), area) if not inner.is_empty else inner
        area = areas_of(area)
        step *= 3.0
    return area


def _up_to_roads(
    area: shapely.Geometry, whole: shapely.Geometry, roads: list[shapely.Geometry]
) -> shapely.Geometry:
    """Give ground that was simplified inwards back its edge along roads, or no aisle would meet them."""
    if area is whole:
        return area
    beside = shapely.union_all(shapely.buffer(np.array(roads, dtype=object), 1.0, quad_segs=2))
    return areas_of(shapely.union(area, shapely.intersection(whole, beside)))


def own_frame(area: shapely.Geometry, roads: shapely.Geometry) -> OwnFrame:
    """Frame that follows from the shape alone."""
    plain = shapely.simplify(area, 1e-3)
    ends = edges_of(shapely.get_parts(plain)).ends
    run = ends[:, 2:] - ends[:, :2]
    long = np.hypot(run[:, 0], run[:, 1])
    middle = shapely.centroid(plain)
    origin = (middle.x, middle.y)
    longest = np.flatnonzero(long > long.max() - 1e-3)
    points = ends[:, :2] - np.asarray(origin)
    weight = long / long.sum()
    if not roads.is_empty:
        where = shapely.get_coordinates(shapely.centroid(roads)) - np.asarray(origin)
        points = np.vstack([points, where])
        weight = np.append(weight, 1.0)
    best: tuple[tuple[float, ...], OwnFrame] | None = None
    for angle in sorted(
        {round(float(a), 7) for a in np.arctan2(run[longest, 1], run[longest, 0]) % math.pi}
    ):
        for quarter in (0.0, math.pi):
            for mirror in (1.0, -1.0):
                own = OwnFrame(origin, math.cos(angle + quarter), math.sin(angle + quarter), mirror)
                name = _moments(own.inwards(points + np.asarray(origin)), weight)
                if best is None or _before(name, best[0]):
                    best = (name, own)
    assert best is not None  # noqa: S101 - a shape has a longest edge
    return _exact(best[1], run[longest])


def _exact(own: OwnFrame, run: Floats) -> OwnFrame:
    """Take the same frame with the angle of the edge that it was rounded from."""
    along = run / np.hypot(run[:, 0], run[:, 1])[:, None]
    k = int(np.argmax(np.abs(along @ np.array([own.cos, own.sin]))))
    sign = 1.0 if along[k] @ np.array([own.cos, own.sin]) > 0 else -1.0
    return own._replace(cos=float(sign * along[k, 0]), sin=float(sign * along[k, 1]))


def _moments(xy: Floats, weight: Floats) -> tuple[float, ...]:
    x, y = xy[:, 0], xy[:, 1]
    last = (x[-1], y[-1]) if len(xy) else (0.0, 0.0)
    values = (
        last[1],
        last[0],
        weight @ y**3,
        weight @ x**3,
        weight @ (x * x * y),
        weight @ (x * y * y),
    )
    return tuple(float(v) for v in values)


def _before(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    for a, b in zip(one, other, strict=True):
        if abs(a - b) > 1e-4 * max(1.0, abs(a), abs(b)):
            return a < b
    return False


def _turned(shape: shapely.Geometry, own: OwnFrame) -> shapely.Geometry:
    if shape.is_empty:
        return shape
    return _on_grid(shapely.transform(shape, own.inwards))


def _on_grid(shape: shapely.Geometry) -> shapely.Geometry:
    return areas_of(shapely.set_precision(shape, GRID_M))


def kinds_of(sizes: tuple[StallSize, ...], limits: LayoutLimits) -> Floats:
    """Sizes as numbers for the kernels."""
    return np.array(
        [
            (
                size.pitch_m,
                max(size.extent_m, 0.01),
                size.depth_wall_m,
                size.depth_back_m if size.angle_deg > 89.0 else 0.0,
                max(size.aisle_m, limits.min_aisle_m),
                1.0 if size.angle_deg < 1.0 else 0.0,
            )
            for size in sizes
        ]
    ).reshape(-1, 6)


def _sheets(
    ground: shapely.Geometry, roads: shapely.Geometry, streets: shapely.Geometry
) -> list[Floats]:
    """Edges of the ground, of ground and roads together, of roads and streets."""
    both = ground
    if not roads.is_empty:
        both = shapely.buffer(
            shapely.union(ground, roads), _CRACK_M, join_style="mitre", mitre_limit=2.0
        )
        both = shapely.buffer(both, _HAIR_M - _CRACK_M, join_style="mitre", mitre_limit=2.0)
    driven = [shape for shape in (roads, streets) if not shape.is_empty]
    drivable = shapely.union_all(driven) if driven else shapely.Polygon()
    return [_ends_of(shape) for shape in (ground, both, drivable)]


def _ends_of(shape: shapely.Geometry) -> Floats:
    if shape.is_empty:
        return np.empty((0, 4))
    return np.ascontiguousarray(edges_of(shapely.get_parts(shape)).ends)


def _directions(sheets: list[Floats], most: int) -> Floats:
    """Cosine and sine of the directions of the outline by length, the right angle after each."""
    ends = np.vstack(sheets)
    run = ends[:, 2:] - ends[:, :2]
    long = np.hypot(run[:, 0], run[:, 1])
    turn = np.degrees(np.arctan2(run[:, 1], run[:, 0])) % 90.0
    turn[turn > 90.0 - 1e-3] = 0.0
    found: list[float] = [0.0]
    weight = np.where(np.minimum(turn, 90.0 - turn) < _APART_DEG, 0.0, long)
    while len(found) < most and weight.sum() > 0:
        near = np.abs(turn[:, None] - turn[None, np.argsort(-weight, kind="stable")[:12]])
        near = np.minimum(near, 90.0 - near) < 1.0
        sums = weight @ near
        at = np.argsort(-weight, kind="stable")[:12][int(np.argmax(np.round(sums, 3)))]
        if sums.max() < _PART * long.sum():
            break
        found.append(float(turn[at]))
        apart = np.abs(turn - turn[at])
        weight = np.where(np.minimum(apart, 90.0 - apart) < _APART_DEG, 0.0, weight)
    angles = np.radians(np.repeat(found, 2))
    turn = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # A right angle is exact, or frames that belong together would part by a hair.
    turn[1::2, 0], turn[1::2, 1] = -turn[::2, 1], turn[::2, 0]
    return turn

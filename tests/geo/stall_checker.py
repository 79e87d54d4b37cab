"""What is wrong with a layout of stalls, by geometry of its own.

Written from the issue, JGJ 100-2015 and the result types, not from the engine: it imports nothing of
geo/stall*. Tolerances: a centimetre for edges, two for widths, five for contacts with a road.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tests.geo.stall_mouths import Row, rows_of

EDGE_M, WIDTH_M, CONTACT_M = 0.01, 0.02, 0.05
# Ground between a road and the mouth of a stall beside it, no lane of its own.
LIP_M = 1.5
# Of the first metre before a stall, so much at least is its own aisle's: a lip that narrows to nothing is.
OWN_PART = 0.1
Geometries = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Case:
    """A layout and what it was made for."""

    ground: shapely.Geometry
    roads: shapely.Geometry
    streets: shapely.Geometry
    layout: Any
    limits: Any

    @cached_property
    def stalls(self) -> Geometries:
        return np.asarray(self.layout.stalls, dtype=object)

    @cached_property
    def inner(self) -> Geometries:
        """Stalls less a centimetre on every side: what is left must be theirs alone."""
        return np.asarray(shapely.buffer(self.stalls, -EDGE_M, join_style="mitre"))

    @cached_property
    def aisles(self) -> shapely.Geometry:
        return _united(self.layout.aisles)

    @cached_property
    def drivable(self) -> shapely.Geometry:
        """Where cars manoeuvre: roads and aisles, no public street."""
        area = shapely.union_all([self.roads, self.aisles])
        return shapely.buffer(area, EDGE_M, join_style="mitre")

    @cached_property
    def rows(self) -> list[Row | str]:
        """Mouth and strip of each stall, or why there is none."""
        return rows_of(self.layout, self.limits.sizes, self.roads, self.drivable)

    def each(self) -> Iterator[tuple[int, Row]]:
        """Stalls that have a mouth."""
        for number, row in enumerate(self.rows):
            if isinstance(row, Row):
                yield number, row


def faults(
    ground: shapely.Geometry,
    roads: shapely.Geometry | None,
    streets: shapely.Geometry | None,
    layout: Any,
    limits: Any,
) -> list[str]:
    """Name everything that is wrong with a layout.

    Parameters
    ----------
    ground, roads, streets : Geometry, Geometry or None, Geometry or None
        Areas in metres: where stalls may stand, where cars may drive and turn, where they may only come from.
    layout : Layout
        What is checked.
    limits : LayoutLimits
        What it was asked to keep.

    Returns
    -------
    list of str
        One sentence a fault; empty for a good layout.
    """
    empty = shapely.Polygon()
    case = Case(_valid(ground), _valid(roads or empty), _valid(streets or empty), layout, limits)
    told = list(_lists(case))
    if told:
        return told
    checks = CHECKS if len(case.stalls) else CHECKS[:2]
    return [said for check in checks for said in check(case)]


def _valid(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.is_valid else shapely.make_valid(shape)


def _united(shapes: Any) -> shapely.Geometry:
    return shapely.union_all(np.asarray(shapes, dtype=object)) if len(shapes) else shapely.Polygon()


def _lists(case: Case) -> Iterator[str]:
    """What has to hold before anything else can be looked at."""
    layout, size = case.layout, len(case.layout.stalls)
    for name in ("arrangement", "angle_deg", "aisle", "mouth"):
        if len(getattr(layout, name)) != size:
            yield f"{name} has {len(getattr(layout, name))} entries for {size} stalls"
    indices = np.asarray(layout.aisle)
    if ((indices < -1) | (indices >= len(layout.aisles))).any():
        yield "aisle points at an aisle that is not there"


def _counts(case: Case) -> Iterator[str]:
    layout, size = case.layout, len(case.layout.stalls)
    if layout.count != size:
        yield f"count says {layout.count}, {size} stalls are drawn"
    if len(layout.dead_end_m) != len(layout.aisles):
        yield f"dead_end_m has {len(layout.dead_end_m)} entries for {len(layout.aisles)} aisles"
    if case.limits.most is not None and size > case.limits.most:
        yield f"{size} stalls where at most {case.limits.most} were asked for"


def _areas(case: Case) -> Iterator[str]:
    layout, size = case.layout, len(case.stalls)
    parts = [_united(layout.stalls), shapely.intersection(case.aisles, case.ground)]
    used = shapely.union_all(parts).area
    if abs(layout.area_m2 - used) > 0.5 + 0.01 * used:
        yield f"area_m2 says {layout.area_m2:.1f}, stalls and aisles take {used:.1f}"
    each = None if layout.m2_per_stall is None else float(layout.m2_per_stall)
    if (each is None) != (size == 0):
        yield f"m2_per_stall is {each} with {size} stalls"
    elif each is not None and abs(each - layout.area_m2 / size) > 0.01 * each:
        yield f"m2_per_stall says {each:.2f}, it is {layout.area_m2 / size:.2f}"
    share = case.limits.keep_unpaved_share
    if share and used > (1.0 - share) * case.ground.area + 0.5:
        yield f"{used:.0f} m2 are used where {share:.0%} of {case.ground.area:.0f} must stay"


def _shapes(case: Case) -> Iterator[str]:
    """Sides, right angles, mouths, the depth asked for at a wall."""
    stalls = case.stalls
    for number, row in enumerate(case.rows):
        if isinstance(row, str):
            yield f"stall {number}: {row}"
    held = [(number, row) for number, row in case.each() if row.short_m > WIDTH_M]
    if not held:
        return
    behind = np.array([row.behind for _, row in held], dtype=object)
    found, _ = shapely.STRtree(stalls).query(behind, predicate="intersects")
    backed = set(found.tolist())
    # The depth at a wall is for walls: open ground behind a stall stops no bumper.
    open_behind = shapely.intersects(case.ground, behind)
    for position, (number, row) in enumerate(held):
        if position not in backed and not open_behind[position]:
            yield f"stall {number}: {row.short_m:.2f} m short, and a wall at its back"


def _bearings(case: Case) -> Iterator[str]:
    said = np.asarray(case.layout.angle_deg, dtype=float)
    for number, row in case.each():
        apart = (said[number] - row.bearing_deg + 90.0) % 180.0 - 90.0
        if not abs(apart) < 0.5:
            yield f"stall {number}: angle_deg {said[number]:.1f}, drawn at {row.bearing_deg:.1f}"


def _apart(case: Case) -> Iterator[str]:
    i, j = shapely.STRtree(case.inner).query(case.inner, predicate="intersects")
    for one, other in zip(i[i < j], j[i < j], strict=True):
        yield f"stalls {one} and {other} overlap"


def _on_ground(case: Case) -> Iterator[str]:
    for number in _outside(case.inner, case.ground):
        yield f"stall {number} leaves the ground"
    for number, road in _meeting(case.inner, case.roads, case.streets):
        yield f"stall {number} stands on a {('road', 'street')[road]}"


def _outside(shapes: Geometries, area: shapely.Geometry, share: float = 2e-3) -> list[int]:
    """Those that are not wholly inside, hair cracks aside."""
    shapely.prepare(area)
    doubtful = np.flatnonzero(~shapely.covers(area, shapes))
    left = shapely.area(shapely.difference(shapes[doubtful], area))
    return [int(n) for n in doubtful[left > EDGE_M**2 + share * shapely.area(shapes[doubtful])]]


def _meeting(shapes: Geometries, *areas: shapely.Geometry) -> Iterator[tuple[int, int]]:
    for which, area in enumerate(areas):
        shapely.prepare(area)
        near = np.flatnonzero(shapely.intersects(area, shapes))
        shared = shapely.area(shapely.intersection(shapes[near], area))
        yield from ((int(n), which) for n in near[shared > 0.01])


def _aisles(case: Case) -> Iterator[str]:
    """Aisles lie on ground and roads; no stall stands in one."""
    shapes = np.asarray(case.layout.aisles, dtype=object)
    if not len(shapes):
        return
    allowed = shapely.buffer(shapely.union_all([case.ground, case.roads]), EDGE_M)
    for number in _outside(shapes, allowed):
        yield f"aisle {number} leaves ground and roads"
    tree = shapely.STRtree(shapes)
    stall, aisle = tree.query(case.inner, predicate="intersects")
    for one, other in zip(stall, aisle, strict=True):
        yield f"stall {one} stands in aisle {other}"


def _manoeuvre(case: Case) -> Iterator[str]:
    """A car turns on road and aisle alone: no ground, no street, no stall."""
    numbers = [number for number, _ in case.each()]
    strips = np.array([row.strip for _, row in case.each()], dtype=object)
    if not numbers:
        return
    inner = np.asarray(shapely.buffer(strips, -WIDTH_M, join_style="mitre"))
    # Two centimetres of an aisle of 5.5 m stop nobody.
    for position in _outside(inner, case.drivable, 5e-3):
        yield f"stall {numbers[position]}: no room to turn before its mouth"
    for position, _ in _meeting(inner, case.streets):
        yield f"stall {numbers[position]}: turns on a street"
    turning, standing = shapely.STRtree(case.inner).query(inner, predicate="intersects")
    for one, other in zip(turning, standing, strict=True):
        yield f"stall {numbers[one]}: stall {other} is in its way"
    yield from _own_aisles(case, numbers, strips)


def _own_aisles(case: Case, numbers: list[int], strips: Geometries) -> Iterator[str]:
    """The aisle that is told, or the road for -1, lies right before the mouth: an aisle across the lane is none."""
    aisles = np.asarray(case.layout.aisles, dtype=object)
    of = np.asarray(case.layout.aisle)[numbers]
    own = np.array([case.roads if one < 0 else aisles[one] for one in of], dtype=object)
    xy = shapely.get_coordinates(strips).reshape(-1, 5, 2)
    ahead = xy[:, [2, 3]] - xy[:, [1, 0]]
    ahead /= np.hypot(ahead[..., 0], ahead[..., 1])[..., None]
    near = shapely.polygons(np.concatenate([xy[:, [0, 1]], xy[:, [1, 0]] + ahead], axis=1))
    shared = shapely.area(shapely.intersection(near, own))
    for position in np.flatnonzero(shared < OWN_PART * shapely.area(near)):
        yield f"stall {numbers[position]}: not at its own aisle {of[position]}"


def _reach(case: Case) -> Iterator[str]:
    """Where the narrowest lane fits and comes from a road or street: the mouth lies there."""
    half = case.limits.min_aisle_m / 2.0 - WIDTH_M
    near = shapely.buffer(case.drivable, 20.0, quad_segs=2)
    whole = shapely.union_all([case.drivable, shapely.intersection(case.streets, near)])
    whole = shapely.buffer(whole, EDGE_M, join_style="mitre")
    parts = shapely.get_parts(shapely.buffer(whole, -half - EDGE_M))
    outer = shapely.union_all([case.roads, case.streets])
    reached = parts[shapely.dwithin(parts, outer, half + CONTACT_M)]
    back = shapely.buffer(_united(reached), half + 2.0 * WIDTH_M, join_style="mitre")
    numbers = [number for number, _ in case.each()]
    mouths = np.array([row.mouth for _, row in case.each()], dtype=object)
    shapely.prepare(back)
    doubtful = np.flatnonzero(~shapely.covers(back, mouths))
    inside = shapely.length(shapely.intersection(mouths[doubtful], back))
    for position in doubtful[inside < 0.5 * shapely.length(mouths[doubtful])]:
        yield f"stall {numbers[position]}: not reached by a lane of {case.limits.min_aisle_m} m"


def _contacts(case: Case) -> Iterator[str]:
    """Every net of aisles opens on a road or street as wide as was asked."""
    outer = shapely.buffer(shapely.union_all([case.roads, case.streets]), 0.03)
    own = shapely.difference(case.aisles, shapely.buffer(outer, -0.03))
    grown = shapely.buffer(own, EDGE_M, join_style="mitre")
    for net in shapely.get_parts(grown):
        idle = not shapely.dwithin(case.stalls, net, CONTACT_M).any()
        if net.area < (3.0 if idle else 0.5):
            continue
        lines = shapely.get_parts(shapely.line_merge(shapely.intersection(net.boundary, outer)))
        lines = [line for line in lines if line.geom_type == "LineString"]
        widest = max((_widest(line) for line in lines), default=0.0)
        if widest < _due(case, net, outer) - CONTACT_M:
            yield f"aisles at {net.centroid.wkt} open {widest:.2f} m wide on a road"


def _due(case: Case, net: shapely.Geometry, outer: shapely.Geometry) -> float:
    """How wide a net opens: a lip between a road and a stall beside it is as wide as the stall."""
    deep = shapely.distance(shapely.points(shapely.get_coordinates(net)), outer).max()
    least = min(size.width_m for size in case.limits.sizes)
    return float(case.limits.access_m if deep > LIP_M else min(case.limits.access_m, least))


def _widest(line: shapely.LineString) -> float:
    """Longest chord of a contact."""
    corners = shapely.get_coordinates(line)
    return float(np.sqrt(((corners[:, None] - corners[None]) ** 2).sum(axis=2)).max())


def _groups(case: Case) -> Iterator[str]:
    most, gap = case.limits.group_most, case.limits.group_gap_m
    if most is None:
        return
    stalls = case.stalls
    i, j = shapely.STRtree(stalls).query(stalls, predicate="dwithin", distance=gap - CONTACT_M)
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(stalls), len(stalls)))
    _, of = connected_components(graph, directed=False)
    for size in np.bincount(of):
        if size > most:
            yield f"{size} stalls stand less than {gap} m apart, {most} may"


def _dead_ends(case: Case) -> Iterator[str]:
    """A net with one way out and no loop is no longer than allowed, or cars can turn in it."""
    most = case.limits.longest_dead_end_m
    if most is None:
        return
    outer = shapely.union_all([case.roads, case.streets])
    for net in shapely.get_parts(shapely.buffer(case.aisles, EDGE_M, join_style="mitre")):
        doors = shapely.intersection(net, shapely.buffer(outer, 0.05))
        doors = [part for part in shapely.get_parts(doors) if part.length > 2.0]
        own = shapely.difference(net, outer)
        if len(doors) != 1 or len(shapely.get_rings(own)) > len(shapely.get_parts(own)):
            continue
        half = case.limits.turning_place_m / 2.0
        if not shapely.buffer(own, 0.1 - half, join_style="mitre").is_empty:
            continue
        reach = _longest_way(own, doors[0])
        if reach > most + 3.0:
            yield f"a dead end of {reach:.0f} m has no place to turn"


def _longest_way(net: shapely.Geometry, door: shapely.Geometry) -> float:
    """Steps of a metre from the door to the farthest place, eight ways."""
    x0, y0, x1, y1 = net.bounds
    x, y = np.meshgrid(np.arange(x0 + 0.5, x1), np.arange(y0 + 0.5, y1))
    free = shapely.contains_xy(net, x, y)
    way = np.where(free & (shapely.distance(shapely.points(x, y), door) < 1.0), 0.0, np.inf)
    while True:
        around = np.pad(way, 1, constant_values=np.inf)
        steps = [
            around[1 + dy : around.shape[0] - 1 + dy, 1 + dx : around.shape[1] - 1 + dx]
            + np.hypot(dx, dy)
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
        ]
        better = np.where(free, np.minimum.reduce(steps), np.inf)
        if np.array_equal(better, way):
            return float(way[np.isfinite(way)].max(initial=0.0))
        way = better


CHECKS: tuple[Callable[[Case], Iterator[str]], ...] = (
    _counts,
    _areas,
    _shapes,
    _bearings,
    _apart,
    _on_ground,
    _aisles,
    _manoeuvre,
    _reach,
    _contacts,
    _groups,
    _dead_ends,
)

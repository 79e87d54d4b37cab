"""One stall held against all that a layout has to keep, before it is added by hand; and where it would stand best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.stall_corners import corners_of, pushed_out
from geo.stall_sizes import LayoutLimits, StallSize
from geo.stall_ways import near_corners, ways_out

__all__ = ["Fault", "Standing", "check_stall", "snapped", "unreached"]

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

# Coordinates of the plan are degrees that were rounded on the way: so much is noise.
_NOISE_M = 0.02
_NOISE_M2 = 0.05
# Of a back that lies on neither a stall nor open ground: a wall.
_WALL_M2 = 0.01
# A stall that is put down farther from the row or road that it belongs to stands alone.
_SNAP_M = 3.0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a stall can not stand where it is.

    Attributes
    ----------
    kind : str
        ``shape`` (too small, or no rectangle), ``overlap`` (another stall), ``outside`` (not on open ground), ``aisle``
        (on an aisle), ``blocked`` (too little to drive before it), ``blocks`` (in the way of another stall),
        ``unreachable`` (no way to the road that is wide enough).
    amount : float
        Stalls, m² or m that are meant; 0 if none.
    """

    kind: str
    amount: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """What there is around a stall.

    Attributes
    ----------
    ground : geometry
        Open ground.
    roads, streets : geometry or None
        Ground that is driven on and may serve as an aisle; public streets, which are only a way in.
    stalls, mouths : array of Polygon and LineString
        The other stalls.
    arrangement : array of str
        How each of them stands, :attr:`StallSize.id`.
    aisles : array of Polygon
        New aisles.
    limits : LayoutLimits
        Sizes and widths.
    """

    ground: shapely.Geometry
    roads: shapely.Geometry | None
    streets: shapely.Geometry | None
    stalls: Shapes
    mouths: Shapes
    arrangement: NDArray[np.str_]
    aisles: Shapes
    limits: LayoutLimits

    @cached_property
    def driven(self) -> shapely.Geometry:
        """Roads and aisles, without the stalls on them."""
        drawn = shapely.union_all(self.drivable).buffer(_NOISE_M / 2, join_style="mitre")
        return shapely.difference(drawn, shapely.union_all(self.stalls))

    @cached_property
    def drivable(self) -> Shapes:
        """Roads and aisles, polygon by polygon."""
        known = [one for one in (self.roads, *self.aisles) if one is not None and not one.is_empty]
        parts: Shapes = shapely.get_parts(known)
        return parts

    @cached_property
    def corners(self) -> Floats:
        """Corners of the stalls, the mouth first."""
        return corners_of(self.stalls, self.mouths)

    @cached_property
    def ways(self) -> Floats:
        """Way out of each stall, square to its aisle."""
        return ways_out(self.corners, self._of_size("angle_deg", 90.0), self.drivable)

    @cached_property
    def strips(self) -> Shapes:
        """What each stall needs free before it."""
        depth = self._of_size("aisle_m", self.limits.min_aisle_m)
        return _strips(self.corners, self.ways, depth)

    def _of_size(self, name: str, otherwise: float) -> Floats:
        of = {size.id: float(getattr(size, name)) for size in self.limits.sizes}
        return np.array([of.get(str(one), otherwise) for one in self.arrangement], dtype=float)


def check_stall(
    stall: shapely.Polygon, mouth: shapely.LineString, size: StallSize, around: Standing
) -> tuple[Fault, ...]:
    """Say all that is wrong with a stall; nothing if it may stand there.

    Parameters
    ----------
    stall : Polygon
        Four corners, in the plane of what is around it.
    mouth : LineString
        Its side towards the aisle.
    size : StallSize
        What it should be.
    around : Standing
    """
    if (wrong := _shape_fault(stall, mouth, size, around)) is not None:
        return (wrong,)
    core = stall.buffer(-_NOISE_M, join_style="mitre")
    out = float(shapely.area(shapely.difference(core, around.ground)))
    on_aisle = float(shapely.area(shapely.intersection(around.aisles, core)).sum())
    faults = [
        Fault(kind="overlap", amount=float(_over(around.stalls, core))),
        Fault(kind="outside", amount=out if out > _NOISE_M2 else 0.0),
        Fault(kind="aisle", amount=on_aisle if on_aisle > _NOISE_M2 else 0.0),
        Fault(kind="blocks", amount=float(_over(around.strips, core))),
    ]
    found = [fault for fault in faults if fault.amount]
    free = shapely.difference(around.driven, stall)
    missing = _missing_before(stall, mouth, size, free, around)
    if missing > 0:
        found.append(Fault(kind="blocked", amount=missing))
    elif unreached(np.array([mouth], dtype=object), free, around):
        found.append(Fault(kind="unreachable"))
    return tuple(found)


def unreached(mouths: Shapes, driven: shapely.Geometry, around: Standing) -> int:
    """Count mouths to which no way of the least width leads from a road or street.

    Parameters
    ----------
    mouths : array of LineString
    driven : geometry
        Roads and aisles, without stalls.
    around : Standing
    """
    half = around.limits.min_aisle_m / 2 - _NOISE_M
    parts = shapely.get_parts(driven.buffer(-half, join_style="mitre"))
    sources = [one for one in (around.roads, around.streets) if one is not None]
    # What lies wholly on the new aisles has to reach the road, or the street over a contact of that width.
    at_road = shapely.union_all(sources).buffer(half + 3 * _NOISE_M)
    ways = parts[shapely.intersects(parts, at_road)]
    reached = shapely.union_all(ways).buffer(half + 4 * _NOISE_M, join_style="mitre")
    # Nothing is near to nothing: NaN counts as far.
    return int((~(shapely.distance(mouths, reached) <= _NOISE_M)).sum())


def snapped(
    point: shapely.Point, size: StallSize, around: Standing
) -> tuple[shapely.Polygon, shapely.LineString]:
    """Put a stall down at a point: in the row that is there, else square to the nearest aisle or road.

    Returns
    -------
    stall, mouth : Polygon, LineString
        Not checked yet.
    """
    in_row = _next_in_row(point, size, around)
    return in_row if in_row is not None else _at_edge(point, size, around)


def _shape_fault(
    stall: shapely.Polygon, mouth: shapely.LineString, size: StallSize, around: Standing
) -> Fault | None:
    xy = corners_of(np.array([stall], dtype=object), np.array([mouth], dtype=object))
    sides = np.linalg.norm(np.roll(xy[0], -1, axis=0) - xy[0], axis=1)
    wide, (wall, back) = _wide(size), _deep(size)
    short = wall - min(sides[1], sides[3])
    if short > _NOISE_M and short <= wall - back + _NOISE_M and _no_wall_behind(xy, short, around):
        short = 0.0
    slack = max(wide - min(sides[0], sides[2]), short)
    crooked = abs(float(shapely.area(stall)) - sides[0] * sides[1]) > 0.01 * sides[0] * sides[1]
    if slack > _NOISE_M or crooked:
        return Fault(kind="shape", amount=max(slack, 0.0))
    return None


def _no_wall_behind(xy: Floats, short_m: float, around: Standing) -> bool:
    """Tell whether a stall may be as deep as rows back to back are (We2).

    JGJ 100-2015 table 4.3.4 asks for the greater depth (We1) at a wall or another thing that goes on, and has the
    lesser one for rows that meet. What is missing has then to lie on another stall; or on open ground, where the row
    is as deep as at a wall would be asked.
    """
    behind = pushed_out(xy[:, 2:], xy.mean(axis=1), short_m)[0].buffer(
        -_NOISE_M, join_style="mitre"
    )
    near = around.stalls[shapely.intersects(around.stalls, behind)]
    bare = shapely.difference(behind, shapely.union_all(near))
    if bare.is_empty:
        return True
    stopped = shapely.area(shapely.difference(bare, around.ground))
    stopped += shapely.area(shapely.intersection(around.aisles, bare)).sum()
    return bool(stopped <= _WALL_M2)


def _missing_before(
    stall: shapely.Polygon,
    mouth: shapely.LineString,
    size: StallSize,
    free: shapely.Geometry,
    around: Standing,
) -> float:
    """Depth in metres that is missing before a stall to drive in and out; 0 if there is enough."""
    xy = corners_of(np.array([stall], dtype=object), np.array([mouth], dtype=object))
    # Its row tells to which side a slanted stall leans.
    row = around.arrangement == size.id
    together = np.concatenate([around.corners[row], xy])
    way = ways_out(together, np.full(len(together), size.angle_deg), around.drivable)[-1:]
    inner = _strips(xy, way, np.array([size.aisle_m]))[0].buffer(-_NOISE_M, join_style="mitre")
    out = shapely.difference(inner, free)
    if shapely.area(out) <= _NOISE_M2:
        return 0.0
    # How deep the nearest obstacle lies.
    met = ((shapely.get_coordinates(out) - near_corners(xy, way)) @ way[0]).min()
    return max(size.aisle_m - max(float(met), 0.0), _NOISE_M)


def _strips(corners: Floats, ways: Floats, depth_m: Floats) -> Shapes:
    """Ground before mouths, from the line of the row on, square to it."""
    ends = corners[:, :2]
    along = (ends * ways[:, None]).sum(axis=2)
    line = ends + (along.max(axis=1, keepdims=True) - along)[..., None] * ways[:, None]
    far = line + (ways * depth_m[:, None])[:, None]
    strips: Shapes = shapely.polygons(np.concatenate([line, far[:, ::-1]], axis=1))
    return strips


def _over(shapes: Shapes, core: shapely.Geometry) -> int:
    """Count the shapes on which a stall would stand."""
    return int((shapely.area(shapely.intersection(shapes, core)) > _NOISE_M2).sum())


def _next_in_row(
    point: shapely.Point, size: StallSize, around: Standing
) -> tuple[shapely.Polygon, shapely.LineString] | None:
    """Take the free place beside a stall of the same kind that is nearest to the point, as deep as its row."""
    same = around.arrangement == size.id
    if not same.any():
        return None
    corners, way = around.corners[same], around.ways[same]
    slide = size.pitch_m * np.column_stack((-way[:, 1], way[:, 0]))
    moved = np.concatenate([corners + slide[:, None] * sign for sign in (1, -1)])
    off = shapely.distance(shapely.polygons(moved), point)
    free = ~_overlapped(moved, around.stalls)
    if not free.any() or off[free].min() > _SNAP_M:
        return None
    best = int(np.flatnonzero(free)[np.argmin(off[free])])
    return _made(moved[best])


def _overlapped(moved: Floats, stalls: Shapes) -> NDArray[np.bool_]:
    inner = shapely.buffer(shapely.polygons(moved), -_NOISE_M, join_style="mitre")
    found = np.zeros(len(moved), dtype=bool)
    found[shapely.STRtree(stalls).query(inner, predicate="intersects")[0]] = True
    return found


def _at_edge(
    point: shapely.Point, size: StallSize, around: Standing
) -> tuple[shapely.Polygon, shapely.LineString]:
    """Stand a stall square to the nearest edge of what is driven on, its mouth on the edge.

    Less deep where the back of another stall leaves no more, and leaning to the side where none stands.
    """
    driven = around.driven
    if driven.is_empty:
        wide, deep = _wide(size), _deep(size)[0]
        return _made(
            np.array([[-wide, -deep], [wide, -deep], [wide, deep], [-wide, deep]]) / 2 + _xy(point)
        )
    edge = driven.boundary
    foot = edge.interpolate(edge.project(point))
    at, along = _xy(foot), _edge_way(edge, foot)
    inwards = np.array([-along[1], along[0]])
    if (_xy(point) - at) @ inwards < 0:
        inwards = -inwards
    # From inside the road a stall goes to the side on which it does not stand on it.
    if driven.contains(shapely.points(at + inwards * 2 * _NOISE_M)):
        inwards = -inwards
    tried = np.array(
        [
            _stood(at, along * side, inwards, size, deep)
            for deep in dict.fromkeys(_deep(size))
            for side in (1, -1)
        ]
    )
    return _made(tried[np.argmin(_overlapped(tried, around.stalls))])


def _stood(at: Floats, along: Floats, inwards: Floats, size: StallSize, deep: float) -> Floats:
    """Corners of a stall whose near corner or mouth lies on an edge, the middle of its mouth before a place."""
    turn = np.radians(90 - size.angle_deg) if 0 < size.angle_deg < 90 else 0.0
    across = along * np.cos(turn) + inwards * np.sin(turn)
    into = inwards * np.cos(turn) - along * np.sin(turn)
    half = across * _wide(size) / 2
    front = at + inwards * abs(half @ inwards)
    return np.array(
        [front - half, front + half, front + half + into * deep, front - half + into * deep]
    )


def _edge_way(edge: shapely.Geometry, foot: shapely.Point) -> Floats:
    """Direction of the edge at a point on it."""
    lines = shapely.get_parts(edge)
    xy, of = shapely.get_coordinates(lines, return_index=True)
    same = of[1:] == of[:-1]
    pairs = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
    pairs = pairs[np.linalg.norm(pairs[:, 1] - pairs[:, 0], axis=1) > _NOISE_M]
    nearest = pairs[shapely.distance(shapely.linestrings(pairs), foot).argmin()]
    run = nearest[1] - nearest[0]
    return np.asarray(run / np.linalg.norm(run))


def _wide(size: StallSize) -> float:
    """Length of the mouth."""
    return size.length_m if size.angle_deg == 0 else size.width_m


def _deep(size: StallSize) -> tuple[float, float]:
    """From the mouth to the far side: at a wall, and back to back with another stall."""
    if 0 < size.angle_deg < 90:
        # Back to back the corners of slanted rows stand between each other; the stalls stay as long as they are.
        return size.length_m, size.length_m
    return size.depth_wall_m, size.depth_back_m


def _made(corners: Floats) -> tuple[shapely.Polygon, shapely.LineString]:
    return shapely.polygons(corners), shapely.linestrings(corners[:2])


def _xy(point: shapely.Point) -> Floats:
    return np.array([point.x, point.y])

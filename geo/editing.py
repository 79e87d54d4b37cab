"""Editing of boundaries: split, merge, snap to the neighbours, dissolve into a 片区.

All in a projected plane in metres. No step moves a vertex that it need not move, so that edges which two
compounds share stay shared, and the parts of a split have the area of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from errors import GeometryError
from geo.crs import require_metric
from geo.snapping import snap

__all__ = ["HAIRLINE_M", "dissolve", "merge", "snap", "split"]

# Two surveys of one wall differ by a few centimetres; a footpath is never as narrow. Gaps up to this
# width between members are closed when a 片区 is drawn as one, wider ones stay open.
HAIRLINE_M = 0.05

# A line drawn by hand from wall to wall ends on the wall, sometimes a hand's breadth before it.
LINE_EXTENSION_M = 1.0

# Smaller than a doorstep: a sliver between the line and an edge it was meant to follow, not a compound.
SMALLEST_PIECE_M2 = 1.0


def split(
    polygon: Polygon | MultiPolygon,
    line: LineString | MultiLineString,
    *,
    extend_m: float = LINE_EXTENSION_M,
    smallest_piece_m2: float = SMALLEST_PIECE_M2,
) -> list[Polygon | MultiPolygon]:
    """Cut a boundary along a line.

    Parameters
    ----------
    polygon : Polygon or MultiPolygon
        In metres, valid.
    line : LineString or MultiLineString
        Same CRS. Its two ends are drawn out by `extend_m`, so that a line from wall to wall cuts.
    extend_m : float
        Metres.
    smallest_piece_m2 : float
        Pieces below this join the piece with which they share the longest edge.

    Returns
    -------
    list of Polygon or MultiPolygon
        Two or more pieces, largest first, together the area of `polygon`. Parts of a MultiPolygon which
        the line does not meet stay with the nearest piece.

    Raises
    ------
    GeometryError
        If there is no boundary, or the line does not cut it through.

    Examples
    --------
    >>> pieces = split(shapely.box(0, 0, 100, 50), LineString([(30, 0), (30, 50)]))
    >>> [piece.area for piece in pieces]
    [3500.0, 1500.0]
    """
    _require_polygon(polygon)
    if line is None or line.is_empty or line.length == 0:
        raise GeometryError("分割线是空的，请在地图上至少点两个点画出分割线。")
    cutter = _extended(line, extend_m)
    parts = [_cut(part, cutter) for part in shapely.get_parts(polygon)]
    whole = [pieces[0] for pieces in parts if len(pieces) == 1]
    pieces = [piece for pieces in parts if len(pieces) > 1 for piece in pieces]
    pieces = _without_slivers(pieces, smallest_piece_m2)
    if len(pieces) < 2:
        raise GeometryError(_why_not_cut(polygon, cutter))
    pieces = _with_whole_parts(pieces, whole)
    return sorted(pieces, key=lambda piece: (-piece.area, piece.bounds))


def merge(
    polygons: Sequence[Polygon | MultiPolygon],
    *,
    gap_m: float = HAIRLINE_M,
    keep_clear: Iterable[BaseGeometry | None] = (),
) -> Polygon | MultiPolygon:
    """Join boundaries into one, closing the gaps between them up to a width.

    Parameters
    ----------
    polygons : sequence of Polygon or MultiPolygon
        In metres; None and empty ones are passed over.
    gap_m : float
        Gaps between two of the shapes up to this width are filled; notches and holes inside one shape
        are left as they are.
    keep_clear : iterable of Polygon or MultiPolygon
        Other compounds; a gap is not filled where one of them stands.

    Returns
    -------
    Polygon or MultiPolygon
        A MultiPolygon where wider gaps remain.

    Raises
    ------
    GeometryError
        If nothing is left to join, or `gap_m` is negative.

    Examples
    --------
    >>> merge([shapely.box(0, 0, 50, 50), shapely.box(52, 0, 100, 50)], gap_m=3).area
    5000.0
    """
    shapes = _drawn(polygons)
    if not len(shapes):
        raise GeometryError("所选小区都没有边界，无法合并，请先画出或导入边界。")
    if gap_m < 0:
        raise GeometryError(f"合并的间隙是 {gap_m} 米，应为 0 或更大的数，请修改后重试。")
    union = shapely.union_all(shapes)
    fillings = _fillings(shapes, union, gap_m)
    others = _drawn(keep_clear)
    if len(fillings) and len(others):
        fillings = shapely.difference(fillings, shapely.union_all(others))
    return _polygonal(shapely.union_all([union, *fillings]))


def dissolve(shapes: gpd.GeoSeries, *, gap_m: float = HAIRLINE_M) -> Polygon | MultiPolygon:
    """Outline of a 片区: the union of its members, hairline gaps closed, lanes left open.

    Parameters
    ----------
    shapes : GeoSeries
        Members, projected in metres. Those without a boundary are passed over.
    gap_m : float
        Widest gap to close, see `merge`.

    Returns
    -------
    Polygon or MultiPolygon
        An empty MultiPolygon if no member has a boundary.

    Raises
    ------
    CrsError
        If `shapes` has no CRS or is not in metres.
    """
    require_metric(shapes=shapes)
    if not len(_drawn(shapes.to_numpy())):
        return MultiPolygon()
    return merge(list(shapes), gap_m=gap_m)


def _require_polygon(polygon: BaseGeometry | None) -> None:
    if polygon is None or polygon.is_empty:
        raise GeometryError("这个小区还没有边界，请先画出或导入边界。")
    if not polygon.is_valid:
        raise GeometryError("这个小区的边界自相交，请先修复边界再分割。")


def _extended(line: LineString | MultiLineString, extend_m: float) -> BaseGeometry:
    """Draw out both ends of each part along their last direction."""
    return shapely.union_all([_extended_part(part, extend_m) for part in shapely.get_parts(line)])


def _extended_part(line: LineString, extend_m: float) -> LineString:
    points = shapely.get_coordinates(shapely.remove_repeated_points(line))
    if len(points) < 2 or line.is_closed:
        return line
    return LineString(
        [
            _beyond(points[0], points[1], extend_m),
            *points,
            _beyond(points[-1], points[-2], extend_m),
        ]
    )


def _beyond(
    end: NDArray[np.float64], before: NDArray[np.float64], extend_m: float
) -> NDArray[np.float64]:
    direction = end - before
    return np.asarray(end + direction / np.hypot(*direction) * extend_m)


def _cut(part: Polygon, cutter: BaseGeometry) -> list[Polygon]:
    """Faces of one part; the part itself, untouched to the bit, if the line does not cut it."""
    if shapely.intersection(cutter, part).length == 0:
        return [part]
    faces = shapely.get_parts(
        shapely.polygonize([shapely.union_all([shapely.boundary(part), cutter])])
    )
    within = shapely.contains(part, shapely.point_on_surface(faces))
    return list(faces[within]) if within.sum() > 1 else [part]


def _without_slivers(pieces: list[Polygon], smallest_m2: float) -> list[Polygon]:
    pieces = sorted(pieces, key=lambda piece: piece.area)
    while len(pieces) > 1 and pieces[0].area < smallest_m2:
        sliver, *others = pieces
        shared = shapely.length(shapely.intersection(shapely.boundary(others), sliver.boundary))
        host = int(np.argmax(shared))
        others[host] = shapely.union(others[host], sliver)
        pieces = sorted(others, key=lambda piece: piece.area)
    return pieces


def _with_whole_parts(pieces: list[Polygon], whole: list[Polygon]) -> list[Polygon | MultiPolygon]:
    joined: list[list[Polygon]] = [[piece] for piece in pieces]
    for part in whole:
        joined[int(np.argmin(shapely.distance(pieces, part)))].append(part)
    return [shapely.union_all(group) if len(group) > 1 else group[0] for group in joined]


def _why_not_cut(polygon: BaseGeometry, cutter: BaseGeometry) -> str:
    if not cutter.intersects(polygon):
        return "分割线没有碰到这个小区的边界，请把线画过小区。"
    if shapely.intersection(cutter, polygon.buffer(-HAIRLINE_M)).is_empty:
        return "分割线沿着边界走，没有穿过小区内部，请把线画过小区。"
    return "分割线没有穿过整个小区，请把线的两端都画到边界以外。"


def _drawn(shapes: Iterable[BaseGeometry | None] | NDArray[np.object_]) -> NDArray[np.object_]:
    array = np.asarray(list(shapes), dtype=object)
    if not len(array):
        return array
    return np.asarray(array[~(shapely.is_missing(array) | shapely.is_empty(array))])


def _fillings(
    shapes: NDArray[np.object_], union: BaseGeometry, gap_m: float
) -> NDArray[np.object_]:
    """Fill the gaps up to `gap_m` wide between two different shapes."""
    if gap_m == 0 or len(shapes) < 2:
        return np.empty(0, dtype=object)
    # Mitred corners, or each closing would round the corners where gaps meet the outside.
    closed = union.buffer(gap_m / 2, join_style="mitre").buffer(-gap_m / 2, join_style="mitre")
    gaps = shapely.get_parts(shapely.difference(closed, union))
    gaps = gaps[shapely.area(gaps) > 0]
    # A notch inside one shape is part of its form; only what touches two of them is a gap.
    gap, _ = shapely.STRtree(shapes).query(gaps, predicate="dwithin", distance=1e-6)
    return np.asarray(gaps[np.bincount(gap, minlength=len(gaps)) >= 2])


def _polygonal(shape: BaseGeometry) -> Polygon | MultiPolygon:
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return polygons[0] if len(polygons) == 1 else MultiPolygon(list(polygons))

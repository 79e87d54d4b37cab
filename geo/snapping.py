"""Snapping of a drawn boundary to its neighbours, so that edges which should be shared are shared."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPoint, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from errors import GeometryError

__all__ = ["SNAP_TOLERANCE_M", "snap"]

# A hand on the map at street scale misses by less than this; a footpath is wider.
SNAP_TOLERANCE_M = 0.5


def snap(
    polygon: Polygon | MultiPolygon,
    neighbours: Iterable[BaseGeometry | None],
    *,
    tolerance_m: float = SNAP_TOLERANCE_M,
) -> Polygon | MultiPolygon:
    """Pull a boundary onto the corners and edges of its neighbours.

    Corners go to the nearest corner of a neighbour within the tolerance, else to the nearest point of an
    edge; where a neighbour's corner lies on one of our edges, the edge gets that corner too, so that no
    sliver stays between them.

    Parameters
    ----------
    polygon : Polygon or MultiPolygon
        In metres, valid.
    neighbours : iterable of Polygon or MultiPolygon
        Same CRS; None and empty ones are passed over. They are not changed.
    tolerance_m : float
        Farthest move of a corner.

    Returns
    -------
    Polygon or MultiPolygon
        Always valid and with as many parts and holes as before: where the full tolerance would fold the
        boundary over itself, half, then a quarter of it is used; if that folds it too, `polygon` comes back.

    Raises
    ------
    GeometryError
        If there is no boundary, it is invalid, or `tolerance_m` is negative.

    Examples
    --------
    >>> drawn = shapely.box(50.2, 0.1, 100, 49.9)
    >>> snap(drawn, [shapely.box(0, 0, 50, 50)], tolerance_m=0.5).bounds
    (50.0, 0.0, 100.0, 50.0)
    """
    if polygon is None or polygon.is_empty or not polygon.is_valid:
        raise GeometryError("边界是空的或自相交，无法吸附到相邻小区，请先修正边界。")
    if not (np.isfinite(tolerance_m) and tolerance_m >= 0):
        raise GeometryError(f"吸附距离是 {tolerance_m} 米，应为 0 或更大的数，请修改后重试。")
    around = list(neighbours)
    for tolerance in (tolerance_m, tolerance_m / 2, tolerance_m / 4):
        near = _near(polygon, around, tolerance)
        if not len(near) or tolerance == 0:
            return polygon
        snapped = _snapped(polygon, near, tolerance)
        if _same_form(snapped, polygon):
            return snapped
    return polygon


def _near(
    polygon: BaseGeometry, neighbours: list[BaseGeometry | None], tolerance_m: float
) -> NDArray[np.object_]:
    array = np.array([*neighbours, None], dtype=object)
    # A missing or empty neighbour is never within a distance.
    return np.asarray(array[shapely.dwithin(array, polygon, tolerance_m)])


def _snapped(
    polygon: BaseGeometry, neighbours: NDArray[np.object_], tolerance_m: float
) -> BaseGeometry:
    corners = shapely.points(np.unique(shapely.get_coordinates(neighbours), axis=0))
    edges = shapely.boundary(neighbours)
    moved = shapely.transform(
        polygon, lambda points: _moved(points, corners, edges, tolerance_m=tolerance_m)
    )
    beside = corners[shapely.dwithin(corners, shapely.boundary(moved), tolerance_m)]
    if len(beside):
        moved = shapely.snap(moved, MultiPoint(list(beside)), tolerance_m)
    return shapely.remove_repeated_points(moved)


def _moved(
    points: NDArray[np.float64],
    corners: NDArray[np.object_],
    edges: NDArray[np.object_],
    *,
    tolerance_m: float,
) -> NDArray[np.float64]:
    """Each point at its corner, else on its edge, else where it was."""
    moved = points.copy()
    at_edge, edge = shapely.STRtree(edges).query_nearest(
        shapely.points(points), max_distance=tolerance_m, all_matches=False
    )
    ways = shapely.shortest_line(shapely.points(points[at_edge]), edges[edge])
    moved[at_edge] = shapely.get_coordinates(shapely.get_point(ways, 1))
    at_corner, corner = shapely.STRtree(corners).query_nearest(
        shapely.points(points), max_distance=tolerance_m, all_matches=False
    )
    moved[at_corner] = shapely.get_coordinates(corners[corner])
    return moved


def _same_form(snapped: BaseGeometry, polygon: BaseGeometry) -> bool:
    """Whether snapping kept it a valid shape of as many parts and holes."""
    return bool(
        snapped.is_valid
        and not snapped.is_empty
        and snapped.geom_type == polygon.geom_type
        and len(shapely.get_rings(snapped)) == len(shapely.get_rings(polygon))
    )

"""Measures of single shapes: area on the ellipsoid and in the plane, span, compactness.

Each takes a Series and gives a Series on the same index, named like the function. A row without a
boundary (None or empty) has no measure: NaN, never 0.
"""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from errors import CrsError
from geo.crs import GEOD, require_metric

__all__ = ["area_geodesic_m2", "area_plane_m2", "polsby_popper", "span_m"]

# Pairs of corners that are measured at once: about 100 MB.
_PAIRS_AT_ONCE = 2_000_000


def area_geodesic_m2(shapes: gpd.GeoSeries) -> pd.Series[float]:
    """Area on the CGCS2000 ellipsoid: the area of the record.

    Parameters
    ----------
    shapes : GeoSeries
        Polygons or MultiPolygons in degrees (EPSG:4490, or 4326, which does not differ in numbers).

    Returns
    -------
    Series
        ㎡, index of `shapes`, name ``area_geodesic_m2``; NaN where there is no boundary.

    Raises
    ------
    CrsError
        If `shapes` has no CRS or is not in degrees.

    Notes
    -----
    Edges are geodesics; the ring area is Karney's (2013), through PROJ. Holes are taken off whatever
    the direction of the rings.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(112, 22.9, 112.001, 22.901)], crs="EPSG:4490")
    >>> area_geodesic_m2(square).round().tolist()
    [11362.0]
    """
    _require_degrees(shapes)
    polygons, owner = shapely.get_parts(shapes.to_numpy(), return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    total = np.zeros(len(shapes))
    np.add.at(total, owner[polygon], _signs(polygon) * _ring_areas_m2(rings))
    return _measured(total, shapes, "area_geodesic_m2")


def area_plane_m2(shapes: gpd.GeoSeries) -> pd.Series[float]:
    """Area in the projected plane, shown beside the area of the record.

    Parameters
    ----------
    shapes : GeoSeries
        Polygons, projected in metres.

    Returns
    -------
    Series
        ㎡, index of `shapes`, name ``area_plane_m2``; NaN where there is no boundary.

    Raises
    ------
    CrsError
        If `shapes` has no CRS or is not in metres.

    Examples
    --------
    >>> area_plane_m2(gpd.GeoSeries([shapely.box(0, 0, 20, 10), None], crs="EPSG:4547")).tolist()
    [200.0, nan]
    """
    require_metric(shapes=shapes)
    return _measured(shapely.area(shapes.to_numpy()), shapes, "area_plane_m2")


def polsby_popper(shapes: gpd.GeoSeries) -> pd.Series[float]:
    """Compactness 4πA/P² (Polsby and Popper 1991): 1 for a circle, 0.785 for a square, near 0 for a strip.

    Parameters
    ----------
    shapes : GeoSeries
        Polygons, projected in metres.

    Returns
    -------
    Series
        0 to 1, index of `shapes`, name ``polsby_popper``; NaN where there is no boundary or no area.

    Raises
    ------
    CrsError
        If `shapes` has no CRS or is not in metres.

    Examples
    --------
    >>> polsby_popper(gpd.GeoSeries([shapely.box(0, 0, 10, 10)], crs="EPSG:4547")).round(3).tolist()
    [0.785]
    """
    require_metric(shapes=shapes)
    around = shapely.length(shapes.to_numpy())
    share = np.divide(
        4 * np.pi * shapely.area(shapes.to_numpy()),
        around**2,
        out=np.full(len(shapes), np.nan),
        where=around > 0,
    )
    return _measured(share, shapes, "polsby_popper")


def span_m(shapes: gpd.GeoSeries) -> pd.Series[float]:
    """Give the largest distance between two points of each shape, all its parts together.

    Both points are corners of the convex hull, so that it is exact: every pair of corners is measured.

    Parameters
    ----------
    shapes : GeoSeries
        Any geometry, projected in metres.

    Returns
    -------
    Series
        Metres, index of `shapes`, name ``span_m``; NaN where there is no boundary.

    Raises
    ------
    CrsError
        If `shapes` has no CRS or is not in metres.

    Examples
    --------
    >>> apart = shapely.union_all([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 40, 30)])
    >>> span_m(gpd.GeoSeries([apart, None], crs="EPSG:4547")).tolist()
    [50.0, nan]
    """
    require_metric(shapes=shapes)
    corners, owner = shapely.get_coordinates(
        shapely.convex_hull(shapes.to_numpy()), return_index=True
    )
    counts = np.bincount(owner, minlength=len(shapes))
    start = np.concatenate([[0], np.cumsum(counts)])
    widest = np.zeros(len(shapes))
    batch = np.cumsum(counts.astype(np.int64) ** 2) // _PAIRS_AT_ONCE
    for rows in np.split(np.arange(len(shapes)), np.flatnonzero(np.diff(batch)) + 1):
        if not len(rows):
            continue
        points = np.arange(start[rows[0]], start[rows[-1] + 1])
        partners = counts[owner[points]]
        first = np.repeat(points, partners)
        place = np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)
        second = start[owner[first]] + place
        apart = np.hypot(*(corners[first] - corners[second]).T)
        np.maximum.at(widest, owner[first], apart)
    return _measured(widest, shapes, "span_m")


def _ring_areas_m2(rings: NDArray[np.object_]) -> NDArray[np.float64]:
    """Unsigned geodesic area of each ring; PROJ takes one ring at a time."""
    coordinates, owner = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(owner, np.arange(len(rings) + 1))
    lon, lat = np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1])
    return np.array(
        [
            abs(GEOD.polygon_area_perimeter(lon[start:end], lat[start:end])[0])
            for start, end in pairwise(starts)
        ]
    )


def _signs(polygon: NDArray[np.intp]) -> NDArray[np.float64]:
    """+1 for the first ring of each polygon, which is its shell, and -1 for its holes."""
    is_shell = np.ones(len(polygon), dtype=bool)
    is_shell[1:] = polygon[1:] != polygon[:-1]
    return np.where(is_shell, 1.0, -1.0)


def _measured(values: NDArray[np.float64], shapes: gpd.GeoSeries, name: str) -> pd.Series[float]:
    missing = shapely.is_missing(shapes.to_numpy()) | shapely.is_empty(shapes.to_numpy())
    return pd.Series(np.where(missing, np.nan, values), index=shapes.index, name=name)


def _require_degrees(shapes: gpd.GeoSeries) -> None:
    if shapes.crs is None:
        raise CrsError("边界没有坐标系，无法计算椭球面积，请在导入时指定坐标系。")
    if not shapes.crs.is_geographic:
        raise CrsError(
            f"椭球面积要用经纬度（CGCS2000）坐标计算，现在是 {shapes.crs.to_string()}，请先转换坐标系。"
        )

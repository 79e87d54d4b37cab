"""Repair of boundaries: what was wrong, and what the repair did to the area.

``make_valid`` by structure, not by linework: a self-overlap keeps its area (linework turns the overlap
into a hole), and unlike ``buffer(0)`` no half of a bow-tie is lost (reliability report 3.1).
"""

from __future__ import annotations

import math
import re

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from errors import CrsError
from geo.crs import GEOD

__all__ = ["ASK_ABOVE_SHARE", "multipolygons", "repair"]

# A repair that changes the area by more than this is put to the planner (reliability report 3.1).
ASK_ABOVE_SHARE = 0.01

_PROBLEMS = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞套着洞",
    "Nested shells": "部分互相重叠",
    "Duplicate Rings": "有重复的环",
    "Interior is disconnected": "内部不连通",
    "Too few points in geometry component": "点数不足",
    "Invalid Coordinate": "坐标无效",
    "Ring is not closed": "首尾不闭合",
}

_COLUMNS = ("problem", "area_before_m2", "area_after_m2", "share_changed", "ask")


def repair(geoms: gpd.GeoSeries) -> tuple[gpd.GeoSeries, pd.DataFrame]:
    """Make boundaries valid and list every one that was touched.

    Parameters
    ----------
    geoms : GeoSeries
        Areas, in EPSG:4490 (areas are then geodesic) or in metres. Points and lines among them are
        dropped and listed; missing stays missing.

    Returns
    -------
    repaired : GeoSeries
        Same index, CRS and name; MultiPolygon or None, 2D, valid.
    changes : DataFrame
        One row for each touched geometry, same labels: ``problem`` (Chinese), ``area_before_m2`` as the
        file's rings enclose it (holes taken off, a bow-tie's halves cancel), ``area_after_m2``,
        ``share_changed`` (inf from nothing), ``ask`` (more than :data:`ASK_ABOVE_SHARE`, or lost).

    Raises
    ------
    CrsError
        If `geoms` has no CRS.
    """
    if geoms.crs is None:
        raise CrsError("边界没有坐标系，无法核对修复前后的面积。请先指定坐标系。")
    flat = shapely.force_2d(geoms.to_numpy())
    present = ~shapely.is_missing(flat)
    broken = present & ~(shapely.is_valid(flat) & ~shapely.is_empty(flat))
    areal = np.isin(shapely.get_type_id(flat), (3, 6))
    touched = broken | (present & ~areal)
    mended = flat.copy()
    mended[touched] = [_mend(geom) for geom in flat[touched]]
    repaired = gpd.GeoSeries(mended, index=geoms.index, crs=geoms.crs, name=geoms.name)
    return multipolygons(repaired), _changes(geoms, flat, mended, touched)


def multipolygons(geoms: gpd.GeoSeries) -> gpd.GeoSeries:
    """Polygons as MultiPolygon, everything else as None.

    Parameters
    ----------
    geoms : GeoSeries
        Any geometry.

    Returns
    -------
    GeoSeries
        Same index, CRS and name.
    """
    values = geoms.to_numpy().copy()
    kinds = shapely.get_type_id(values)
    single = kinds == 3
    values[single] = shapely.multipolygons(values[single], indices=np.arange(single.sum()))
    values[(kinds != 3) & (kinds != 6) | shapely.is_empty(values)] = None
    return gpd.GeoSeries(values, index=geoms.index, crs=geoms.crs, name=geoms.name)


def _mend(geom: BaseGeometry) -> BaseGeometry | None:
    if not np.isfinite(shapely.get_coordinates(geom)).all() or shapely.is_empty(geom):
        return None
    valid = shapely.make_valid(geom, method="structure", keep_collapsed=False)
    parts = [part for part in _leaves(valid) if part.geom_type == "Polygon" and part.area > 0]
    return shapely.multipolygons(parts) if parts else None


def _leaves(geom: BaseGeometry) -> list[BaseGeometry]:
    if hasattr(geom, "geoms"):
        return [leaf for part in geom.geoms for leaf in _leaves(part)]
    return [geom]


def _changes(
    geoms: gpd.GeoSeries,
    before: npt.NDArray[np.object_],
    after: npt.NDArray[np.object_],
    touched: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    geodesic = bool(geoms.crs.is_geographic)
    rows = []
    for old, new in zip(before[touched], after[touched], strict=True):
        was, now = (_ring_area_m2(geom, geodesic=geodesic) for geom in (old, new))
        share = abs(now - was) / was if was > 0 else (math.inf if now > 0 else 0.0)
        rows.append((_problem(old, new), was, now, share, share > ASK_ABOVE_SHARE or new is None))
    return pd.DataFrame(rows, columns=list(_COLUMNS), index=geoms.index[touched]).astype(
        {"area_before_m2": float, "area_after_m2": float, "share_changed": float, "ask": bool}
    )


def _problem(old: BaseGeometry, new: BaseGeometry | None) -> str:
    if shapely.is_empty(old):
        return "没有坐标"
    if shapely.is_valid(old):
        return "不是面" if new is None else "夹有点或线"
    reason = re.sub(r"\[.*", "", shapely.is_valid_reason(old)).strip()
    text = _PROBLEMS.get(reason, "图形无效")
    return f"{text}，修复后没有面积" if new is None else text


def _ring_area_m2(geom: BaseGeometry | None, *, geodesic: bool) -> float:
    """Area as the rings stand, shells minus holes, without any repair."""
    total = 0.0
    for part in _leaves(geom) if geom is not None else []:
        if part.geom_type != "Polygon" or not np.isfinite(shapely.get_coordinates(part)).all():
            continue
        rings = [part.exterior, *part.interiors]
        areas = [_enclosed_m2(ring, geodesic=geodesic) for ring in rings]
        total += areas[0] - sum(areas[1:])
    return max(total, 0.0)


def _enclosed_m2(ring: BaseGeometry, *, geodesic: bool) -> float:
    if not geodesic:
        return float(shapely.area(shapely.polygons(ring))) if not shapely.is_empty(ring) else 0.0
    lon, lat = shapely.get_coordinates(ring).T
    return abs(float(GEOD.polygon_area_perimeter(lon, lat)[0])) if len(lon) else 0.0

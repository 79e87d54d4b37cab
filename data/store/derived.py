"""Columns that follow from others and are brought up to date in the same transaction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from data.store.blob import SRS_ID
from data.store.triggers import EXTERNAL_ACTOR
from geo.measure import area_geodesic_m2

if TYPE_CHECKING:
    from data.store.edit import Edit

__all__ = ["areas_m2", "refresh_pianqu", "union_boundary", "with_external_areas"]


def areas_m2(geometries: Sequence[shapely.Geometry | None]) -> list[float | None]:
    """Geodesic areas on the CGCS2000 ellipsoid in ㎡; None where there is no geometry."""
    if not geometries:
        return []
    series = gpd.GeoSeries(list(geometries), crs=f"EPSG:{SRS_ID}")
    return [None if math.isnan(area) else float(area) for area in area_geodesic_m2(series)]


def union_boundary(geometries: Sequence[shapely.Geometry | None]) -> shapely.MultiPolygon | None:
    """Boundary of a 片区: the union of its members' boundaries; None if no member has one.

    The union is taken in degrees: it needs no distances, and shared corners stay the same numbers.
    """
    known = [geometry for geometry in geometries if geometry is not None]
    if not known:
        return None
    union = shapely.union_all(known)
    parts = [part for part in shapely.get_parts(union) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def refresh_pianqu(edit: Edit, uids: Sequence[str]) -> None:
    """Put the boundaries of 片区 together anew from their members as the edit has left them."""
    present = edit.read("pianqu", uids=uids)
    if present.empty:
        return
    members = edit.members_of(list(present.index))
    changes: list[dict[str, Any]] = [
        {"uid": uid, "version": int(version), "geometry": union_boundary(members.get(uid, []))}
        for uid, version in present["version"].items()
    ]
    edit.update_many("pianqu", changes)


def with_external_areas(layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Measure anew what another program has drawn: it can not keep the area up to date itself."""
    if layer != "compounds":
        return frame
    drawn = frame["edited_by"] == EXTERNAL_ACTOR
    if drawn.any():
        frame.loc[drawn, "area_geodesic_m2"] = area_geodesic_m2(frame.geometry[drawn])
    return frame

"""Columns that follow from others and are brought up to date in the same transaction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from data.store.blob import SRS_ID
from data.store.triggers import EXTERNAL_ACTOR
from errors import CrsError
from geo.crs import plan_zone, to_plane
from geo.editing import dissolve
from geo.measure import area_geodesic_m2

if TYPE_CHECKING:
    from data.store.edit import Edit

__all__ = ["areas_m2", "refresh_pianqu", "union_boundary", "with_external_areas"]


# A tenth of a millimetre.
GRID_M = 1e-4


def areas_m2(geometries: Sequence[shapely.Geometry | None]) -> list[float | None]:
    """Geodesic areas on the CGCS2000 ellipsoid in ㎡; None where there is no geometry."""
    if not geometries:
        return []
    series = gpd.GeoSeries(list(geometries), crs=f"EPSG:{SRS_ID}")
    return [None if math.isnan(area) else float(area) for area in area_geodesic_m2(series)]


def union_boundary(geometries: Sequence[shapely.Geometry | None]) -> shapely.MultiPolygon | None:
    """Boundary of a 片区: the union of its members' boundaries; None if no member has one.

    The union is taken in degrees: it needs no distances, and corners stay the very numbers that the
    members have. Only where hairline gaps between members are to be closed is it done in the plane.
    """
    known = [geometry for geometry in geometries if geometry is not None]
    if not known:
        return None
    union = _multipolygon(shapely.union_all(known))
    return union if len(known) == 1 else _without_hairlines(known, union)


def _without_hairlines(
    members: list[shapely.Geometry], union: shapely.MultiPolygon
) -> shapely.MultiPolygon:
    shapes = gpd.GeoSeries(members, crs=f"EPSG:{SRS_ID}")
    try:
        plane = to_plane(shapes, plan_zone(shapes).epsg)
    except CrsError:
        # Outside China there is no zone to measure in: the plain union stands.
        return union
    # Rounding takes away what the closing leaves: slits of a millionth of a millimetre.
    closed = _multipolygon(shapely.set_precision(dissolve(plane), GRID_M))
    if _rings(closed) == _rings(union):
        return union
    back = gpd.GeoSeries([closed], crs=plane.crs).to_crs(SRS_ID).iloc[0]
    return _multipolygon(back) if back.is_valid else union


def _rings(shape: shapely.MultiPolygon) -> tuple[int, int]:
    return len(shape.geoms), sum(len(part.interiors) for part in shape.geoms)


def _multipolygon(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


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

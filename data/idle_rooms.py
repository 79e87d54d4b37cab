"""Idle rooms of a plan: buildings and facilities that say that they stand empty, with the floor that they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.layer_rows import column, drawn, tags_of
from geo.crs import to_plane
from policy.facility_rules import facility_rules
from policy.ground_rules import ground_rules

__all__ = ["idle_rooms"]

# What the floor is called beside the fields of the schema.
_FLOOR = ("floor_m2", "floor_area", "建筑面积", "用房面积", "面积", "area_m2", "area")


def idle_rooms(layers: Mapping[str, gpd.GeoDataFrame], *, epsg: int) -> gpd.GeoDataFrame:
    """Find idle rooms in the layers ``facilities`` and ``buildings``.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        EPSG:4490.
    epsg : int
        Plane of the plan.

    Returns
    -------
    GeoDataFrame
        By uid, sorted: ``name`` (missing where it has none), ``floor_m2`` (as it is said, else ground × storeys; NaN
        where neither is known), shapes in `epsg`.

    Examples
    --------
    >>> room = gpd.GeoDataFrame({"kind": ["闲置公房"], "name": ["锅炉房"], "extra": [{"建筑面积": "420"}]},
    ...                         index=["r"], geometry=gpd.points_from_xy([113.0], [23.0]), crs="EPSG:4490")
    >>> idle_rooms({"facilities": room}, epsg=4547)["floor_m2"].tolist()
    [420.0]
    """
    found = [
        _told(layers[name], name, epsg)
        for name in ("facilities", "buildings")
        if len(layers.get(name, ()))
    ]
    if not found:
        return gpd.GeoDataFrame({"name": [], "floor_m2": []}, geometry=[], crs=epsg)
    return gpd.GeoDataFrame(pd.concat(found), crs=epsg).sort_index()


def _told(frame: gpd.GeoDataFrame, layer: str, epsg: int) -> gpd.GeoDataFrame:
    there, rules = drawn(frame), facility_rules()
    kinds = column(there, "kind")
    idle = kinds.map(rules.is_idle).astype(bool)
    if layer == "facilities":
        # Houses are called after all sorts of things, facilities after what they are.
        idle = idle | column(there, "name").map(rules.is_idle).astype(bool)
    # Vacant land is no room.
    picked = there[(idle & ~kinds.map(ground_rules().is_vacant).astype(bool)).to_numpy()]
    shapes = to_plane(picked.geometry, epsg)
    said = np.array([_floor(tags) for tags in tags_of(picked)], dtype=float)
    storeys = pd.to_numeric(column(picked, "storeys"), errors="coerce").to_numpy(float)
    ground = shapely.area(shapes.to_numpy())
    drawn_m2 = np.where(ground > 0, ground * np.where(np.isnan(storeys), 1.0, storeys), np.nan)
    return gpd.GeoDataFrame(
        {
            "name": column(picked, "name"),
            "floor_m2": np.where(np.isnan(said), drawn_m2, said),
        },
        geometry=shapes,
    )


def _floor(tags: Mapping[str, Any]) -> float:
    """Floor that a record says that it has, in ㎡; NaN if it does not."""
    named = {str(key).strip().lower(): value for key, value in tags.items()}
    for key in _FLOOR:
        try:
            value = float(str(named[key]).replace("㎡", "").replace(",", ""))
        except (KeyError, ValueError):
            continue
        if 0 < value < np.inf:
            return value
    return np.nan

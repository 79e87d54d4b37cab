"""Paths that are kept from houses to roads, and houses for which there is none."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.ground_beside import houses_standing
from data.ground_roads import RoadGround
from data.ground_settings import GroundSettings
from geo.paths import doorway_paths

__all__ = ["Doorways", "doorways_of", "houses_without"]

Shapes = NDArray[np.object_]
# So many houses are named; the rest is counted.
_NAMED = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Doorways:
    """Ways of houses to roads.

    Attributes
    ----------
    paths : ndarray of geometry
    without : ndarray of bool
        By house: neither on a road nor with a path to one.
    """

    paths: Shapes
    without: NDArray[np.bool_]


def doorways_of(
    houses: Shapes, roads: RoadGround, outlines: Shapes, settings: GroundSettings, *, epsg: int
) -> Doorways:
    """Find the paths of houses.

    Parameters
    ----------
    houses : ndarray of geometry
        Valid areas in `epsg`.
    roads : RoadGround
    outlines : ndarray of geometry
        Compounds: no path leads over their walls if there is another.
    settings : GroundSettings
    epsg : int
    """
    nothing = np.array([], dtype=object)
    if not settings.doorways or settings.doorway_path_m <= 0:
        return Doorways(paths=nothing, without=np.zeros(len(houses), dtype=bool))
    own, width_m = gpd.GeoSeries(houses, crs=epsg), settings.doorway_path_m
    # Whoever lives inside goes by the ways inside; only a house that has none of them opens onto what is outside.
    inside = pd.concat([roads.ways, roads.foot], ignore_index=True)
    walls = gpd.GeoSeries(shapely.boundary(outlines), crs=epsg)
    found = doorway_paths(own, inside, width_m=width_m, walls=walls)
    without = found.is_empty.to_numpy() & ~_meets(own, inside)
    outside = pd.concat([inside, roads.streets], ignore_index=True)
    onto = doorway_paths(own, outside, width_m=width_m, wanted=without)
    paths = pd.concat([found[~found.is_empty], onto[~onto.is_empty]]).to_numpy()
    without &= onto.is_empty.to_numpy() & ~_meets(own, outside)
    return Doorways(paths=paths, without=without)


def houses_without(
    doorways: Doorways | None, houses: Shapes, names: NDArray[np.object_], outlines: Shapes
) -> list[str]:
    """Name the houses on each compound that have no way to a road; empty where all have one."""
    told = [""] * len(outlines)
    if doorways is None or not doorways.without.any():
        return told
    rows = np.flatnonzero(doorways.without)
    compound, house = houses_standing(houses[rows], outlines)
    for own in np.unique(compound):
        told[own] = _listed(names[rows[house[compound == own]]])
    return told


def _meets(houses: gpd.GeoSeries, roads: gpd.GeoSeries) -> NDArray[np.bool_]:
    row, _ = roads.sindex.query(houses, predicate="intersects")
    return np.isin(np.arange(len(houses)), row)


def _listed(names: NDArray[np.object_]) -> str:
    known = sorted(str(name) for name in names if isinstance(name, str) and name.strip())
    if not known:
        return f"{len(names)} 栋没有名称的建筑"
    more = f"等 {len(names)} 栋建筑" if len(names) > min(len(known), _NAMED) else ""
    return "、".join(known[:_NAMED]) + more

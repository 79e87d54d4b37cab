"""A rough line off the coast, to ask about a boundary that seems to lie in the sea."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from errors import CrsError

__all__ = ["offshore"]

# Drawn by hand for this tool, 20-60 km outside every inhabited island of the mainland, Hainan and Taiwan
# (lon, lat); from the Yalu south to the Beibu Gulf, then round by the open sea. It is no border of
# anything: far islands such as 三沙 lie outside and are asked about like the rest.
_OPEN_SEA = (
    (124.7, 39.8), (123.7, 38.8), (122.3, 38.3), (123.1, 37.7), (123.0, 36.7), (121.2, 35.8),
    (120.5, 35.0), (121.4, 33.3), (122.4, 32.0), (123.3, 31.0), (123.1, 29.7), (122.7, 28.6),
    (122.2, 27.6), (121.5, 26.9), (121.1, 26.2), (122.4, 25.9), (122.4, 24.8), (122.0, 22.4),
    (121.7, 21.7), (120.7, 21.6), (119.2, 22.7), (117.8, 22.9), (116.2, 22.3), (114.7, 21.6),
    (113.2, 21.2), (112.0, 21.0), (111.3, 20.7), (111.7, 20.0), (111.3, 19.2), (110.6, 18.2),
    (109.5, 17.7), (108.3, 18.4), (108.0, 19.8), (107.3, 20.5), (106.8, 17.5), (107.0, 3.0),
    (135.5, 3.0), (135.5, 42.2), (131.3, 42.2),
)  # fmt: skip
# The middle of the Bohai.
_BOHAI = ((118.8, 38.6), (119.6, 38.0), (120.3, 38.2), (120.8, 39.2), (120.9, 39.7), (119.8, 39.1))

_SEA = shapely.union_all([shapely.Polygon(_OPEN_SEA), shapely.Polygon(_BOHAI)])


def offshore(geoms: gpd.GeoSeries) -> pd.Series:
    """Whether each geometry lies wholly in the open sea, roughly.

    Parameters
    ----------
    geoms : GeoSeries
        EPSG:4490 or 4326.

    Returns
    -------
    Series of bool
        Same index, name ``offshore``; missing ones are not at sea.

    Raises
    ------
    CrsError
        If `geoms` is not in degrees.
    """
    if geoms.crs is None or not geoms.crs.is_geographic:
        raise CrsError("判断是否在海上需要经纬度坐标（EPSG:4490），请先转换坐标系。")
    shapely.prepare(_SEA)
    inside = np.asarray(shapely.contains(_SEA, geoms.to_numpy()), dtype=bool)
    return pd.Series(inside, index=geoms.index, name="offshore")

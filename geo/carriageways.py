"""Carriageways: the ground under roads that are drawn as lines.

A line is widened to both sides with flat ends, so that a dead end does not reach into the yard behind it; where ends of
lines meet, a disc as wide as the narrower of the two ways closes the corner.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import require_metric
from geo.repair import repair
from geo.stacking import stacked

__all__ = ["carriageways"]

# Ends of lines within this distance are one: coordinates in degrees are often rounded to seven decimals.
SAME_NODE_M = 0.05
# Sharper bends are cut off at so many times the half width.
MITRE_LIMIT = 2.0
# Corners are closed by an octagon: no car notices, and no edge is shorter than it has to be.
DISC_SEGMENTS = 2

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


def carriageways(roads: gpd.GeoSeries, width_m: pd.Series[float]) -> gpd.GeoSeries:
    """Ground under each road.

    Parameters
    ----------
    roads : GeoSeries
        Lines, or areas that are carriageways already, projected in metres; anything may be among them.
    width_m : Series
        Width of the lines, in the order of `roads`; of unknown or no width: no ground. Not looked at for areas.

    Returns
    -------
    GeoSeries
        Index of `roads`; valid areas, empty where there is none.

    Raises
    ------
    CrsError
        If `roads` has no CRS or is not in metres.

    Examples
    --------
    >>> lane = gpd.GeoSeries([shapely.LineString([(0, 0), (30, 0)])], crs="EPSG:4547")
    >>> carriageways(lane, pd.Series([4.0])).area.tolist()
    [120.0]
    """
    require_metric(roads=roads)
    shapes = shapely.force_2d(roads.to_numpy())
    ground = np.full(len(shapes), shapely.Polygon(), dtype=object)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    if areal.any():
        mended, _ = repair(gpd.GeoSeries(shapes[areal], crs=roads.crs))
        ground[areal] = np.where(mended.isna(), shapely.Polygon(), mended.to_numpy())
    width = np.asarray(width_m, dtype=np.float64)
    lines, owner = _lines(shapes, np.isfinite(width) & (width > 0) & ~areal)
    rows, widened = _widened(lines, owner, width[owner])
    ground[rows] = widened
    return gpd.GeoSeries(ground, index=roads.index, crs=roads.crs)


def _lines(shapes: Shapes, wanted: NDArray[np.bool_]) -> tuple[Shapes, NDArray[np.intp]]:
    """Single lines of two corners or more with finite coordinates, and the rows that they are of."""
    rows = np.flatnonzero(wanted & ~shapely.is_missing(shapes))
    parts, of = shapely.get_parts(shapes[rows], return_index=True)
    # A collection may hold lines again.
    parts, again = shapely.get_parts(parts, return_index=True)
    of = of[again]
    extent = shapely.bounds(parts)
    long = shapely.length(parts) > 0
    fine = np.isin(shapely.get_type_id(parts), (1, 2)) & np.isfinite(extent).all(axis=1) & long
    return parts[fine], rows[of[fine]]


def _widened(
    lines: Shapes, owner: NDArray[np.intp], width: Floats
) -> tuple[NDArray[np.intp], Shapes]:
    strips = shapely.buffer(
        lines, width / 2, cap_style="flat", join_style="mitre", mitre_limit=MITRE_LIMIT
    )
    node, radius, of_line = _corners(lines, width)
    discs = shapely.buffer(node, radius, quad_segs=DISC_SEGMENTS)
    pieces, of = np.concatenate([strips, discs]), np.concatenate([owner, owner[of_line]])
    rows, table = stacked(pieces, of)
    return rows, shapely.union_all(table, axis=1)


def _corners(lines: Shapes, width: Floats) -> tuple[Shapes, Floats, NDArray[np.intp]]:
    """Give ends that are shared with other lines: point, half of the narrower width, line."""
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    line = np.tile(np.arange(len(lines)), 2)
    wide = np.tile(width, 2)
    places = np.round(shapely.get_coordinates(ends) / SAME_NODE_M).astype(np.int64)
    if not len(places):
        return ends, wide, line
    _, node = np.unique(places, axis=0, return_inverse=True)
    order = np.lexsort((wide, node))
    size = np.bincount(node)
    # Of the ends at a node the widest but one limits the widest; the others fit into it as they are.
    last = np.cumsum(size) - 1
    second = np.where(size > 1, wide[order[np.maximum(last - 1, 0)]], 0.0)
    shared = size[node] > 1
    return ends[shared], np.minimum(wide, second[node])[shared] / 2, line[shared]

"""Neighbours: which compounds lie within so many metres of each other.

Digitised compounds rarely touch: lanes of 12 m, walls drawn twice and gaps of 2 cm lie between them, so
contiguity is a distance, not a shared edge. Half pairs: boxes grown by the distance are looked up in the
tree, each pair is measured once (measured: four times faster than the plain tree query).
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from errors import GeometryError
from geo.crs import require_metric

__all__ = ["DEFAULT_MAX_GAP_M", "neighbours", "sorted_positions"]

# The planner's default, not law: one internal road with its verges, not a main road.
DEFAULT_MAX_GAP_M = 30.0

# Coordinates of eight digits before the point, once there and back through a projection, are good to
# about 1e-8 m. A gap of exactly the limit has to count, and two edges that were drawn as one touch.
NOISE_M = 1e-6


def neighbours(shapes: gpd.GeoSeries, *, max_gap_m: float = DEFAULT_MAX_GAP_M) -> pd.DataFrame:
    """Pairs of compounds whose boundaries lie within `max_gap_m` of each other, the limit included.

    Parameters
    ----------
    shapes : GeoSeries
        Compounds, projected in metres, unique labels. Rows without a boundary have no neighbours.
    max_gap_m : float
        Largest gap in metres. 0 gives those that touch or overlap.

    Returns
    -------
    DataFrame
        One row a pair, columns ``i`` and ``j`` (labels of `shapes`, ``i`` before ``j`` in the order of
        the labels) and ``gap_m`` (0 where they touch or overlap), sorted by ``i``, ``j``. The same pairs
        come out whatever the order of the rows.

    Raises
    ------
    CrsError
        If `shapes` has no CRS or is not in metres.
    GeometryError
        If `max_gap_m` is negative or not finite, or a label occurs twice.

    Examples
    --------
    >>> lane = [shapely.box(0, 0, 50, 50), shapely.box(62, 0, 100, 50), shapely.box(200, 0, 250, 50)]
    >>> neighbours(gpd.GeoSeries(lane, index=["甲", "乙", "丙"], crs="EPSG:4547"))
       i  j  gap_m
    0  乙  甲   12.0
    """
    require_metric(shapes=shapes)
    _check(shapes, max_gap_m)
    order = sorted_positions(shapes.index)
    geometries = shapes.to_numpy()[order]
    first, second = _candidates(geometries, max_gap_m)
    gap = shapely.distance(geometries[first], geometries[second])
    near = gap <= max_gap_m + NOISE_M
    return _pairs(shapes.index[order], first[near], second[near], gap[near])


def sorted_positions(labels: pd.Index[Any]) -> NDArray[np.intp]:
    """Positions of the labels in sorted order, the same for any row order.

    Parameters
    ----------
    labels : Index
        Unique labels; texts and numbers are compared as texts if they can not be compared as they are.

    Returns
    -------
    ndarray of int
    """
    try:
        return np.argsort(labels.to_numpy(), kind="stable")
    except TypeError:
        return np.argsort(labels.map(str).to_numpy(), kind="stable")


def _check(shapes: gpd.GeoSeries, max_gap_m: float) -> None:
    if not (np.isfinite(max_gap_m) and max_gap_m >= 0):
        raise GeometryError(f"相邻间距是 {max_gap_m} 米，应为 0 或更大的数，请修改后重试。")
    if not shapes.index.is_unique:
        twice = shapes.index[shapes.index.duplicated()].unique()[:3]
        raise GeometryError(
            f"小区标识码重复：{'、'.join(map(str, twice))}。同一标识码只能有一个边界，请先处理重复的行。"
        )


def _candidates(
    geometries: NDArray[np.object_], max_gap_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs whose boxes come within the gap, each once, in sorted order."""
    drawn = np.flatnonzero(~(shapely.is_missing(geometries) | shapely.is_empty(geometries)))
    west, south, east, north = shapely.bounds(geometries[drawn]).T
    reach = max_gap_m + 2 * NOISE_M
    grown = shapely.box(west - reach, south - reach, east + reach, north + reach)
    first, second = shapely.STRtree(geometries[drawn]).query(grown)
    half = first < second
    first, second = first[half], second[half]
    order = np.lexsort((second, first))
    return drawn[first[order]], drawn[second[order]]


def _pairs(
    labels: pd.Index[Any],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    gap: NDArray[np.float64],
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "i": labels[first],
            "j": labels[second],
            "gap_m": np.where(gap <= NOISE_M, 0.0, gap),
        }
    )

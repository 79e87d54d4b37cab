"""Reach and compactness of groups of shapes, without putting any shape together."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import require_metric

__all__ = ["group_figures"]


def group_figures(shapes: gpd.GeoSeries, groups: pd.Series[Any]) -> pd.DataFrame:
    """Measure groups of shapes, as limits and objective of a proposal do.

    Parameters
    ----------
    shapes : GeoSeries
        Polygons, projected in metres; None where there is no boundary.
    groups : Series
        Group by the same labels, missing for none.

    Returns
    -------
    DataFrame
        By group, sorted, groups without a boundary left out: ``diameter_m``, the largest distance between
        two points of the group; ``compactness``, A²/(2πI), the moment of inertia of a circle of the area A
        against that of the group about its centroid (Li, Goodchild and Church 2013,
        doi:10.1080/13658816.2012.752093), 1 for a circle and less the longer or the more scattered. Each
        shape counts as a circle of its area about its own centroid.

    Raises
    ------
    CrsError
        If `shapes` is not in metres.

    Examples
    --------
    >>> squares = gpd.GeoSeries([shapely.box(0, 0, 3, 4), shapely.box(3, 0, 6, 4)], crs="EPSG:4547")
    >>> group_figures(squares, pd.Series(["甲", "甲"])).round(2).to_dict("index")
    {'甲': {'diameter_m': 7.21, 'compactness': 0.92}}
    """
    require_metric(shapes=shapes)
    groups = groups.reindex(shapes.index)
    drawn = (groups.notna() & shapes.notna() & ~shapes.is_empty).to_numpy()
    kept = shapes.to_numpy()[drawn]
    codes, names = pd.factorize(groups[drawn], sort=True)
    return pd.DataFrame(
        {
            "diameter_m": _diameters_m(kept, codes, len(names)),
            "compactness": _compactness(kept, codes, len(names)),
        },
        index=pd.Index(names, name=groups.name),
    )


def _diameters_m(
    shapes: NDArray[np.object_], codes: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    corners, owner = shapely.get_coordinates(shapely.convex_hull(shapes), return_index=True)
    group = codes[owner]
    order = np.argsort(group, kind="stable")
    clouds = shapely.multipoints(shapely.points(corners[order]), indices=group[order])
    hull, of = shapely.get_coordinates(shapely.convex_hull(clouds), return_index=True)
    ends = np.searchsorted(of, np.arange(count + 1))
    found = np.zeros(count)
    for number in range(count):
        # Corners of one hull: a few dozen.
        part = hull[ends[number] : ends[number + 1]]
        apart = part[:, None, :] - part[None, :, :]
        found[number] = math.sqrt((apart**2).sum(axis=2).max())
    return found


def _compactness(
    shapes: NDArray[np.object_], codes: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    area = shapely.area(shapes)
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    # From the middle of all, so that the moments keep their digits.
    centre = centre - centre.mean(axis=0) if len(centre) else centre
    own = area * (centre**2).sum(axis=1) + area**2 / (2 * math.pi)
    total, x, y, moment = (
        np.bincount(codes, weights, minlength=count)
        for weights in (area, area * centre[:, 0], area * centre[:, 1], own)
    )
    inertia = np.divide(x**2 + y**2, total, out=np.full(count, np.nan), where=total > 0)
    inertia = moment - inertia
    found = np.divide(
        total**2, 2 * math.pi * inertia, out=np.full(count, np.nan), where=inertia > 0
    )
    compactness: NDArray[np.float64] = np.minimum(found, 1.0)
    return compactness

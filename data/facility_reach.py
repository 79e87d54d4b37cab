"""Distances from homes to facilities and sites of a plan: in a straight line, or along its roads."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from errors import RecordError
from geo.reach import straight_reach

__all__ = ["reach"]

Floats = NDArray[np.float64]


def reach(
    clients_xy: Floats,
    sites_xy: Floats,
    radius_m: float,
    *,
    roads: gpd.GeoDataFrame | None,
    epsg: int,  # noqa: ARG001
    progress: Callable[[float], None] | None = None,
) -> sp.csr_array:
    """Find the clients that each site reaches.

    Parameters
    ----------
    clients_xy, sites_xy : ndarray of float, (n, 2) and (m, 2)
        Metres in the plane `epsg`.
    radius_m : float
        Longest distance.
    roads : GeoDataFrame or None
        Layer of the plan, EPSG:4490; None: in a straight line.
    epsg : int

    Returns
    -------
    csr_array, (m, n)
        Distances in metres.

    Raises
    ------
    RecordError
        If distances along roads are asked for.
    """
    if roads is not None:
        raise RecordError("服务半径", ["沿道路的距离暂不能计算，请改用直线距离。"])
    return straight_reach(clients_xy, sites_xy, radius_m, progress=progress)

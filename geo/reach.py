"""Which sites reach which clients, and how far it is: in a straight line.

Along roads see `geo.road_network`. Both give one row a site, one column a client, the distance in metres as an
explicit entry (0 m is an entry too), and nothing where it is further than the radius.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from errors import GeometryError

__all__ = ["points_of", "straight_reach"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Sites that are asked for at once.
BATCH = 2_000


def straight_reach(
    clients_xy: ArrayLike,
    sites_xy: ArrayLike,
    radius_m: float,
    *,
    progress: Callable[[float], None] | None = None,
) -> sp.csr_array:
    """Find the clients within a straight line of each site.

    Parameters
    ----------
    clients_xy, sites_xy : array_like of float, (n, 2) and (m, 2)
        Metres in a projected system. A point that is not a number reaches nothing.
    radius_m : float
        Longest distance, itself included.
    progress
        Called with the share done.

    Returns
    -------
    csr_array of float, (m, n)
        Distances in metres; columns of each row in rising order.

    Raises
    ------
    GeometryError
        If the radius is no number or below 0, or the points are not pairs.

    Examples
    --------
    >>> straight_reach([[0, 0], [30, 40]], [[0, 0]], 50).toarray()
    array([[ 0., 50.]])
    """
    if not (math.isfinite(radius_m) and radius_m >= 0):
        raise GeometryError("服务半径不是有效的数字，请填写 0 或以上的米数。")
    clients, sites = points_of(clients_xy), points_of(sites_xy)
    known = np.flatnonzero(np.isfinite(clients).all(axis=1))
    sound = np.flatnonzero(np.isfinite(sites).all(axis=1))
    shape = (len(sites), len(clients))
    if not len(known) or not len(sound):
        return sp.csr_array(shape)
    tree = KDTree(clients[known])
    found_sites, found_clients = [], []
    for begin in range(0, len(sound), BATCH):
        batch = sound[begin : begin + BATCH]
        # A hair more than the radius, then exactly: a tree compares squares.
        near = tree.query_ball_point(sites[batch], radius_m * (1 + 1e-12), return_sorted=True)
        lengths = np.fromiter(map(len, near), dtype=np.int64, count=len(near))
        found_sites.append(np.repeat(batch, lengths))
        found_clients.append(np.fromiter((k for row in near for k in row), dtype=np.int64))
        if progress is not None:
            progress(min(1.0, (begin + BATCH) / len(sound)))
    site, client = np.concatenate(found_sites), known[np.concatenate(found_clients)]
    apart = np.hypot(*(clients[client] - sites[site]).T)
    keep = apart <= radius_m
    return sp.csr_array((apart[keep], (site[keep], client[keep])), shape=shape)


def points_of(points: ArrayLike) -> Floats:
    """Array of pairs, or why not."""
    array = np.asarray(points, dtype=float)
    if array.size == 0:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise GeometryError("位置应为一行一对平面坐标（东、北，米），请检查输入。")
    return array

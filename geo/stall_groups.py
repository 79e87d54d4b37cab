"""Groups of stalls: no more than so many stand together, the next group keeps off."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["kept_in_groups"]


def kept_in_groups(shapes: NDArray[np.object_], most: int, gap_m: float) -> NDArray[np.bool_]:
    """Tell which stalls stay so that no group is larger than allowed.

    Parameters
    ----------
    shapes : array of Polygon, (n,)
        Stalls.
    most : int
        Stalls in a group.
    gap_m : float
        Stalls nearer to each other are of one group.

    Returns
    -------
    ndarray of bool, (n,)
    """
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    kept = np.ones(len(shapes), dtype=np.bool_)
    tree = shapely.STRtree(shapes)
    i, j = tree.query(shapes, predicate="dwithin", distance=gap_m - 1e-3)
    for _ in range(len(kept)):
        group = _largest(kept, i, j)
        if len(group) <= most:
            break
        # The first of them along their row stay, what stands nearer to those than the gap goes.
        first = group[_along(middle[group])[:most]]
        near = np.unique(j[np.isin(i, first)])
        kept[np.setdiff1d(np.intersect1d(near, group), first)] = False
    return kept


def _along(middle: NDArray[np.float64]) -> NDArray[np.int64]:
    apart = middle - middle.mean(axis=0)
    _, _, axes = np.linalg.svd(apart, full_matrices=False)
    axis = axes[0] * (1.0 if axes[0][np.argmax(np.abs(axes[0]))] > 0 else -1.0)
    return np.argsort(np.round(apart @ axis, 3), kind="stable")


def _largest(
    kept: NDArray[np.bool_], i: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.int64]:
    both = kept[i] & kept[j]
    graph = coo_array((np.ones(int(both.sum())), (i[both], j[both])), shape=(len(kept), len(kept)))
    _, of = connected_components(graph, directed=False)
    sizes = np.bincount(of[kept], minlength=of.max() + 1)
    return np.flatnonzero((of == int(np.argmax(sizes))) & kept)

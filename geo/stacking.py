"""Shapes by owner as a table, one row for each: what the geometry engine joins or cuts in one call."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["areas_only", "joined_by", "stacked"]

# Parts thinner than this are what is left between edges that were drawn as one.
_THIN_M = 1e-6

Shapes = NDArray[np.object_]
Positions = NDArray[np.intp]


def stacked(shapes: Shapes, owner: Positions) -> tuple[Positions, Shapes]:
    """Put shapes of one owner into one row.

    Parameters
    ----------
    shapes : ndarray of geometry
    owner : ndarray of int
        Of each shape.

    Returns
    -------
    owners : ndarray of int
        Those that have any, ascending.
    table : ndarray of geometry, (owners, most shapes of one)
        In the order of `shapes`, padded with None.

    Examples
    --------
    >>> owners, table = stacked(shapely.points([[0, 0], [1, 1], [2, 2]]), np.array([7, 3, 7]))
    >>> owners.tolist(), table.shape, table[0, 1] is None
    ([3, 7], (2, 2), True)
    """
    order = np.argsort(owner, kind="stable")
    owners, start, count = np.unique(owner[order], return_index=True, return_counts=True)
    table = np.full((len(owners), int(count.max(initial=1))), None, dtype=object)
    place = np.arange(len(order)) - np.repeat(start, count)
    table[np.repeat(np.arange(len(owners)), count), place] = shapes[order]
    return owners, table


def joined_by(shapes: Shapes, owner: Positions, count: int) -> Shapes:
    """Union of the shapes of each owner 0, 1, … `count` - 1; empty where it has none."""
    joined = np.full(count, shapely.Polygon(), dtype=object)
    owners, table = stacked(shapes, owner)
    joined[owners] = shapely.union_all(table, axis=1)
    return joined


def areas_only(shapes: Shapes) -> Shapes:
    """Areas as they are; of what else an intersection may give, lines, points and slivers, nothing is left.

    Examples
    --------
    >>> touch = shapely.intersection(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    >>> touch.geom_type, areas_only(np.array([touch]))[0].is_empty
    ('LineString', True)
    """
    kinds = shapely.get_type_id(shapes)
    doubtful = np.flatnonzero(
        (kinds != 3) | (shapely.area(shapes) <= _THIN_M * shapely.length(shapes))
    )
    parts, of = shapely.get_parts(shapes[doubtful], return_index=True)
    solid = shapely.area(parts) > _THIN_M * shapely.length(parts)
    result = shapes.copy()
    result[doubtful] = shapely.Polygon()
    number, place = np.unique(of[solid], return_inverse=True)
    # Parts of one shape: they lie apart already.
    result[doubtful[number]] = shapely.multipolygons(parts[solid], indices=place)
    return result

"""Holes punched into areas, without the geometry engine having to find out how the two lie."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

__all__ = ["punched"]

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


def punched(outlines: Shapes, holes: Shapes, owner: Ints) -> Shapes:
    """Areas without what lies inside them.

    Parameters
    ----------
    outlines : ndarray of Polygon and MultiPolygon
    holes : ndarray of Polygon and MultiPolygon
        Without holes of their own; each in the interior of its outline, and apart from the others of that.
    owner : ndarray of int
        Position of the outline of each.

    Examples
    --------
    >>> yard, house = shapely.box(0, 0, 30, 30), shapely.box(10, 10, 20, 20)
    >>> punched(np.array([yard]), np.array([house]), np.array([0]))[0].area
    800.0
    """
    if not len(holes):
        return outlines.copy()
    rows = np.unique(owner)
    parts, row = shapely.get_parts(outlines[rows], return_index=True)
    areas, of = shapely.get_parts(holes, return_index=True)
    made = _with_rings(parts, areas, _part_of(parts, row, areas, np.searchsorted(rows, owner[of])))
    result = outlines.copy()
    several = np.bincount(row, minlength=len(rows)) > 1
    result[rows[row[~several[row]]]] = made[~several[row]]
    many = several[row]
    if many.any():
        numbers = np.unique(row[many], return_inverse=True)[1]
        result[rows[several]] = shapely.multipolygons(made[many], indices=numbers)
    return result


def _with_rings(parts: Shapes, areas: Shapes, part: Ints) -> Shapes:
    """Add the outline of each area to the rings of the part in which it lies."""
    _, corners, (ring_start, part_start) = shapely.to_ragged_array(parts, include_z=False)
    more, many = shapely.get_coordinates(areas), shapely.get_num_coordinates(areas)
    of = np.concatenate([np.repeat(np.arange(len(parts)), np.diff(part_start)), part])
    start = np.concatenate([ring_start[:-1], np.cumsum(many) - many + len(corners)])
    size = np.concatenate([np.diff(ring_start), many])
    # The shell comes first, as it was.
    order = np.argsort(of, kind="stable")
    ends = np.cumsum(size[order])
    place = np.arange(ends[-1]) + np.repeat(start[order] - (ends - size[order]), size[order])
    made: Shapes = shapely.from_ragged_array(
        GeometryType.POLYGON,
        np.concatenate([corners, more])[place],
        (
            np.concatenate([[0], ends]),
            np.concatenate([[0], np.cumsum(np.bincount(of, minlength=len(parts)))]),
        ),
    )
    return made


def _part_of(parts: Shapes, row: Ints, areas: Shapes, wanted: Ints) -> Ints:
    """Part of its own outline in which each area lies."""
    part = np.searchsorted(row, wanted)
    several = np.flatnonzero(np.bincount(row)[wanted] > 1)
    corner = shapely.get_point(shapely.get_exterior_ring(areas[several]), 0)
    area, inside = shapely.STRtree(parts).query(corner, predicate="within")
    own = row[inside] == wanted[several[area]]
    part[several[area[own]]] = inside[own]
    return part

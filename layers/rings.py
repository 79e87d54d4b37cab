"""Polygons, lines and points laid out flat, so that a tile is cut out of them by array arithmetic.

Coordinates are in the square of Web Mercator, from 0 to 1, x to the east and y to the south: a tile of zoom
``z`` is then a square of ``2 ** -z``. Nothing is measured in this system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.mvt import LINE, POINT, POLYGON

__all__ = ["PackedRings", "degrees", "mercator", "pack", "ranges"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_POINT_TYPE, _POLYGON_TYPE = 0, 3  # shapely.GeometryType
_LINE_TYPES = (1, 2)
_LAST_SINGLE_TYPE = 3
# A geometry gives one feature for each of these that it holds, in this order.
_FEATURE_TYPES = np.array([LINE, POLYGON, POINT])
_LINES, _POLYGONS, _POINTS = 0, 1, 2


def mercator(lonlat: Floats) -> Floats:
    """Degrees to the square of Web Mercator; shape (n, 2) to (n, 2)."""
    square = np.empty_like(lonlat)
    square[:, 0] = lonlat[:, 0] / 360 + 0.5
    square[:, 1] = 0.5 - np.arctanh(np.sin(np.radians(lonlat[:, 1]))) / (2 * np.pi)
    return square


def degrees(square: Floats) -> Floats:
    """Go back from :func:`mercator`."""
    return np.column_stack(
        [
            (square[:, 0] - 0.5) * 360,
            np.degrees(np.arctan(np.sinh((0.5 - square[:, 1]) * 2 * np.pi))),
        ]
    )


def ranges(first: Ints, count: Ints) -> Ints:
    """Concatenated ``first .. first + count`` for each pair.

    Examples
    --------
    >>> ranges(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    shift = np.repeat(first - (np.cumsum(count) - count), count)
    return shift + np.arange(int(count.sum()))


@dataclass(frozen=True, kw_only=True)
class PackedRings:
    """Features, their rings and the points of these, each level by the place where it begins.

    Attributes
    ----------
    owner : array of int
        Position of the input geometry that each feature comes from, ascending; a geometry that holds lines
        and polygons gives two features.
    types : array of int
        :data:`layers.mvt.LINE`, :data:`layers.mvt.POLYGON` or :data:`layers.mvt.POINT`.
    bounds : array of float, shape (n, 4)
        Extent of each feature: west, north, east, south in the square.
    first_ring, first_point : array of int
        Where the rings of a feature and the points of a ring begin; one more entry than there are.
    points : array of float, shape (n, 2)
        Rings are not closed by a repeated point; outer rings run clockwise on the map.
    """

    owner: Ints
    types: Ints
    bounds: Floats
    first_ring: Ints
    first_point: Ints
    points: Floats

    def take(self, features: Ints) -> tuple[Ints, Ints, Floats]:
        """Rings and points of some features.

        Returns
        -------
        feature_of_ring, ring_of_point, points
            Positions count from 0 within what was taken.
        """
        ring_count = self.first_ring[features + 1] - self.first_ring[features]
        rings = ranges(self.first_ring[features], ring_count)
        point_count = self.first_point[rings + 1] - self.first_point[rings]
        points = self.points[ranges(self.first_point[rings], point_count)]
        return (
            np.repeat(np.arange(len(features)), ring_count),
            np.repeat(np.arange(len(rings)), point_count),
            points,
        )

    def point_counts(self) -> Ints:
        """Count the points of each feature."""
        return np.diff(self.first_point[self.first_ring])


def pack(geometries: NDArray[np.object_]) -> PackedRings:
    """Lay out geometries in degrees; empty and missing geometries give nothing, a point is a ring of one."""
    rings, key = _rings(geometries)
    coordinates, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    kinds = len(_FEATURE_TYPES)
    open_points = _without_closing_point(ring_of_point, key % kinds == _POLYGONS)
    points = mercator(coordinates[open_points])
    ring_of_point = ring_of_point[open_points]
    feature_keys, ring_counts = np.unique(key, return_counts=True)
    first_ring = np.concatenate([[0], np.cumsum(ring_counts)]).astype(np.int64)
    first_point = np.searchsorted(ring_of_point, np.arange(len(rings) + 1)).astype(np.int64)
    return PackedRings(
        owner=feature_keys // kinds,
        types=_FEATURE_TYPES[feature_keys % kinds].astype(np.int64),
        bounds=_bounds(points, first_point[first_ring[:-1]]),
        first_ring=first_ring,
        first_point=first_point,
        points=points,
    )


def _rings(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], Ints]:
    """Rings, lines and points in the order of their features; key = 3 · position + place of the type."""
    inner, owner = shapely.get_parts(geometries, return_index=True)
    kinds = shapely.get_type_id(inner)
    if (kinds > _LAST_SINGLE_TYPE).any():  # members of a collection may be collections of parts
        inner, of_part = shapely.get_parts(inner, return_index=True)
        owner, kinds = owner[of_part], shapely.get_type_id(inner)
    if shapely.is_empty(inner).any():
        kept = ~shapely.is_empty(inner)
        inner, owner, kinds = inner[kept], owner[kept], kinds[kept]
    polygons, lines = kinds == _POLYGON_TYPE, np.isin(kinds, _LINE_TYPES)
    points = kinds == _POINT_TYPE
    owner = len(_FEATURE_TYPES) * owner
    oriented = shapely.orient_polygons(inner[polygons], exterior_cw=True)
    rings, of_polygon = shapely.get_rings(oriented, return_index=True)
    every = np.concatenate([rings, inner[lines], inner[points]])
    of_rings = owner[polygons][of_polygon] + _POLYGONS
    key = np.concatenate([of_rings, owner[lines] + _LINES, owner[points] + _POINTS])
    key = key.astype(np.int64)
    order = np.argsort(key, kind="stable")
    return every[order], key[order]


def _without_closing_point(ring_of_point: Ints, closed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    last = np.concatenate([ring_of_point[1:] != ring_of_point[:-1], [True]])
    return ~(last[: len(ring_of_point)] & closed[ring_of_point])


def _bounds(points: Floats, first: Ints) -> Floats:
    if len(first) == 0:
        return np.empty((0, 4))
    return np.hstack([np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)])

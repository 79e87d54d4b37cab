"""Where a rectangle fits into a piece of ground: exactly, by shrinking the piece by the rectangle.

A piece shrunk by a rectangle (the Minkowski difference, Serra 1982) is the set of all places for one of its corners.
Shrinking by a rectangle is shrinking by its sides, one after the other; and shrinking by a side takes off what the
outline sweeps when it is moved along that side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

__all__ = ["Fit", "corner_places", "fit_rectangle", "sides_of"]

Floats = NDArray[np.float64]

# A rectangle that fits exactly fits; so much is let go of its sides.
_SLACK_M = 1e-3
# Edges that turn no more than this from each other share a direction.
_SAME_DEG = 3.0
_DIRECTIONS = 3
_GRID_M = 1e-5
# An outline with more corners is smoothed inwards by so much first.
_MANY, _SMOOTH_M = 80, 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A rectangle that fits, and the other places where it would.

    Attributes
    ----------
    width_m, length_m : float
        Short and long side.
    angle_deg : float
        From the x axis to the long side, counter-clockwise, 0 to 180.
    places : ndarray of Polygon
        Rectangles inside the piece, each with sides on its outline where that can be, in an order of their own.
    """

    width_m: float
    length_m: float
    angle_deg: float
    places: NDArray[np.object_]


def fit_rectangle(
    piece: BaseGeometry, *, area_m2: float, width_m: float, aspect: float = 3.0
) -> Fit | None:
    """Fit a rectangle of an area into a piece of ground, as near to a square as can be.

    Parameters
    ----------
    piece : Polygon or MultiPolygon
        Metres; valid.
    area_m2 : float
        Least area of the rectangle.
    width_m : float
        Least width of its short side.
    aspect : float
        How many times as long as wide it may be at most.

    Returns
    -------
    Fit or None
        None if no rectangle along the main directions of the outline fits.

    Examples
    --------
    >>> fit = fit_rectangle(shapely.box(0, 0, 30, 8), area_m2=150, width_m=6)
    >>> round(fit.width_m, 2), round(fit.length_m, 2)
    (7.07, 21.21)
    >>> fit_rectangle(shapely.box(0, 0, 60, 5), area_m2=150, width_m=6) is None
    True
    """
    parts = [part for part in shapely.get_parts(piece) if part.area >= area_m2 * (1 - 1e-9)]
    # In an order that the order of the parts does not change.
    for part in sorted(parts, key=lambda one: (-one.area, *one.bounds)):
        found = _fit_part(_smooth(part), area_m2, width_m, aspect)
        if found is not None:
            return found
    return None


def sides_of(area_m2: float, width_m: float, aspect: float) -> tuple[tuple[float, float], ...]:
    """Width and length of the rectangles that are tried, the squarest first.

    Examples
    --------
    >>> [(round(w, 1), round(l, 1)) for w, l in sides_of(300, 10.0, 3)]
    [(17.3, 17.3), (13.2, 22.8), (10.0, 30.0)]
    >>> sides_of(25, 8, 3)
    ((8.0, 8.0),)
    """
    square = area_m2**0.5
    if width_m >= square:
        return ((float(width_m), float(width_m)),)
    narrow = max(width_m, (area_m2 / aspect) ** 0.5)
    widths = (square, (square * narrow) ** 0.5, narrow)
    return tuple((width, area_m2 / width) for width in widths)


def corner_places(piece: BaseGeometry, x_m: float, y_m: float) -> BaseGeometry:
    """All places of the lower left corner of a rectangle `x_m` by `y_m`, sides along the axes, within a piece.

    Examples
    --------
    >>> [round(edge, 2) for edge in corner_places(shapely.box(0, 0, 14, 9), 4, 3).bounds]
    [0.0, 0.0, 10.0, 6.0]
    """
    along_x = _shrunk(piece, np.array([max(x_m - _SLACK_M, 0.0), 0.0]))
    return _shrunk(along_x, np.array([0.0, max(y_m - _SLACK_M, 0.0)]))


def _fit_part(part: Polygon, area_m2: float, width_m: float, aspect: float) -> Fit | None:
    sizes = sides_of(area_m2, width_m, aspect)
    directions = tuple(_directions(part))
    for width, length in sizes:
        # A rectangle so wide holds a circle so wide; of few corners, it takes off no more than that.
        if shapely.is_empty(shapely.buffer(part, _SLACK_M - width / 2, quad_segs=2)):
            continue
        for turn in directions:
            found = _fit_turned(part, width, length, turn)
            if found is not None:
                return found
    return None


def _fit_turned(part: Polygon, width: float, length: float, turn_deg: float) -> Fit | None:
    """Look along one direction, the long side along it or across."""
    middle = np.asarray(part.centroid.coords[0])
    turned = _turned(part, -turn_deg, middle)
    west, south, east, north = turned.bounds
    for across in (False, True):
        x, y = (width, length) if across else (length, width)
        if x > east - west + _SLACK_M or y > north - south + _SLACK_M:
            continue
        # A square lies the same way across.
        if across and width == length:
            break
        room = corner_places(turned, x, y)
        if room.is_empty or room.area <= 0:
            continue
        corners = np.unique(np.round(shapely.get_coordinates(room), 3), axis=0)
        low = corners + _SLACK_M / 2
        boxes = shapely.box(
            low[:, 0], low[:, 1], low[:, 0] + x - _SLACK_M, low[:, 1] + y - _SLACK_M
        )
        inside = boxes[shapely.covers(shapely.buffer(turned, _SLACK_M), boxes)]
        if len(inside):
            return Fit(
                width_m=width,
                length_m=length,
                angle_deg=(turn_deg + 90.0 * across) % 180.0,
                places=np.array(
                    [_turned_back(box, turn_deg, middle) for box in inside], dtype=object
                ),
            )
    return None


def _directions(part: Polygon) -> Iterator[float]:
    """Directions of the outline between 0 and 90 degrees, those of most edges first."""
    starts, ends = _edges(part)
    away = ends - starts
    lengths = np.hypot(away[:, 0], away[:, 1])
    degrees = np.degrees(np.arctan2(away[:, 1], away[:, 0])) % 90.0
    order = np.lexsort((degrees, -np.round(lengths, 6)))
    left = np.ones(len(order), dtype=bool)
    weights = []
    for edge in order:
        if not left[edge]:
            continue
        apart = np.abs(degrees - degrees[edge])
        near = left & (np.minimum(apart, 90.0 - apart) <= _SAME_DEG)
        weights.append((-round(float(lengths[near].sum()), 6), float(degrees[edge])))
        left &= ~near
    for _, degree in sorted(weights)[:_DIRECTIONS]:
        yield degree


def _shrunk(piece: BaseGeometry, side: Floats) -> BaseGeometry:
    """Points from which a straight step along `side` stays inside."""
    if piece.is_empty or not side.any():
        return piece
    starts, ends = _edges(piece)
    across = (ends - starts)[:, 0] * side[1] - (ends - starts)[:, 1] * side[0]
    sweeping = np.abs(across) > 1e-9
    starts, ends = starts[sweeping], ends[sweeping]
    swept = shapely.polygons(np.stack((starts, ends, ends - side, starts - side, starts), axis=1))
    left = _without(piece, swept)
    parts = [one for one in shapely.get_parts(left) if one.geom_type == "Polygon" and one.area > 0]
    return shapely.multipolygons(parts) if parts else Polygon()


def _without(piece: BaseGeometry, taken: NDArray[np.object_]) -> BaseGeometry:
    try:
        return shapely.difference(piece, shapely.union_all(taken))
    except shapely.errors.GEOSException:
        # Edges that all but coincide: on a grid of a hundredth of a millimetre they do.
        taken = shapely.union_all(_on_grid(taken), grid_size=_GRID_M)
        return shapely.difference(_on_grid(piece), taken, grid_size=_GRID_M)


def _on_grid(shapes: Any) -> Any:
    """Areas with corners on the grid; what has none left there is empty."""
    mended = shapely.set_precision(shapely.make_valid(shapes, method="structure"), _GRID_M)
    return np.where(shapely.get_dimensions(mended) == 2, mended, Polygon())[()]


def _edges(piece: BaseGeometry) -> tuple[Floats, Floats]:
    rings = shapely.get_rings(shapely.get_parts(piece))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return points[:-1][same], points[1:][same]


def _turned(shape: BaseGeometry, degrees: float, middle: Floats) -> BaseGeometry:
    """Turn a shape, its middle being put at 0, 0: near it numbers are exact."""
    matrix = _rotation(degrees)
    return shapely.transform(shape, lambda points: (points - middle) @ matrix.T)


def _turned_back(shape: BaseGeometry, degrees: float, middle: Floats) -> BaseGeometry:
    matrix = _rotation(degrees)
    return shapely.transform(shape, lambda points: points @ matrix.T + middle)


def _rotation(degrees: float) -> Floats:
    turn = np.radians(degrees)
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def _smooth(part: Polygon) -> Polygon:
    """Leave out corners of a fine outline, staying inside it."""
    if shapely.get_num_coordinates(part) <= _MANY:
        return part
    inner = shapely.simplify(shapely.buffer(part, -_SMOOTH_M, join_style="mitre"), _SMOOTH_M)
    pieces = [one for one in shapely.get_parts(inner) if one.geom_type == "Polygon"]
    return max(pieces, key=lambda one: one.area) if pieces else part

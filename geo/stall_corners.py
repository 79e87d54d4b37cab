"""Stalls as arrays of corners: which side is the mouth, what lies beside, behind and before a stall."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from errors import GeometryError

__all__ = [
    "corners_of",
    "long_sides",
    "mouths_of",
    "outwards",
    "pushed_out",
    "stand_along",
    "turned_to_mouth",
]

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

_CORNERS = 4
# What has its mouth as a long side stands along the aisle.
_LONGER = 1.5


def corners_of(stalls: Shapes, mouths: Shapes | None = None) -> Floats:
    """Give corners of stalls, the mouth first: corners 0 and 1 are its ends, 2 and 3 the far side, in turn.

    Parameters
    ----------
    stalls : array of Polygon, (n,)
        Four corners each.
    mouths : array of LineString, optional
        Side towards the aisle; without it the first side of each outline.

    Returns
    -------
    ndarray of float, (n, 4, 2)

    Raises
    ------
    GeometryError
        If an outline has another number of corners.

    Examples
    --------
    >>> stall = shapely.Polygon([(0, 0), (2.4, 0), (2.4, 5.3), (0, 5.3)])
    >>> mouth = shapely.LineString([(2.4, 5.3), (0, 5.3)])
    >>> corners_of(np.array([stall]), np.array([mouth]))[0, :2].tolist()
    [[2.4, 5.3], [0.0, 5.3]]
    """
    rings = shapely.get_exterior_ring(stalls)
    if (shapely.get_num_coordinates(rings) != _CORNERS + 1).any():
        raise GeometryError("停车位的轮廓应有四个角，请删去多余的顶点后再试。")
    xy: Floats = shapely.get_coordinates(rings).reshape(-1, _CORNERS + 1, 2)[:, :_CORNERS]
    if mouths is None or not len(xy):
        return xy
    ends = shapely.get_coordinates(mouths).reshape(-1, 2, 2)
    middles = (xy + np.roll(xy, -1, axis=1)) / 2
    off = np.linalg.norm(middles - ends.mean(axis=1)[:, None], axis=2)
    turn = (off.argmin(axis=1)[:, None] + np.arange(_CORNERS)) % _CORNERS
    return np.take_along_axis(xy, turn[:, :, None], axis=1)


def mouths_of(stalls: Shapes) -> Shapes:
    """Give the first side of each outline, which is the mouth of a stall that was saved."""
    found: Shapes = shapely.linestrings(corners_of(stalls)[:, :2])
    return found


def turned_to_mouth(stalls: Shapes, mouths: Shapes) -> Shapes:
    """Let outlines begin with the mouth and run against the clock, as they are saved."""
    xy = corners_of(stalls, mouths)
    x, y = xy[..., 0], xy[..., 1]
    twice = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)
    # The other way round, still beginning with the mouth.
    turned = np.where((twice < 0)[:, None, None], xy[:, [1, 0, 3, 2]], xy)
    found: Shapes = shapely.polygons(turned)
    return found


def stand_along(corners: Floats) -> NDArray[np.bool_]:
    """Tell which stalls stand along their aisle: the mouth is their long side."""
    mouth = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    side = np.linalg.norm(corners[:, 2] - corners[:, 1], axis=1)
    along: NDArray[np.bool_] = mouth > _LONGER * side
    return along


def long_sides(corners: Floats) -> Floats:
    """Give sides beside which a wheelchair can go, (n, 2, 2, 2).

    Both long sides; twice the one that is no mouth, where a stall stands along its aisle.
    """
    first, second = corners[:, [1, 2]], corners[:, [3, 0]]
    far = corners[:, [2, 3]]
    along = stand_along(corners)[:, None, None]
    return np.stack([np.where(along, far, first), np.where(along, far, second)], axis=1)


def pushed_out(sides: Floats, middles: Floats, width_m: float | Floats) -> Shapes:
    """Give strips between sides and the same sides moved away from the middles of their stalls.

    Parameters
    ----------
    sides : ndarray, (n, 2, 2)
        Two ends each.
    middles : ndarray, (n, 2)
    width_m : float or array of float, (n,)

    Returns
    -------
    array of Polygon, (n,)
    """
    move = (outwards(sides, middles) * np.reshape(width_m, (-1, 1)))[:, None]
    moved = (sides + move)[:, ::-1]
    strips: Shapes = shapely.polygons(np.concatenate([sides, moved], axis=1))
    return strips


def outwards(sides: Floats, middles: Floats) -> Floats:
    """Give unit vectors square to sides, (n, 2), away from the middles of their stalls."""
    run = sides[:, 1] - sides[:, 0]
    long = np.linalg.norm(run, axis=1, keepdims=True)
    normal = np.column_stack((run[:, 1], -run[:, 0])) / np.where(long > 0, long, 1.0)
    away = ((sides.mean(axis=1) - middles) * normal).sum(axis=1, keepdims=True)
    return np.where(away < 0, -normal, normal)


def bearing_of(stall: shapely.Polygon) -> float:
    """Bearing of the long axis, 0 to 180 clockwise from grid north."""
    xy = corners_of(np.array([stall], dtype=object))[0]
    sides = np.roll(xy, -1, axis=0) - xy
    long = sides[int(np.argmax(np.linalg.norm(sides[:2], axis=1)))]
    return float(np.degrees(np.arctan2(long[0], long[1])) % 180.0)

"""GCJ-02 and BD-09: the shifts of Chinese web maps, and their inverse.

The forward formulas are the ones published and used by every open implementation (coordTransform,
eviltransform, gcoord); the inverse is found by iteration, because the usual one-step inverse is wrong
by 0.2-2.3 m (domain report 3.5).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["bd09_to_wgs84", "gcj02_to_wgs84", "wgs84_to_bd09", "wgs84_to_gcj02"]

Points = npt.NDArray[np.float64]

# The shift was defined on the ellipsoid of Krasovsky 1940.
_A = 6378245.0
_EE = 0.00669342162296594323

# 1e-11 degrees is about a thousandth of a millimetre; the shift changes by well under 1 % of a step,
# so that five rounds are the rule.
_TOLERANCE_DEG = 1e-11
_MAX_ROUNDS = 30


def wgs84_to_gcj02(points: Points) -> Points:
    """Shift longitudes and latitudes as web maps under GCJ-02 do.

    Parameters
    ----------
    points : array of shape (n, 2)
        Longitude and latitude in degrees, WGS 84 or CGCS2000.

    Returns
    -------
    array of shape (n, 2)
        Degrees, GCJ-02.
    """
    lon, lat = points[:, 0], points[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w2 = 1.0 - _EE * np.sin(phi) ** 2
    lat_step = np.degrees(north * w2 * np.sqrt(w2) / (_A * (1.0 - _EE)))
    lon_step = np.degrees(east * np.sqrt(w2) / (_A * np.cos(phi)))
    return np.column_stack((lon + lon_step, lat + lat_step))


def wgs84_to_bd09(points: Points) -> Points:
    """Shift longitudes and latitudes as Baidu's maps do (on top of GCJ-02).

    Parameters
    ----------
    points : array of shape (n, 2)
        Longitude and latitude in degrees, WGS 84 or CGCS2000.

    Returns
    -------
    array of shape (n, 2)
        Degrees, BD-09.
    """
    gcj = wgs84_to_gcj02(points)
    lon, lat = gcj[:, 0], gcj[:, 1]
    turns = np.pi * 3000.0 / 180.0
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * turns)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * turns)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))


def gcj02_to_wgs84(points: Points) -> Points:
    """Undo :func:`wgs84_to_gcj02`; (n, 2) degrees in, (n, 2) degrees out."""
    return _inverse(wgs84_to_gcj02, points)


def bd09_to_wgs84(points: Points) -> Points:
    """Undo :func:`wgs84_to_bd09`; (n, 2) degrees in, (n, 2) degrees out."""
    return _inverse(wgs84_to_bd09, points)


def _inverse(forward: Callable[[Points], Points], target: Points) -> Points:
    guess = target.copy()
    for _ in range(_MAX_ROUNDS):
        step = forward(guess) - target
        guess = guess - step
        if not len(step) or np.nanmax(np.abs(step), initial=0.0) < _TOLERANCE_DEG:
            break
    return guess

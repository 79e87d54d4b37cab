"""Hints about a file that does not say what system its coordinates are in.

A hint is put to the planner as a question and never used as an answer: WGS 84, GCJ-02 and BD-09 can not
be told apart from one file (reliability report 3.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.crs import CHINA_BOUNDS, grid_epsg

__all__ = ["SystemGuess", "guess_system"]

# 3° N lies 0.33 million metres from the equator, 54° N 5.99 million; half a zone is under 400 km wide.
_GK_NORTHINGS = (300_000, 6_000_000)
_GK_EASTINGS = (100_000, 900_000)
_MERCATOR = (8_120_000, 334_000, 15_090_000, 7_170_000)
_FIRST_THREE_DEGREE_PREFIX = 25
# Zones 13-15 of the 6° grid cover the same numbers as Web Mercator over east China.
_LAST_PREFIX_LIKE_MERCATOR = 15


@dataclass(frozen=True, kw_only=True)
class SystemGuess:
    """What a range of coordinates looks like: a hint for a question, never an answer.

    Attributes
    ----------
    systems : tuple of str
        Texts for :func:`parse_system`, likeliest first; empty if nothing fits.
    text : str
        The hint in Chinese, such as ``坐标像是 CGCS2000 3°带第37带``.
    swapped : bool
        True if x and y seem to have changed places.
    """

    systems: tuple[str, ...]
    text: str
    swapped: bool = False


def guess_system(bounds: tuple[float, float, float, float]) -> SystemGuess:
    """Say what a range of coordinates looks like, to be put to the planner as a question.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north as in the file.

    Returns
    -------
    SystemGuess

    Examples
    --------
    >>> guess_system((37606000, 2535000, 37608000, 2537000)).text
    '坐标像是 CGCS2000 3°带第37带（EPSG:4525）'
    """
    west, south, east, north = bounds
    found = _guess(west, south, east, north)
    if found is not None:
        return found
    turned = _guess(south, west, north, east)
    if turned is not None:
        return SystemGuess(
            systems=turned.systems, text=f"{turned.text}，但 X 与 Y 写反了", swapped=True
        )
    return SystemGuess(systems=(), text="坐标范围不像任何常用的坐标系")


def _guess(west: float, south: float, east: float, north: float) -> SystemGuess | None:
    left, low, right, high = CHINA_BOUNDS
    if left <= west <= east <= right and low <= south <= north <= high:
        return SystemGuess(systems=("EPSG:4490", "gcj02", "bd09"), text="坐标像是经纬度")
    if _GK_NORTHINGS[0] <= south <= north <= _GK_NORTHINGS[1]:
        if _GK_EASTINGS[0] <= west <= east <= _GK_EASTINGS[1]:
            return _said((), "坐标像是高斯-克吕格平面坐标，不带带号，需要知道中央经线")
        prefix = math.floor(west / 1_000_000)
        code = grid_epsg(prefix) if prefix == math.floor(east / 1_000_000) else None
        if code is not None:
            return _said_zone(prefix, code)
    if (
        _MERCATOR[0] <= west <= east <= _MERCATOR[2]
        and _MERCATOR[1] <= south <= north <= _MERCATOR[3]
    ):
        return _said(("EPSG:3857",), "坐标像是网络墨卡托（EPSG:3857）")
    return None


def _said(systems: tuple[str, ...], text: str) -> SystemGuess:
    return SystemGuess(systems=systems, text=text)


def _said_zone(prefix: int, code: int) -> SystemGuess:
    if prefix >= _FIRST_THREE_DEGREE_PREFIX:
        return _said((f"EPSG:{code}",), f"坐标像是 CGCS2000 3°带第{prefix}带（EPSG:{code}）")
    text = f"坐标像是 CGCS2000 6°带第{prefix}带（EPSG:{code}）"
    if prefix <= _LAST_PREFIX_LIKE_MERCATOR:
        return _said((f"EPSG:{code}", "EPSG:3857"), f"{text}，也可能是网络墨卡托")
    return _said((f"EPSG:{code}",), text)

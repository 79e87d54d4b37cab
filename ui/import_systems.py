"""Coordinate systems that a planner can choose for a file, by the names that they go by in offices."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd

from errors import CrsError
from geo.crs import grid_epsg, parse_system, plan_zone, zone_epsg

__all__ = ["choices", "of_plan", "title_of"]

ZONES = range(25, 46)
_NAMED = {
    "EPSG:4490": "CGCS2000 经纬度",
    "EPSG:4326": "WGS84 经纬度（GPS、国外地图）",
    "gcj02": "GCJ-02（高德、腾讯地图）",
    "bd09": "BD-09（百度地图）",
    "EPSG:3857": "网络墨卡托（EPSG:3857）",
}


def _zones() -> dict[str, str]:
    plain = {
        f"EPSG:{zone_epsg(zone)}": f"CGCS2000 3°带第{zone}带 {zone * 3}°（无带号）"
        for zone in ZONES
    }
    prefixed = {
        f"EPSG:{grid_epsg(zone)}": f"CGCS2000 3°带第{zone}带（{zone} 开头）" for zone in ZONES
    }
    return {**plain, **prefixed}


_TITLES = {**_NAMED, **_zones()}


def choices(guesses: Iterable[str] = (), declared: str | None = None) -> list[str]:
    """Texts for ``parse_system``: what the file says, then what fits its numbers, then the others."""
    first = [*([declared] if declared else []), *guesses]
    return list(dict.fromkeys([*first, *_TITLES]))


def of_plan(shapes: gpd.GeoSeries, chosen: int | None) -> str | None:
    """Plane system of the plan's own zone, without the zone's prefix; None if it has no zone yet."""
    if chosen:
        return f"EPSG:{zone_epsg(int(chosen))}"
    if not shapes.notna().any():
        return None
    try:
        return f"EPSG:{plan_zone(shapes).epsg}"
    except CrsError:
        return None


def title_of(text: str | None) -> str:
    """Name of a system as planners know it.

    Examples
    --------
    >>> title_of("EPSG:4546")
    'CGCS2000 3°带第37带 111°（无带号）'
    >>> title_of("bd09")
    'BD-09（百度地图）'
    """
    if text is None:
        return "未声明"
    if text in _TITLES:
        return _TITLES[text]
    try:
        system = parse_system(text)
    except CrsError:
        return text
    return _TITLES.get(system.text, system.title)

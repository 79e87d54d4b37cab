"""Coordinate systems: the one file that knows codes, zones, the ellipsoid and the shifted web systems.

Stored geometry is EPSG:4490 (CGCS2000), measured in a 3° Gauss-Krüger zone (EPSG:4534-4554), drawn in
4326 without a numeric shift. GCJ-02 and BD-09 have no EPSG code: they are named source systems, turned
into 4490 on the way in and never labelled 4326 (domain report 3.1 and 3.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjError

from errors import CrsError
from geo.web_datum import bd09_to_wgs84, gcj02_to_wgs84

__all__ = [
    "CHINA_BOUNDS",
    "GEOD",
    "STORED_EPSG",
    "PlanZone",
    "SourceSystem",
    "grid_epsg",
    "parse_system",
    "plan_zone",
    "require_metric",
    "to_cgcs2000",
    "to_plane",
    "zone_epsg",
    "zone_of",
]

STORED_EPSG = 4490

# CGCS2000 itself, not GRS 80: the flattening differs in the ninth digit.
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)

# West, south, east, north of the land and sea of China, in degrees.
CHINA_BOUNDS = (73.0, 3.0, 135.5, 54.0)

_FIRST_ZONE, _LAST_ZONE = 25, 45
_FIRST_EPSG_WITHOUT_PREFIX = 4534
_FIRST_EPSG_WITH_PREFIX = 4513
# The 6° zones of small-scale maps, with prefix.
_FIRST_SIX_DEGREE_ZONE, _LAST_SIX_DEGREE_ZONE, _FIRST_EPSG_SIX_DEGREES = 13, 23, 4491

# Equal to CGCS2000 within a metre. For every other datum PROJ finds only a "ballpark" step, which moves
# nothing and hides an error of up to about 100 m (Xian 1980, Beijing 1954): such files are refused.
_SAME_DATUM = (
    "China 2000",
    "World Geodetic System 1984",
    "International Terrestrial Reference Frame",
)

_NAMES = {
    "gcj02": "gcj02",
    "gcj": "gcj02",
    "火星坐标": "gcj02",
    "火星坐标系": "gcj02",
    "国测局坐标": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "百度坐标": "bd09",
    "百度坐标系": "bd09",
    "cgcs2000": "4490",
    "2000国家大地坐标系": "4490",
    "wgs84": "4326",
    "crs84": "4326",
}

Frame = TypeVar("Frame", gpd.GeoDataFrame, gpd.GeoSeries)


@dataclass(frozen=True, kw_only=True)
class SourceSystem:
    """A coordinate system that a file may be in.

    Attributes
    ----------
    text : str
        Name to record: ``EPSG:4547``, ``gcj02``, ``bd09``, or the WKT of a system without a code.
    title : str
        What the planner reads.
    shifted : {"gcj02", "bd09"} or None
        The web map's own shift, if any.
    crs : pyproj.CRS or None
        None for the shifted systems.
    """

    text: str
    title: str
    shifted: Literal["gcj02", "bd09"] | None = None
    crs: pyproj.CRS | None = None


@dataclass(frozen=True, kw_only=True)
class PlanZone:
    """The 3° Gauss-Krüger zone in which a plan is measured.

    Attributes
    ----------
    zone : int
        25-45.
    central_meridian : int
        Degrees east.
    epsg : int
        Code without zone prefix, 4534-4554.
    straddles : bool
        True if some of the geometry lies in another zone.
    """

    zone: int
    central_meridian: int
    epsg: int
    straddles: bool


def parse_system(text: str) -> SourceSystem:
    """Read the name, code or WKT of a coordinate system.

    Parameters
    ----------
    text : str
        ``4490``, ``EPSG:4547``, ``urn:ogc:def:crs:EPSG::4490``, ``gcj02``, ``bd09``, a Chinese name of
        these, or WKT as in a .prj file.

    Returns
    -------
    SourceSystem

    Raises
    ------
    CrsError
        If the text is not understood, or the system has another datum than CGCS2000 or WGS 84.

    Examples
    --------
    >>> parse_system("4547").title
    'CGCS2000 / 3-degree Gauss-Kruger CM 114E'
    >>> parse_system("GCJ-02").shifted
    'gcj02'
    """
    wanted = str(text).strip()
    name = wanted.lower().replace("-", "").replace("_", "").replace(" ", "")
    name = _NAMES.get(name, name)
    if name == "gcj02":
        return SourceSystem(text="gcj02", title="GCJ-02（高德、腾讯）", shifted="gcj02")
    if name == "bd09":
        return SourceSystem(text="bd09", title="BD-09（百度）", shifted="bd09")
    crs = _read_crs(int(name) if name.isdigit() else wanted, shown=wanted)
    _refuse_other_datum(crs)
    epsg = crs.to_epsg()
    return SourceSystem(text=f"EPSG:{epsg}" if epsg else crs.to_wkt(), title=crs.name, crs=crs)


def to_cgcs2000(geoms: gpd.GeoSeries, system: SourceSystem | str) -> gpd.GeoSeries:
    """Geometry of a declared system, in EPSG:4490.

    Parameters
    ----------
    geoms : GeoSeries
        Coordinates x = east or longitude, y = north or latitude, as files hold them. A CRS that the
        series may carry is not looked at: `system` says what the numbers are. Heights are dropped.
    system : SourceSystem or str
        The system, or a text for :func:`parse_system`.

    Returns
    -------
    GeoSeries
        2D, same index and name, EPSG:4490; missing stays missing.

    Raises
    ------
    CrsError
        If coordinates can not be those of the declared system.

    Notes
    -----
    The inverse of GCJ-02 and BD-09 is iterated to below 1 mm; the published offset itself is only good
    to about a metre, so such layers are no evidence of ownership.
    """
    source = parse_system(system) if isinstance(system, str) else system
    flat = shapely.force_2d(geoms.to_numpy())
    if source.shifted is not None:
        inverse = gcj02_to_wgs84 if source.shifted == "gcj02" else bd09_to_wgs84
        moved = shapely.transform(flat, inverse)
    elif source.crs is not None and not source.crs.equals(pyproj.CRS.from_epsg(STORED_EPSG)):
        step = pyproj.Transformer.from_crs(source.crs, STORED_EPSG, always_xy=True)
        moved = shapely.transform(
            flat, lambda xy: np.column_stack(step.transform(xy[:, 0], xy[:, 1]))
        )
    else:
        moved = flat
    result = gpd.GeoSeries(moved, index=geoms.index, name=geoms.name, crs=STORED_EPSG)
    _refuse_unreal(result, source)
    return result


def zone_of(lon: float) -> int:
    """Return the number of the 3° zone that holds a longitude; an edge belongs to the zone east of it.

    Examples
    --------
    >>> zone_of(112.04), zone_of(109.41), zone_of(109.5)
    (37, 36, 37)
    """
    return math.floor(lon / 3 + 0.5)


def zone_epsg(zone: int) -> int:
    """EPSG code of a 3° zone without prefix (false easting 500 km).

    Raises
    ------
    CrsError
        Outside the zones of China, 25-45.

    Examples
    --------
    >>> zone_epsg(37)
    4546
    """
    if not _FIRST_ZONE <= zone <= _LAST_ZONE:
        raise CrsError(f"3°带第{zone}带不在中国范围内（第25–45带），请检查坐标或所选的带号。")
    return _FIRST_EPSG_WITHOUT_PREFIX + zone - _FIRST_ZONE


def grid_epsg(prefix: int) -> int | None:
    """EPSG code of the CGCS2000 grid whose eastings start with a zone prefix; None if there is none.

    Examples
    --------
    >>> grid_epsg(37), grid_epsg(20), grid_epsg(50)
    (4525, 4498, None)
    """
    if _FIRST_ZONE <= prefix <= _LAST_ZONE:
        return _FIRST_EPSG_WITH_PREFIX + prefix - _FIRST_ZONE
    if _FIRST_SIX_DEGREE_ZONE <= prefix <= _LAST_SIX_DEGREE_ZONE:
        return _FIRST_EPSG_SIX_DEGREES + prefix - _FIRST_SIX_DEGREE_ZONE
    return None


def plan_zone(geoms: gpd.GeoSeries) -> PlanZone:
    """Zone of a plan, by its middle.

    Parameters
    ----------
    geoms : GeoSeries
        EPSG:4490 or 4326; missing and empty ones are passed over.

    Returns
    -------
    PlanZone
        The middle is the median of the middles of the geometries, so that one boundary drawn in the
        wrong town does not move the zone; row order does not matter.

    Raises
    ------
    CrsError
        If there is no geometry, or it is not in degrees, or not in China.
    """
    if geoms.crs is None or not geoms.crs.is_geographic:
        raise CrsError("选择投影带需要经纬度坐标（EPSG:4490），请先转换坐标系。")
    boxes = shapely.bounds(geoms.to_numpy())
    boxes = boxes[~np.isnan(boxes).any(axis=1)]
    if not len(boxes):
        raise CrsError("还没有任何边界，无法确定投影带。请先导入或绘制小区边界。")
    zone = zone_of(float(np.median((boxes[:, 0] + boxes[:, 2]) / 2)))
    west, east = float(boxes[:, 0].min()), float(boxes[:, 2].max())
    return PlanZone(
        zone=zone,
        central_meridian=zone * 3,
        epsg=zone_epsg(zone),
        straddles=zone_of(west) != zone_of(east),
    )


def to_plane(frame: Frame, zone_epsg: int) -> Frame:
    """Geometry in the plan's plane, in metres.

    Parameters
    ----------
    frame : GeoDataFrame or GeoSeries
        With a CRS.
    zone_epsg : int
        Code from :func:`plan_zone` or :func:`zone_epsg`.

    Returns
    -------
    Same type as `frame`
        A new object; the input is not changed.

    Raises
    ------
    CrsError
        If `frame` has no CRS.
    """
    if frame.crs is None:
        raise CrsError("数据没有坐标系，无法投影。请在导入时指定坐标系。")
    return frame.to_crs(zone_epsg)


def require_metric(**frames: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
    """Gate of every function that measures: a CRS in metres, the same for all.

    Parameters
    ----------
    **frames : GeoDataFrame or GeoSeries
        Named as the caller's arguments are.

    Raises
    ------
    CrsError
        If one has no CRS, is in degrees or feet, in Web Mercator, or in another system than the first.
    """
    first = None
    for name, frame in frames.items():
        crs = frame.crs
        if crs is None:
            raise CrsError(f"“{name}”没有坐标系，请在导入时指定。")
        if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
            raise CrsError(
                f"“{name}”的坐标系是 {crs.to_string()}，量距离和面积需要以米为单位的投影坐标系。"
            )
        # One square degree cell at 30° N comes out 34 % too large in Web Mercator.
        if crs.to_epsg() == 3857:
            raise CrsError(f"“{name}”是网络墨卡托投影，不能用来量算，请换成高斯-克吕格 3°带。")
        if first is not None and crs != first:
            raise CrsError(f"“{name}”与其他图层的坐标系不同，请先统一到同一投影带。")
        first = crs


def _read_crs(wanted: int | str, *, shown: str) -> pyproj.CRS:
    try:
        crs = pyproj.CRS.from_user_input(wanted)
    except ProjError as err:
        short = shown if len(shown) <= 40 else shown[:40] + "…"
        raise CrsError(
            f"看不懂坐标系“{short}”。请填 EPSG 代码（如 4490、4546），或 gcj02、bd09。"
        ) from err
    # Only a 3D system is flattened: the copy loses the names by which a code is found.
    crs = crs.to_2d() if len(crs.axis_info) > 2 else crs
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(f"“{crs.name}”不是平面或经纬度坐标系，请换一个（如 4490、4546）。")
    return crs


def _refuse_other_datum(crs: pyproj.CRS) -> None:
    base = crs.geodetic_crs
    datum = "" if base is None or base.datum is None else base.datum.name
    if not datum.startswith(_SAME_DATUM):
        raise CrsError(
            f"坐标系“{crs.name}”不是 CGCS2000 或 WGS84 基准，直接换算会偏几十到上百米。"
            "请先由测绘单位转换到 CGCS2000，再导入。"
        )


def _refuse_unreal(geoms: gpd.GeoSeries, source: SourceSystem) -> None:
    boxes = shapely.bounds(geoms.to_numpy())
    if np.isinf(boxes).any():
        raise CrsError(f"有坐标超出了“{source.title}”能表示的范围，请检查所选的坐标系。")

"""Checks of the boundaries of a plan: missing, schematic, broken, overlapping, out of size.

Nothing is repaired here. Each finding names the compounds and what to do.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from data.findings import Finding
from geo.crs import plan_zone, to_plane, zone_epsg
from geo.measure import area_geodesic_m2

__all__ = ["check_boundaries"]

# Digitised neighbours overlap by hairlines where a wall was drawn twice; less than this is no dispute.
OVERLAP_M2 = 1.0
# From this share of the smaller compound on, it is one compound drawn twice or into another.
OVERLAP_SHARE = 0.01
# One slab of 12 x 50 m stands on 600 m2: less is a slip of the hand, more than 2 km2 a whole district.
SMALLEST_M2, LARGEST_M2 = 100.0, 2_000_000.0
# The record is rounded to the square decimetre by some programs.
AREA_RECORD_M2 = 1.0
# A message names so many compounds, the finding's rows name all.
NAMED = 5


def check_boundaries(compounds: gpd.GeoDataFrame, *, zone: int | None = None) -> list[Finding]:
    """Check the boundaries of a plan's compounds.

    Parameters
    ----------
    compounds : GeoDataFrame
        Index uid, EPSG:4490, columns ``name``, ``boundary_state`` and ``area_geodesic_m2``; geometry may
        be missing.
    zone : int, optional
        3° zone in which the plan is measured, 25-45; by the plan's middle if left out.

    Returns
    -------
    list of Finding
        Rules ``boundary_missing``, ``boundary_invalid``, ``boundary_overlap``, ``boundary_size``,
        ``boundary_area_record``, ``boundary_schematic``, ``zone_straddled``; empty if all is well.
        The same findings come out whatever the order of the rows.
    """
    ordered = compounds.sort_index()
    shapes = ordered.geometry
    missing = shapes.isna() | shapes.is_empty
    findings = _listed(
        ordered[missing],
        rule="boundary_missing",
        severity="提醒",
        says="{n} 个小区没有边界：{names}。请导入边界，或在地图上绘制。",
    )
    drawn = ordered[~missing]
    if drawn.empty:
        return findings
    valid = drawn.geometry.is_valid
    findings += _listed(
        drawn[~valid],
        rule="boundary_invalid",
        severity="错误",
        says="{n} 个小区的边界自相交或不闭合：{names}。请重新导入（会自动修复并列出），或在地图上改边界。",
    )
    sound = drawn[valid]
    return [
        *findings,
        *_overlaps(sound, zone),
        *_sizes(sound),
        *_listed(
            drawn[drawn["boundary_state"] == "示意"],
            rule="boundary_schematic",
            severity="说明",
            says="{n} 个小区的边界为示意：{names}。面积和间距仅供参考，测量后请导入正式边界。",
        ),
        *_straddling(drawn, zone),
    ]


def _listed(rows: gpd.GeoDataFrame, *, rule: str, severity: Any, says: str) -> list[Finding]:
    if rows.empty:
        return []
    message = says.format(n=len(rows), names=_names(rows))
    return [Finding(rule=rule, severity=severity, rows=tuple(rows.index), message=message)]


def _names(rows: gpd.GeoDataFrame) -> str:
    named = [str(name or uid) for uid, name in rows["name"].iloc[:NAMED].items()]
    return "、".join(named) + ("等" if len(rows) > NAMED else "")


def _overlaps(sound: gpd.GeoDataFrame, zone: int | None) -> list[Finding]:
    if sound.empty:
        return []
    epsg = zone_epsg(zone) if zone is not None else plan_zone(sound.geometry).epsg
    plane = to_plane(sound.geometry, epsg).to_numpy()
    first, second, shared = _shared_m2(plane)
    smaller = np.minimum(shapely.area(plane[first]), shapely.area(plane[second]))
    return [
        _overlap(sound.iloc[[i, j]], shared_m2, shared_m2 / least)
        for i, j, shared_m2, least in zip(first, second, shared, smaller, strict=True)
    ]


def _shared_m2(
    plane: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Pairs that share more than a hairline, by position, and the area they share."""
    first, second = shapely.STRtree(plane).query(plane, predicate="intersects")
    half = first < second
    first, second = first[half], second[half]
    shared = shapely.area(shapely.intersection(plane[first], plane[second]))
    wide = shared > OVERLAP_M2
    first, second, shared = first[wide], second[wide], shared[wide]
    order = np.lexsort((second, first))
    return first[order], second[order], shared[order]


def _overlap(pair: gpd.GeoDataFrame, shared_m2: float, share: float) -> Finding:
    one, other = (str(name or uid) for uid, name in pair["name"].items())
    return Finding(
        rule="boundary_overlap",
        severity="错误" if share > OVERLAP_SHARE else "提醒",
        rows=tuple(pair.index),
        found=f"{shared_m2:,.1f} ㎡（占较小者 {share:.1%}）",
        expected=f"不超过 {OVERLAP_M2:g} ㎡",
        message=f"“{one}”与“{other}”的边界重叠 {shared_m2:,.1f} ㎡，请核对后改边界。",
    )


def _sizes(sound: gpd.GeoDataFrame) -> list[Finding]:
    areas = area_geodesic_m2(sound.geometry)
    findings = [
        Finding(
            rule="boundary_size",
            severity="提醒",
            rows=(str(uid),),
            found=f"{area:,.0f} ㎡",
            expected=f"{SMALLEST_M2:,.0f}–{LARGEST_M2:,.0f} ㎡",
            message=f"“{sound.at[uid, 'name'] or uid}”的边界面积为 {area:,.0f} ㎡，"
            "不像一个小区，请核对边界和坐标系。",
        )
        for uid, area in areas.items()
        if not SMALLEST_M2 <= area <= LARGEST_M2
    ]
    recorded = sound["area_geodesic_m2"].astype("float64")
    stale = (recorded - areas).abs() > AREA_RECORD_M2
    return findings + _listed(
        sound[stale],
        rule="boundary_area_record",
        severity="错误",
        says="{n} 个小区记录的面积与边界不符：{names}。边界可能被别的程序改过，请在软件里重新保存边界。",
    )


def _straddling(drawn: gpd.GeoDataFrame, zone: int | None) -> list[Finding]:
    found = plan_zone(drawn.geometry)
    if not found.straddles:
        return []
    measured_in = zone or found.zone
    return [
        Finding(
            rule="zone_straddled",
            severity="说明",
            found=f"第 {measured_in} 带（中央经线 {measured_in * 3}°）",
            message="计划跨越两个 3° 投影带，长度和平面面积按其中一带量算，离中央经线越远误差越大。",
        )
    ]

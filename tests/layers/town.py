"""A town one can draw, for sheets: compounds of 80 m in a row of blocks, in the plane of zone 37."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString, box

from geo.crs import PlanZone
from layers.sheet import SheetContent
from layers.themes import paint

__all__ = ["ZONE", "content_of", "town"]

ZONE = PlanZone(zone=37, central_meridian=111, epsg=4546, straddles=False)
# 云城区 in the plane, so that degrees are right.
EAST, NORTH = 607_000.0, 2_536_000.0

GRANTS = ("grant_central_yuan", "grant_provincial_yuan", "grant_city_yuan", "grant_district_yuan")
OTHERS = ("residents", "utilities", "former_owner", "private", "bond")


def town(count: int, *, step_m: float = 100.0, columns: int = 20) -> gpd.GeoDataFrame:
    """Compounds of 80 × 80 m; the k-th has 10·(k+1) households and 100 000 yuan of investment."""
    rows = pd.DataFrame({"k": range(count)})
    frame = gpd.GeoDataFrame(
        {
            "name": [f"第{k + 1}小区" for k in rows["k"]],
            "subdistrict": [f"街道{k % 3 + 1}" for k in rows["k"]],
            "households": (10 * (rows["k"] + 1)).astype("Int64"),
            "building_count": pd.array([2] * count, dtype="Int64"),
            "floor_area_m2": [1000.0] * count,
            "works_text": ["路灯、消防"] * count,
            "built_on": ["1990-12-31"] * count,
            "investment_yuan": pd.array([100_000] * count, dtype="Int64"),
            "pianqu_uid": [None] * count,
            "boundary_state": ["导入"] * count,
            **{name: pd.array([0] * count, dtype="Int64") for name in GRANTS},
            **{
                f"contribution_{name}_yuan": pd.array([0] * count, dtype="Int64") for name in OTHERS
            },
        },
        geometry=[
            box(
                EAST + k % columns * step_m,
                NORTH + k // columns * step_m,
                EAST + k % columns * step_m + 80,
                NORTH + k // columns * step_m + 80,
            )
            for k in rows["k"]
        ],
        crs=ZONE.epsg,
    )
    frame.index = pd.Index([f"u{k}" for k in rows["k"]], name="uid")
    return frame.to_crs(4490)


def base_layers() -> dict[str, gpd.GeoDataFrame]:
    """A road as a line, a road as an area, a house with a court, green and water."""
    court = box(EAST, NORTH, EAST + 30, NORTH + 20).difference(
        box(EAST + 10, NORTH + 5, EAST + 20, NORTH + 15)
    )
    layers = {
        "buildings": gpd.GeoDataFrame(geometry=[court], crs=ZONE.epsg),
        "roads": gpd.GeoDataFrame(
            {"width_m": [12.0, None]},
            geometry=[
                LineString([(EAST - 500, NORTH + 90), (EAST + 500, NORTH + 90)]),
                box(EAST + 82, NORTH, EAST + 98, NORTH + 200),
            ],
            crs=ZONE.epsg,
        ),
        "green": gpd.GeoDataFrame(
            geometry=[box(EAST, NORTH - 60, EAST + 50, NORTH - 10)], crs=ZONE.epsg
        ),
        # Far outside the frame: neither drawn nor in the legend.
        "water": gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10)], crs=ZONE.epsg),
    }
    return {name: frame.to_crs(4490) for name, frame in layers.items()}


def pianqu_of(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Unions of the members."""
    joined = frame.dropna(subset=["pianqu_uid"])[["pianqu_uid", "geometry"]].dissolve("pianqu_uid")
    joined["name"] = [f"{uid}片区" for uid in joined.index]
    joined["color"] = range(len(joined))
    return joined


def content_of(frame: gpd.GeoDataFrame, theme: str = "investment", **more: Any) -> SheetContent:
    """A sheet of these compounds."""
    pianqu = pianqu_of(frame) if frame["pianqu_uid"].notna().any() else None
    values: dict[str, Any] = {
        "title": "某区老旧小区改造总图",
        "compounds": frame,
        "painted": paint(frame, theme, pianqu=pianqu),
        "zone": ZONE,
        "plan_name": "某区 2024 年方案",
        "revision": 7,
        "maker": "某区住房和城乡建设局",
        "made_on": dt.date(2024, 6, 30),
        "pianqu": pianqu,
    }
    return SheetContent(**(values | more))

"""Strips on which cars may stand along wide roads: on one side, clear of junctions and of what needs the ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon, box

from geo.carriageways import carriageways
from geo.roadside import JUNCTION_M, roadside_strips

CRS = "EPSG:4547"
LANE = LineString([(0, 0), (60, 0)])
YARD = box(-10, -30, 70, 30)


def strips(
    *roads: tuple[shapely.Geometry | None, float],
    within: tuple[shapely.Geometry, ...] = (YARD,),
    keep_off: tuple[shapely.Geometry, ...] = (),
) -> gpd.GeoSeries:
    lines = gpd.GeoSeries([line for line, _ in roads], crs=CRS)
    width = pd.Series([value for _, value in roads])
    return roadside_strips(
        lines,
        width,
        strip_m=2.4,
        clear_m=4.0,
        least_m=6.0,
        within=np.array(within, dtype=object),
        roads=carriageways(lines, width).to_numpy(),
        keep_off=np.array(keep_off, dtype=object),
    )


def test_strip_lies_on_the_carriageway_and_leaves_the_clear_width() -> None:
    strip = strips((LANE, 7.0)).iloc[0]
    assert strip.area == pytest.approx(2.4 * 60)
    road = box(0, -3.5, 60, 3.5)
    assert strip.difference(road).area < 1e-9
    assert road.difference(strip).bounds[3] - road.difference(strip).bounds[1] == pytest.approx(4.6)


@pytest.mark.parametrize("width", [6.3, 4.0, np.nan, 0.0])
def test_road_that_is_not_wide_enough_gives_none(width: float) -> None:
    assert strips((LANE, width)).iloc[0].is_empty
    assert not strips((LANE, 6.4)).iloc[0].is_empty


def test_better_side_is_taken_whichever_way_the_road_was_drawn() -> None:
    houses = (box(10, 2, 40, 12),)
    for line in (LANE, LANE.reverse()):
        strip = strips((line, 7.0), keep_off=houses).iloc[0]
        assert strip.area == pytest.approx(2.4 * 60)
        assert strip.bounds[3] <= 0


def test_nobody_stands_at_a_junction_nor_where_too_little_is_left() -> None:
    crossing = (LineString([(30, -30), (30, 30)]), 5.0)
    strip = strips((LANE, 7.0), crossing).iloc[0]
    assert strip.area == pytest.approx(2.4 * (60 - 5 - 2 * JUNCTION_M))
    assert strip.distance(box(27.5, -30, 32.5, 30)) == pytest.approx(JUNCTION_M)
    near = (LineString([(9, -30), (9, 30)]), 3.0)
    assert strips((LANE, 7.0), near).iloc[0].bounds[0] == pytest.approx(10.5 + JUNCTION_M)


def test_strips_lie_inside_compounds_alone() -> None:
    assert strips((LANE, 7.0), within=(box(-10, 5, 70, 30),)).iloc[0].is_empty
    half = strips((LANE, 7.0), within=(box(20, -30, 70, 30),)).iloc[0]
    assert half.area == pytest.approx(2.4 * 40)


def test_areas_points_and_nothing_give_none_and_bends_follow_the_road() -> None:
    odd = [
        (box(0, 0, 50, 8), 8.0),
        (Point(0, 0), 8.0),
        (None, 8.0),
        (LineString(), 8.0),
        (Polygon(), 8.0),
    ]
    assert strips(*odd).is_empty.all()
    assert len(strips()) == 0
    bend = MultiLineString([[(0, -20), (40, -20), (40, 20)], [(0, 20), (20, 20)]])
    found = strips((bend, 7.0)).iloc[0]
    road = carriageways(gpd.GeoSeries([bend], crs=CRS), pd.Series([7.0])).iloc[0]
    assert found.difference(road).area < 1e-6
    assert found.area == pytest.approx(2.4 * 100, rel=0.1)

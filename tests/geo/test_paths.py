"""Paths that are kept from doors to roads: straight, free, from long sides first."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, affinity, box

from errors import CrsError
from geo.paths import PATH_REACH_M, doorway_paths

CRS = "EPSG:4547"
LANE = box(-20, 0, 100, 4)


def paths(
    *houses: shapely.Geometry | None, roads: list[shapely.Geometry], **asked
) -> gpd.GeoSeries:
    walls = asked.pop("walls", None)
    return doorway_paths(
        gpd.GeoSeries(list(houses), crs=CRS),
        gpd.GeoSeries(roads, crs=CRS),
        width_m=asked.pop("width_m", 1.5),
        walls=None if walls is None else gpd.GeoSeries(walls, crs=CRS),
        **asked,
    )


def test_path_runs_straight_from_the_middle_of_the_long_side() -> None:
    found = paths(box(0, 10, 40, 22), roads=[LANE]).iloc[0]
    assert found.bounds == pytest.approx((19.25, 4, 20.75, 10))


def test_both_long_sides_have_one_if_both_are_free() -> None:
    found = paths(box(0, 10, 40, 22), roads=[LANE, box(-20, 30, 100, 34)]).iloc[0]
    assert shapely.get_num_geometries(found) == 2
    assert found.area == pytest.approx(1.5 * (6 + 8))


def test_short_side_is_taken_only_where_no_long_side_is_free() -> None:
    houses = [box(0, 10, 40, 22), box(-5, 6, 45, 9), box(-5, 23, 45, 26)]
    beside = box(50, -20, 54, 60)
    found = paths(*houses, roads=[beside]).iloc[0]
    assert found.bounds == pytest.approx((40, 15.25, 50, 16.75))


def test_behind_another_house_the_path_takes_another_road() -> None:
    blocker = box(10, 5, 30, 8)
    far = box(-20, 40, 100, 44)
    found = paths(box(0, 10, 40, 22), blocker, roads=[LANE, far]).iloc[0]
    assert found.bounds == pytest.approx((19.25, 22, 20.75, 40))


def test_path_crosses_no_wall_and_no_house() -> None:
    wall = LineString([(-20, 6), (100, 6)])
    assert paths(box(0, 10, 40, 22), roads=[LANE], walls=[wall]).iloc[0].is_empty
    assert not paths(box(0, 10, 40, 22), roads=[LANE]).iloc[0].is_empty


def test_where_no_straight_way_is_free_the_path_goes_along_the_wall_first() -> None:
    # Shut in on all sides but for a gap beside the corner in the south-east.
    shut = [box(-5, 5, 39.8, 7), box(-5, 25, 45, 27), box(-5, 7, -3, 25), box(40.3, 14, 45, 25)]
    house = box(0, 10, 40, 22)
    found = paths(house, *shut, roads=[LANE]).iloc[0]
    assert found.bounds == pytest.approx((19.25, 4, 41.55, 10), abs=0.01)
    assert found.touches(house)
    assert found.distance(shapely.union_all(shut)) > 0
    assert paths(house, *shut, roads=[LANE], wanted=np.arange(5) > 0).iloc[0].is_empty
    closed = [*shut, box(39.8, 5, 45, 7)]
    assert paths(house, *closed, roads=[LANE]).iloc[0].is_empty
    fence = LineString([(40.2, 4), (40.2, 30)])
    assert paths(house, *shut, roads=[LANE], walls=[fence]).iloc[0].is_empty


def test_who_lives_too_far_has_no_path() -> None:
    far = box(0, 4 + PATH_REACH_M + 10, 40, 120)
    assert paths(far, roads=[LANE]).iloc[0].is_empty
    assert not paths(far, roads=[LANE], reach_m=200.0).iloc[0].is_empty


def test_house_on_the_road_needs_none_and_odd_rows_have_none() -> None:
    odd = [None, Polygon(), box(0, 3, 40, 15)]
    found = paths(*odd, roads=[LANE, Polygon(), None])
    assert found.area.max() < 1.5
    assert len(found) == 3
    assert paths(box(0, 10, 40, 22), roads=[]).iloc[0].is_empty
    assert len(paths(roads=[LANE])) == 0


def test_house_of_two_wings_starts_at_its_wall() -> None:
    wings = box(0, 10, 40, 16).union(box(0, 16, 6, 40))
    found = paths(wings, roads=[LANE]).iloc[0]
    assert found.touches(wings)
    assert found.distance(LANE) < 1e-6
    two = MultiPolygon([box(0, 10, 10, 16), box(30, 10, 40, 16)])
    assert paths(two, roads=[LANE]).iloc[0].distance(LANE) < 1e-6


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        doorway_paths(
            gpd.GeoSeries([box(0, 0, 1, 1)], crs=4490), gpd.GeoSeries([LANE], crs=4490), width_m=1.5
        )


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0, 360))
def test_every_path_is_free_and_leads_from_its_house_to_a_road(seed: int, turn: float) -> None:
    rng = np.random.default_rng(seed)
    houses = [
        box(x, y, x + rng.uniform(8, 30), y + rng.uniform(6, 12))
        for x in range(0, 160, 40)
        for y in range(10, 100, 25)
        if rng.random() < 0.7
    ] or [box(0, 10, 20, 20)]
    roads = [LANE, box(rng.uniform(30, 36), 0, 39, 110)]
    town = [affinity.rotate(house, turn, origin=(0, 0)) for house in houses]
    ways = [affinity.rotate(road, turn, origin=(0, 0)) for road in roads]
    found = paths(*town, roads=ways)
    plain = paths(*houses, roads=roads)
    assert np.allclose(found.area, plain.area, atol=0.05)
    every = shapely.union_all(town)
    for house, path in zip(town, found, strict=True):
        assert path.intersection(every).area < 1e-6
        for part in [] if path.is_empty else shapely.get_parts(path):
            assert part.distance(house) < 1e-6
            assert min(part.distance(way) for way in ways) < 1e-6

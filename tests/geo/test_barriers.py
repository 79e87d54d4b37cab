"""What cuts a pair of neighbours off from each other, drawn on squared paper in metres.

Left and right are compounds of 60 m with 20 m between them, unless a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon, box
from shapely.affinity import rotate, translate
from shapely.geometry.base import BaseGeometry

from errors import CrsError, GeometryError
from geo.adjacency import Neighbourhood, neighbourhood, neighbours
from tests.geo import town

LEFT, RIGHT = box(0, 0, 60, 60), box(80, 0, 140, 60)
TWO = {"left": LEFT, "right": RIGHT}
ALONG = LineString([(70, -200), (70, 260)])


def placed(shape: BaseGeometry) -> BaseGeometry:
    return translate(shape, town.EAST, town.NORTH)


def look(
    homes: Mapping[str, BaseGeometry],
    *barriers: BaseGeometry,
    openings: tuple[BaseGeometry, ...] = (),
    **options: float,
) -> Neighbourhood:
    shapes = gpd.GeoSeries({name: placed(shape) for name, shape in homes.items()}, crs=town.CRS)
    lines = gpd.GeoDataFrame(
        {"kind": "main_road", "name": [f"{k}号路" for k in range(len(barriers))]},
        geometry=[placed(barrier) for barrier in barriers],
        index=[f"R{k}" for k in range(len(barriers))],
        crs=town.CRS,
    )
    doors = gpd.GeoSeries([placed(opening) for opening in openings], crs=town.CRS)
    return neighbourhood(shapes, barriers=lines, openings=doors, **options)


def cut(homes: Mapping[str, BaseGeometry], *barriers: BaseGeometry, **options: object) -> set[str]:
    """Pairs that are cut; all others that are near enough are kept."""
    found = look(homes, *barriers, **options)
    free = look(homes, **{k: v for k, v in options.items() if k != "openings"})
    every = pd.concat([found.pairs, found.blocked[["i", "j", "gap_m"]]])
    expected = free.pairs.reset_index(drop=True)
    got = every.sort_values(["i", "j"], ignore_index=True)
    pd.testing.assert_frame_equal(got, expected, check_dtype=False)
    return {f"{i}-{j}" for i, j in zip(found.blocked["i"], found.blocked["j"], strict=True)}


def test_a_road_between_two_compounds_cuts_them_and_is_named() -> None:
    blocked = look(TWO, ALONG).blocked
    assert blocked.to_dict("records") == [
        {
            "i": "left",
            "j": "right",
            "gap_m": 20.0,
            "kind": "main_road",
            "name": "0号路",
            "barrier": "R0",
        }
    ]


def test_without_barriers_the_pairs_are_the_neighbours() -> None:
    found = neighbourhood(town.compounds())
    pd.testing.assert_frame_equal(found.pairs, neighbours(town.compounds()))
    assert found.blocked.empty
    assert list(found.blocked) == ["i", "j", "gap_m", "kind", "name", "barrier"]


@pytest.mark.parametrize(
    ("road", "expected"),
    [
        (
            LineString([(70, -200), (70, 61)]),
            {"left-right"},
        ),  # ends 1 m beyond the corners: as good as along
        (LineString([(70, -200), (70, 40)]), set()),  # ends beside them: the way above it is free
        (MultiLineString([[(70, -200), (70, 25)], [(70, 35), (70, 260)]]), set()),  # open for 10 m
        (LineString([(70, 90), (70, 260)]), set()),  # begins beyond them
        (LineString([(30, -200), (30, 260)]), set()),  # runs through the left one
        (LineString([(-200, -10), (300, -10)]), set()),  # runs by below both
    ],
)
def test_a_way_round_the_end_of_a_road_or_through_a_gap_in_it_keeps_the_pair(
    road, expected
) -> None:
    # A way of 22 m leads from the upper end of one to that of the other: with 60 m of wall the road has to go on.
    assert cut(TWO, road, max_gap_m=21.0) == expected


def test_with_a_longer_reach_there_is_a_way_round_the_end() -> None:
    tall = {"left": box(0, 0, 60, 100), "right": RIGHT}
    road = LineString([(70, -200), (70, 66)])
    assert cut(tall, road, max_gap_m=30.0) == set()
    assert cut(tall, road, max_gap_m=20.5) == {"left-right"}


@pytest.mark.parametrize("off", [-3.0, -0.5, 0.0, 0.4, 3.0])
@pytest.mark.parametrize("between", [-2.0, -1e-9, 0.0, 0.02, 1.5])
def test_compounds_drawn_to_the_middle_of_the_road_are_cut_by_it(off, between) -> None:
    # They touch, overlap a little or leave a hairline; the line of the road strays to either side.
    homes = {"left": box(0, 0, 60, 60), "right": box(60 + between, 0, 120, 60)}
    crooked = LineString([(60 + off, -90), (60, 10), (60 + off, 30), (60 - off / 2, 50), (60, 150)])
    assert cut(homes, crooked) == {"left-right"}


def test_a_road_well_inside_one_compound_does_not_cut_it_from_its_neighbours() -> None:
    homes = {"left": box(0, 0, 60, 60), "right": box(60, 0, 120, 60), "far": box(140, 0, 200, 60)}
    inside = LineString([(45, -90), (45, 150)])
    assert cut(homes, inside) == set()
    # Nor does one that comes in over the shared edge and ends within.
    assert cut(homes, LineString([(-50, 30), (90, 30)])) == set()


def test_compounds_that_share_ground_are_not_cut_apart() -> None:
    nested = {"outer": box(0, 0, 200, 200), "inner": box(20, 20, 80, 80)}
    assert cut(nested, LineString([(100, -50), (100, 250)])) == set()
    overlapping = {"left": box(0, 0, 80, 60), "right": box(60, 0, 140, 60)}
    assert cut(overlapping, LineString([(70, -90), (70, 150)])) == set()


def test_a_footpath_of_12_m_without_a_barrier_is_none() -> None:
    lane = {"left": LEFT, "right": box(72, 0, 130, 60)}
    assert cut(lane) == set()
    assert look(lane).pairs["gap_m"].tolist() == [12.0]


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (box(62, -200, 78, 260), {"left-right"}),  # a carriageway between the kerbs
        (box(50, -200, 90, 260), set()),  # drawn far over both: their ground is no road
        (box(57, -200, 83, 260), {"left-right"}),  # drawn a little over both
        (box(62, -200, 78, 30), set()),  # ends halfway
        (box(62, 0, 78, 60), {"left-right"}),  # fills just what is between
    ],
)
def test_a_carriageway_as_an_area_cuts_like_a_line(area, expected) -> None:
    if area.bounds[0] == 50:
        # Ways start 5 m inside; what covers more of both than that still lies on the way.
        expected = {"left-right"}
    assert cut(TWO, area, max_gap_m=21.0) == expected


def test_compounds_drawn_to_the_middle_of_a_wide_area_are_cut_by_it() -> None:
    homes = {"left": box(0, 0, 60, 60), "right": box(60, 0, 120, 60)}
    assert cut(homes, box(40, -500, 80, 560)) == {"left-right"}
    lake = box(-500, -500, 600, 600).difference(box(0, 200, 60, 260))
    assert cut(homes, lake) == {"left-right"}
    # In a hole of the area they are on dry land.
    assert cut(homes, box(-500, -500, 600, 600).difference(box(-20, -20, 140, 80))) == set()


def test_two_roads_on_the_way_name_the_first_by_label() -> None:
    near, far = LineString([(65, -200), (65, 260)]), LineString([(75, -200), (75, 260)])
    for roads in ((near, far), (far, near)):
        assert look(TWO, *roads).blocked["barrier"].tolist() == ["R0"]


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        (Point(70, 30), set()),  # a gate
        (LineString([(58, 30), (82, 30)]), set()),  # a footbridge
        (Point(70, 100), set()),  # 40 m on: within reach of both
        (Point(70, 130), {"left-right"}),  # 70 m on: too far
        (Point(30, 30), {"left-right"}),  # inside the left one, 40 m from the road
    ],
)
def test_an_opening_within_reach_of_both_lets_them_through(opening, expected) -> None:
    assert cut(TWO, ALONG, openings=(opening,)) == expected


def test_the_reach_of_an_opening_is_the_planner_s() -> None:
    assert cut(TWO, ALONG, openings=(Point(70, 100),), opening_reach_m=20.0) == {"left-right"}


def test_an_opening_opens_only_what_it_stands_beside() -> None:
    homes = {"left": LEFT, "right": box(130, 0, 190, 60)}
    road, railway = LineString([(70, -200), (70, 260)]), LineString([(120, -200), (120, 260)])
    bridge = LineString([(62, 30), (85, 30)])
    assert cut(homes, road, railway, openings=(bridge,), max_gap_m=80.0, opening_reach_m=80.0) == {
        "left-right"
    }
    assert (
        cut(
            homes,
            road,
            railway,
            openings=(bridge, Point(120, 30)),
            max_gap_m=80.0,
            opening_reach_m=80.0,
        )
        == set()
    )


def test_corners_across_a_crossing_are_cut() -> None:
    homes = {"left": LEFT, "up": box(80, 80, 140, 140)}
    west_east = LineString([(-200, 70), (300, 70)])
    assert cut(homes, ALONG, west_east) == {"left-up"}
    # Without either road one may go from corner to corner.
    assert cut(homes, LineString([(70, 100), (70, 300)])) == set()


def test_slender_compounds_are_cut_too() -> None:
    slabs = {"left": box(0, 0, 6, 200), "right": box(20, 0, 24, 200)}
    assert cut(slabs, LineString([(12, -100), (12, 300)])) == {"left-right"}
    assert cut(slabs, LineString([(12, 260), (12, 300)])) == set()


def test_points_nothing_and_missing_rows_cut_nothing() -> None:
    assert cut(TWO, Point(70, 30), LineString(), Polygon()) == set()
    with_none = {"left": LEFT, "right": RIGHT, "empty": Polygon()}
    assert cut(with_none, ALONG) == {"left-right"}


def test_a_pair_of_exactly_the_gap_is_cut_or_kept_like_any_other() -> None:
    homes = {"left": LEFT, "right": box(90, 0, 150, 60)}
    road = LineString([(75, -200), (75, 260)])
    assert cut(homes, road, max_gap_m=30.0) == {"left-right"}
    assert cut(homes, LineString([(75, -200), (75, 20)]), max_gap_m=30.0) == set()


def test_what_is_in_another_plane_or_no_distance_is_refused_in_chinese() -> None:
    road = gpd.GeoDataFrame({"kind": ["river"], "name": ["河"]}, geometry=[ALONG], crs=4547)
    with pytest.raises(CrsError):
        neighbourhood(town.compounds(), barriers=road)
    with pytest.raises(CrsError):
        neighbourhood(town.compounds(), openings=gpd.GeoSeries([Point(1, 1)], crs=4490))
    with pytest.raises(GeometryError, match="通道"):
        neighbourhood(town.compounds(), opening_reach_m=-1.0)


homes_on_paper = st.lists(
    st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(4, 8)] * 2), min_size=2, max_size=7
)
roads_on_paper = st.lists(
    st.tuples(*[st.integers(-2, 20)] * 4).filter(lambda ends: ends[:2] != ends[2:]),
    min_size=1,
    max_size=4,
)


def free_way(
    a: BaseGeometry, b: BaseGeometry, barriers: BaseGeometry, *, depth_m: float, most_m: float
) -> bool:
    """Look for a straight way from so deep inside one to so deep inside the other, 1 m by 1 m; slow and simple."""
    ends = []
    for shape in (a, b):
        ring = shape.buffer(-depth_m, join_style="mitre").exterior
        ends.append(shapely.line_interpolate_point(ring, np.arange(0, ring.length)))
    one, other = (shapely.get_coordinates(points) for points in ends)
    near = np.argwhere(np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1)) <= most_m)
    ways = shapely.linestrings(np.stack([one[near[:, 0]], other[near[:, 1]]], axis=1))
    return bool((~shapely.intersects(ways, barriers)).any())


@settings(deadline=None, max_examples=25)
@given(homes_on_paper, roads_on_paper, st.integers(0, 80), st.randoms(use_true_random=False))
def test_cut_are_those_without_a_straight_way_whatever_the_order_of_rows(
    homes, roads, turn, rnd
) -> None:
    squares = {
        f"c{k}": placed(rotate(box(x * 20, y * 20, (x + w) * 20, (y + h) * 20), turn, (100, 100)))
        for k, (x, y, w, h) in enumerate(homes)
    }
    shapes = gpd.GeoSeries(squares, crs=town.CRS)
    lines = [placed(LineString([(a * 11, b * 11), (c * 11, d * 11)])) for a, b, c, d in roads]
    barriers = gpd.GeoDataFrame(
        {"kind": ["other"] * len(lines), "name": None}, geometry=lines, crs=town.CRS
    )
    found = neighbourhood(shapes, max_gap_m=25.0, barriers=barriers)
    together = shapely.union_all(lines)
    for i, j in zip(found.blocked["i"], found.blocked["j"], strict=True):
        one, other = shapes[i], shapes[j]
        assert one.intersection(other).area < 5 * 160
        # A broad way, not a slit; from 5 m inside either it is 10 m longer than from edge to edge.
        assert not free_way(one, other, together.buffer(3.0), depth_m=5.0, most_m=28.0)
    for i, j in zip(found.pairs["i"], found.pairs["j"], strict=True):
        one, other = shapes[i], shapes[j]
        if not one.intersects(other):
            assert free_way(one, other, together, depth_m=0.0, most_m=36.0)
    mixed = rnd.sample(list(shapes.index), len(shapes))
    shuffled = barriers.sample(frac=1, random_state=1)
    again = neighbourhood(shapes[mixed], max_gap_m=25.0, barriers=shuffled)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)
    pd.testing.assert_frame_equal(again.blocked, found.blocked)

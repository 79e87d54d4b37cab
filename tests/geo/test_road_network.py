"""Reach along roads, against ways worked out by hand and by a walk over a fine grid of the roads."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon

from errors import GeometryError
from geo.reach import straight_reach
from geo.road_network import network_reach, road_network

CROSS = [LineString([(-100, 0), (100, 0)]), LineString([(0, -100), (0, 100)])]


def way(
    roads: list[object], client: tuple[float, float], site: tuple[float, float], **more: object
):
    table = network_reach(np.array(roads, dtype=object), [client], [site], 10_000, **more)
    return float(table.data[0]) if table.nnz else None


def test_roads_are_cut_where_they_cross_and_the_legs_count() -> None:
    assert way(CROSS, (80, 5), (3, -60)) == pytest.approx(5 + 80 + 60 + 3)


def test_two_points_beside_the_same_piece_need_no_crossing() -> None:
    assert way(CROSS, (20, 4), (70, -3)) == pytest.approx(4 + 50 + 3)


def test_a_bridge_over_a_road_is_no_crossing_but_its_ramp_is() -> None:
    ramp = LineString([(100, 0), (100, 50), (0, 50)])
    assert way(CROSS, (-80, 0), (0, -80), levels=[0, 1]) is None
    assert way([*CROSS, ramp], (90, 0), (0, -80), levels=[0, 1, 0]) == pytest.approx(
        10 + 50 + 100 + 130
    )


def test_a_level_that_is_not_known_is_the_ground() -> None:
    assert way(CROSS, (-80, 0), (0, -80), levels=[0, np.nan]) == pytest.approx(160)


def test_pieces_that_are_not_connected_reach_only_their_own() -> None:
    roads = [LineString([(0, 0), (100, 0)]), LineString([(0, 50), (100, 50)])]
    table = network_reach(np.array(roads), [[50, 2], [50, 52]], [[10, 1], [90, 49]], 500)
    assert table.toarray().round(6).tolist() == [[43, 0], [0, 43]]
    network = road_network(np.array(roads))
    assert [len(np.unique(network.parts[network.points[:, 1] == y])) for y in (0, 50)] == [1, 1]
    assert len(np.unique(network.parts)) == 2


def test_ends_that_nearly_meet_are_one_crossing() -> None:
    roads = [LineString([(0, 0), (100, 0)]), LineString([(100.3, 0.1), (200, 0)])]
    assert way(roads, (10, 0), (190, 0)) == pytest.approx(180, abs=0.5)
    assert way([roads[0], LineString([(103, 0), (200, 0)])], (10, 0), (190, 0)) is None


def test_who_is_far_from_every_road_is_not_reached() -> None:
    assert way(CROSS, (50, 150), (0, 50)) is not None
    assert way(CROSS, (500, 500), (0, 50), access_m=200) is None
    assert way(CROSS, (50, 150), (0, 50), access_m=30) is None


def test_of_two_roads_between_two_crossings_the_shorter_is_walked() -> None:
    around = LineString([(0, 0), (0, 300), (100, 300), (100, 0)])
    assert way([around, LineString([(0, 0), (100, 0)])], (0, 0), (100, 0)) == pytest.approx(100)


def test_a_loop_road_is_walked_the_shorter_way_round() -> None:
    ring = LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    assert way([ring], (20, 0), (0, 30)) == pytest.approx(50)
    assert way([ring], (20, 0), (0, 90)) == pytest.approx(110)


def test_the_way_is_limited_by_the_radius_itself_included() -> None:
    table = network_reach(np.array(CROSS), [[80, 0], [81, 0]], [[0, 20]], 100)
    assert table.nonzero()[1].tolist() == [0]


def test_no_road_at_all_is_said() -> None:
    for roads in ([], [None], [LineString()], [LineString([(0, 0), (0, 0)])]):
        with pytest.raises(GeometryError, match="没有道路数据"):
            network_reach(np.array(roads, dtype=object), [[0, 0]], [[0, 0]], 100)


def test_areas_are_refused_and_damaged_lines_passed_over() -> None:
    with pytest.raises(GeometryError, match="由线组成"):
        road_network(np.array([Polygon([(0, 0), (1, 0), (1, 1)])]))
    with np.errstate(invalid="ignore"):
        damaged = LineString([(0, 0), (np.nan, 5)])
    roads = [damaged, None, MultiLineString([[(0, 0, 3), (50, 0, 4)], [(50, 0), (90, 0)]])]
    assert way(roads, (10, 0), (80, 0)) == pytest.approx(70)


def test_points_that_are_no_numbers_keep_their_place() -> None:
    table = network_reach(np.array(CROSS), [[np.nan, 0], [10, 0]], [[0, 0], [0, np.inf]], 50)
    assert table.shape == (2, 2)
    assert list(zip(*table.nonzero(), strict=True)) == [(0, 1)]
    assert network_reach(np.array(CROSS), [], [[0, 0]], 50).shape == (1, 0)


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_ways_are_those_of_a_walk_over_the_cut_lines(seed: int) -> None:
    """Plain: all lines united, corners and doors as nodes, all shortest ways by Floyd."""
    rng = np.random.default_rng(seed)
    lines = [LineString(rng.integers(0, 30, (2, 2)) * 10) for _ in range(6)]
    lines = [line for line in lines if line.length > 0]
    doors = rng.uniform(0, 300, (5, 2))
    found = network_reach(np.array(lines), doors, doors[:3], 400, access_m=300)
    ways = walked(lines, doors)[:3]
    wanted = np.where(ways <= 400, ways, np.nan)
    got = np.full((3, 5), np.nan)
    got[found.nonzero()] = found.data
    assert got == pytest.approx(wanted, nan_ok=True, abs=1e-6)
    straight = straight_reach(doors, doors[:3], 400)
    assert (found.toarray() >= straight.toarray() - 1e-9)[found.nonzero()].all()


def walked(lines: list[LineString], doors: np.ndarray) -> np.ndarray:
    whole = shapely.union_all(lines)
    feet = [shapely.get_point(shapely.shortest_line(whole, Point(door)), 0) for door in doors]
    legs = [whole.distance(Point(door)) for door in doors]
    nodes = [Point(c) for c in {c for part in shapely.get_parts(whole) for c in part.coords}] + feet
    size = len(nodes)
    ways = np.full((size, size), np.inf)
    for part in shapely.get_parts(whole):
        on = [k for k in range(size) if part.distance(nodes[k]) < 1e-7]
        for one, other in itertools.combinations(on, 2):
            apart = abs(part.project(nodes[one]) - part.project(nodes[other]))
            ways[one, other] = ways[other, one] = min(ways[one, other], apart)
    np.fill_diagonal(ways, 0)
    for k in range(size):
        ways = np.minimum(ways, ways[:, [k]] + ways[[k]])
    part = ways[-len(doors) :, -len(doors) :] + np.add.outer(legs, legs)
    straight = np.hypot(*(doors[:, None] - doors[None]).transpose(2, 0, 1))
    return np.maximum(part, straight)


def parts_of(roads: list[LineString], **more: Any) -> int:
    return len(np.unique(road_network(np.array(roads), **more).parts))


def test_a_road_that_ends_a_little_before_another_or_on_it_meets_it() -> None:
    # 1/3 along a slanting line: no floating number lies on it.
    slanting = LineString([(0, 0), (70, 30)])
    on = LineString([slanting.interpolate(1 / 3, normalized=True), (0, 90)])
    assert parts_of([slanting, on]) == 1
    for before, parts in ((0.4, 1), (0.6, 2)):
        assert parts_of([CROSS[0], LineString([(20, before), (20, 90)])]) == parts
    assert way([CROSS[0], LineString([(20, 0.4), (20, 90)])], (20, 90), (50, 0)) == pytest.approx(
        120, abs=0.5
    )


def test_a_viaduct_over_a_crossing_of_roads_meets_none_of_them() -> None:
    over = LineString([(-100, -100), (100, 100)])
    halves = [LineString([(-100, -100), (0, 0.2)]), LineString([(0, 0.2), (100, 100)])]
    assert parts_of([*CROSS, over]) == 1
    assert parts_of([*CROSS, over], levels=[0, 0, 1]) == 2
    # Two bridges that go on into each other above the crossing; one that ends there comes down.
    assert parts_of([*CROSS, *halves], levels=[0, 0, 1, 1]) == 2
    assert parts_of([*CROSS, halves[0]], levels=[0, 0, 1]) == 1
    # Two crossings on top of each other.
    turned = [over, LineString([(-100, 100), (100, -100)])]
    assert parts_of([*CROSS, *turned], levels=[0, 0, 1, 1]) == 2


def test_levels_that_share_a_corner_meet_there() -> None:
    street = LineString([(-100, 0), (0, 0), (100, 0)])
    bridge = [LineString([(0, -80), (0, 0)]), LineString([(0, 0), (0, 80)])]
    assert parts_of([street, *bridge], levels=[0, 1, 1]) == 1
    assert parts_of([CROSS[0], *bridge], levels=[0, 1, 1]) == 2


def test_a_dead_end_is_led_on_to_what_it_is_not_connected_with() -> None:
    street, lane = CROSS[0], LineString([(20, 12), (20, 90)])
    assert parts_of([street, lane]) == parts_of([street, lane], gap_m=11) == 2
    assert parts_of([street, lane], gap_m=13) == 1
    # Lane, lane and street: the nearest first, then what is still apart.
    beside = LineString([(26, 14), (26, 90)])
    assert parts_of([street, lane, beside], gap_m=13) == 1
    # A cul-de-sac is no way through to the lane beyond the wall.
    around = [street, LineString([(0, 0), (0, 90)]), LineString([(50, 0), (50, 80), (10, 80)])]
    assert way(around, (0, 80), (10, 80)) == pytest.approx(80 + 50 + 80 + 40)
    network = road_network(np.array(around), gap_m=30)
    table = network_reach(network, [(0, 80)], [(10, 80)], 1000)
    assert table.data == pytest.approx([250])


def test_a_passage_below_ground_comes_up_at_its_ends_and_a_lane_climbs_no_viaduct() -> None:
    street, below = CROSS[0], LineString([(30, 9), (90, 9)])
    assert parts_of([street, below], levels=[0, -1], gap_m=10) == 1
    assert parts_of([street, LineString([(30, 9), (30, 90)])], levels=[1, 0], gap_m=10) == 2
    # A stub of 0.3 m beyond the last crossing is still the end.
    stub = [
        LineString([(30, 9), (30, 90)]),
        LineString([(20, 9.3), (40, 9.3), (40, 60), (20, 9.3)]),
    ]
    assert parts_of([street, *stub], gap_m=10) == 1

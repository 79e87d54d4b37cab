"""The checker passes layouts drawn by hand and names every fault that is planted in them."""

import itertools
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import shapely
from shapely import affinity, box

from tests.geo.hand_layouts import BACK_IN, PARALLEL, SIZES, Drawn, Limits, module
from tests.geo.stall_checker import faults

LIMITS = Limits()
GROUND = box(0.0, 0.0, 16.1, 60.0)
ROAD = box(-20.0, -5.0, 40.0, 0.0)


def good() -> Drawn:
    """Fifty stalls along one aisle."""
    return module(BACK_IN, BACK_IN, 60.0)


def test_a_layout_drawn_by_hand_has_no_fault() -> None:
    assert faults(GROUND, ROAD, None, good(), LIMITS) == []
    assert faults(GROUND, None, ROAD, good(), LIMITS) == []


@pytest.mark.parametrize(
    "pair", list(itertools.product(SIZES, SIZES)), ids=lambda p: f"{p[0].id}-{p[1].id}"
)
def test_every_pair_of_rows_of_the_table_passes(pair) -> None:
    drawn = module(*pair, 48.0)
    wide = pair[0].depth_wall_m + pair[1].depth_wall_m + max(size.aisle_m for size in pair)
    assert faults(box(0.0, 0.0, wide, 48.0), ROAD, None, drawn, LIMITS) == []
    narrow = box(0.0, 0.0, wide - 0.3, 48.0)
    assert faults(narrow, ROAD, None, drawn.told(narrow), LIMITS)


@pytest.mark.parametrize("turned", [0.0, 23.7, 90.0, 211.0])
def test_a_layout_may_be_turned_and_shifted(turned) -> None:
    def move(shape: Any) -> Any:
        return affinity.translate(affinity.rotate(shape, turned, origin=(0, 0)), 5e5, 3.5e6)

    drawn = good()
    for name in ("stalls", "mouth", "aisles"):
        setattr(drawn, name, [move(shape) for shape in getattr(drawn, name)])
    drawn.angle_deg = [angle - turned for angle in drawn.angle_deg]
    assert faults(move(GROUND), move(ROAD), None, drawn, LIMITS) == []


def _count(drawn: Drawn) -> None:
    drawn.count += 1


def _double(drawn: Drawn) -> None:
    for name in ("stalls", "mouth", "arrangement", "angle_deg", "aisle"):
        getattr(drawn, name).append(getattr(drawn, name)[7])


def _moved(dx: float, dy: float) -> Callable[[Drawn], None]:
    def plant(drawn: Drawn) -> None:
        for name in ("stalls", "mouth"):
            shapes = getattr(drawn, name)
            shapes[7] = affinity.translate(shapes[7], dx, dy)

    return plant


def _no_aisle(drawn: Drawn) -> None:
    drawn.aisles, drawn.dead_end_m, drawn.aisle = [], [], [-1] * 50


def _aisle(x0: float, y0: float, x1: float, y1: float) -> Callable[[Drawn], None]:
    def plant(drawn: Drawn) -> None:
        drawn.aisles[0] = box(x0, y0, x1, y1)

    return plant


def _necked(drawn: Drawn) -> None:
    """Two metres between blocks of concrete, where no stall turns."""
    drawn.aisles[0] -= box(0.0, 0.5, 7.0, 1.0)
    drawn.aisles[0] -= box(9.0, 0.5, 20.0, 1.0)


def _small(drawn: Drawn) -> None:
    drawn.stalls[7] = affinity.scale(drawn.stalls[7], 0.9, 1.0, origin=(5.3, 0.0))


def _narrow(drawn: Drawn) -> None:
    drawn.stalls[7] = affinity.scale(drawn.stalls[7], 1.0, 0.95)


def _shallow(drawn: Drawn) -> None:
    """The depth that does back to back, at a wall."""
    drawn.stalls[7] = affinity.scale(drawn.stalls[7], 5.1 / 5.3, 1.0, origin=(5.3, 0.0))


def _skewed(drawn: Drawn) -> None:
    drawn.stalls[7] = affinity.skew(drawn.stalls[7], 4.0)


def _triangle(drawn: Drawn) -> None:
    drawn.stalls[7] = shapely.Polygon(drawn.stalls[7].exterior.coords[:3])


def _turned(drawn: Drawn) -> None:
    drawn.stalls[7] = affinity.rotate(drawn.stalls[7], 2.0)


def _backwards(drawn: Drawn) -> None:
    drawn.mouth[7] = affinity.translate(drawn.mouth[7], -5.3, 0.0)


def _sideways(drawn: Drawn) -> None:
    drawn.mouth[7] = shapely.LineString([(0.0, 16.8), (5.3, 16.8)])


def _unknown(drawn: Drawn) -> None:
    drawn.arrangement[7] = "75"


def _parallel(drawn: Drawn) -> None:
    drawn.arrangement[7] = "parallel"


def _bearing(drawn: Drawn) -> None:
    drawn.angle_deg[7] += 90.0


def _in_the_aisle(drawn: Drawn) -> None:
    drawn.row(PARALLEL, (5.3, 30.0), 90.0, 1, left=False, aisle=0)
    drawn.told(GROUND)


def _elsewhere(drawn: Drawn) -> None:
    drawn.aisle[7] = 4


def _lost_mouth(drawn: Drawn) -> None:
    drawn.mouth.pop()


def _figure(name: str, factor: float) -> Callable[[Drawn], None]:
    return lambda drawn: setattr(drawn, name, getattr(drawn, name) * factor)


PLANTED = {
    "wrong count": (_count, "count says"),
    "a stall twice": (_double, "overlap"),
    "0.3 m along the row": (_moved(0.0, 0.3), "overlap"),
    "0.3 m into the aisle": (_moved(0.3, 0.0), "stands in aisle"),
    "0.3 m over the boundary": (_moved(-0.3, 0.0), "leaves the ground"),
    "no aisle": (_no_aisle, "no room to turn"),
    "aisle cut 2 m before the road": (_aisle(5.3, 2.0, 10.8, 60.0), "open 0.00 m wide"),
    "aisle cut at its far end": (_aisle(5.3, 0.0, 10.8, 58.0), "no room to turn"),
    "aisle of 2.5 m": (_aisle(5.3, 0.0, 7.8, 60.0), "not reached by a lane"),
    "aisle of 5.2 m": (_aisle(5.3, 0.0, 10.5, 60.0), "no room to turn"),
    "aisle out of the lot": (_aisle(5.3, 0.0, 10.8, 61.0), "leaves ground and roads"),
    "aisle under stalls": (_aisle(5.3, 0.0, 11.0, 60.0), "stands in aisle"),
    "aisle with a neck of 2 m": (_necked, "not reached by a lane"),
    "stall too short": (_small, "m deep where"),
    "stall too narrow": (_narrow, "m where 2.4 m are due"),
    "shallow stall at a wall": (_shallow, "a wall at its back"),
    "skewed stall": (_skewed, "not a rectangle"),
    "three corners": (_triangle, "four corners"),
    "turned by two degrees": (_turned, "overlap"),
    "mouth at the back": (_backwards, "no room to turn"),
    "mouth at a long side": (_sideways, "not the side"),
    "unknown arrangement": (_unknown, "unknown arrangement"),
    "called parallel": (_parallel, "m where 6.0 m are due"),
    "wrong angle": (_bearing, "angle_deg"),
    "stall across the aisle": (_in_the_aisle, "in its way"),
    "aisle that is not there": (_elsewhere, "points at an aisle"),
    "mouth missing": (_lost_mouth, "mouth has 49 entries"),
    "area too small": (_figure("area_m2", 0.9), "area_m2 says"),
    "m2 per stall wrong": (_figure("m2_per_stall", 0.9), "m2_per_stall says"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_fault_is_named(name) -> None:
    plant, told = PLANTED[name]
    drawn = deepcopy(good())
    plant(drawn)
    found = faults(GROUND, ROAD, None, drawn, LIMITS)
    assert any(told in fault for fault in found), found


SURROUNDINGS = {
    "building": (GROUND - box(1.0, 20.0, 3.0, 22.0), ROAD, None, "leaves the ground"),
    "kept green in the aisle": (GROUND - box(8.0, 20.0, 9.0, 22.0), ROAD, None, "leaves ground"),
    "boundary drawn in": (box(0.0, 0.0, 16.1, 59.5), ROAD, None, "leaves the ground"),
    "no road": (GROUND, None, None, "not reached"),
    "road that touches a corner": (GROUND, box(-20.0, -5.0, 5.3, 0.0), None, "open"),
    "road with a contact of 2.7 m": (GROUND, box(-20.0, -5.0, 8.0, 0.0), None, "open 2.7"),
    "road through the stalls": (GROUND, box(-20.0, 20.0, 40.0, 25.0), None, "stands on a road"),
    "street beside": (GROUND, ROAD, box(10.0, 0.0, 30.0, 90.0), "turns on a street"),
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_a_good_layout_is_wrong_elsewhere(name) -> None:
    ground, roads, streets, told = SURROUNDINGS[name]
    found = faults(ground, roads, streets, good(), LIMITS)
    assert any(told in fault for fault in found), found


ASKED = {
    "fewer stalls": (Limits(most=49), "at most 49"),
    "ground kept": (Limits(keep_unpaved_share=0.3), "must stay"),
    "groups": (Limits(group_most=30), "stand less than"),
    "dead end": (Limits(longest_dead_end_m=40.0), "no place to turn"),
    "wider way in": (Limits(access_m=6.0), "open 5.5"),
    "wider lanes": (Limits(min_aisle_m=6.0, access_m=3.0), "not reached"),
    "wider stalls": (Limits(sizes=(replace(BACK_IN, width_m=2.5),)), "2.5 m are due"),
    "wider aisles": (Limits(sizes=(replace(BACK_IN, aisle_m=6.0),)), "no room to turn"),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_has_to_be_kept(name) -> None:
    limits, told = ASKED[name]
    found = faults(GROUND, ROAD, None, good(), limits)
    assert any(told in fault for fault in found), found


def test_a_place_to_turn_makes_a_long_dead_end_good() -> None:
    drawn = good()
    drawn.lane(box(2.0, 60.0, 14.0, 72.0))
    ground = GROUND | box(2.0, 60.0, 14.0, 72.0)
    limits = Limits(longest_dead_end_m=40.0)
    assert faults(ground, ROAD, None, drawn.told(ground), limits) == []


def test_two_ways_out_are_no_dead_end() -> None:
    roads = ROAD | box(-20.0, 60.0, 40.0, 65.0)
    assert faults(GROUND, roads, None, good(), Limits(longest_dead_end_m=40.0)) == []


def test_backs_may_touch_at_the_lesser_depth() -> None:
    drawn = Drawn()
    lanes = [drawn.lane(box(x, 0.0, x + 5.5, 60.0)) for x in (0.0, 15.7)]
    drawn.row(BACK_IN, (5.5, 0.0), 90.0, 25, left=False, aisle=lanes[0], deep_m=5.1)
    drawn.row(BACK_IN, (15.7, 0.0), 90.0, 25, left=True, aisle=lanes[1], deep_m=5.1)
    ground = box(0.0, 0.0, 21.2, 60.0)
    assert faults(ground, ROAD, None, drawn.told(ground), LIMITS) == []


def test_a_road_serves_as_aisle_where_it_is_wide_enough() -> None:
    drawn = Drawn()
    drawn.row(BACK_IN, (0.0, 0.0), 0.0, 6, left=True, aisle=-1)
    drawn.told(GROUND)
    assert faults(GROUND, box(-5.0, -5.5, 25.0, 0.0), None, drawn, LIMITS) == []
    assert faults(GROUND, box(-5.0, -5.0, 25.0, 0.0), None, drawn, LIMITS)
    assert faults(GROUND, None, box(-5.0, -5.5, 25.0, 0.0), drawn, LIMITS)


def test_a_lip_before_one_stall_is_as_wide_as_the_stall() -> None:
    drawn = Drawn()
    lip = drawn.lane(box(0.0, 0.0, 2.4, 0.5))
    drawn.row(BACK_IN, (0.0, 0.5), 0.0, 1, left=True, aisle=lip)
    ground = box(0.0, 0.0, 2.4, 5.8)
    assert faults(ground, box(-9.0, -5.0, 9.0, 0.0), None, drawn.told(ground), LIMITS) == []
    deep = Drawn()
    lane = deep.lane(box(0.0, 0.0, 2.4, 2.5))
    deep.row(BACK_IN, (0.0, 2.5), 0.0, 1, left=True, aisle=lane)
    ground = box(0.0, 0.0, 2.4, 7.8)
    assert faults(ground, box(-9.0, -5.0, 9.0, 0.0), None, deep.told(ground), LIMITS)


def test_the_aisle_across_the_lane_is_not_the_stalls_own() -> None:
    """Two lanes side by side make the width: each stall belongs to the one before it."""
    drawn = good()
    drawn.aisles = [box(5.3, 0.0, 8.05, 60.0), box(8.05, 0.0, 10.8, 60.0)]
    drawn.dead_end_m = [60.0, 60.0]
    west = [shapely.get_coordinates(stall)[:, 0].max() < 6.0 for stall in drawn.stalls]
    drawn.aisle = [0 if one else 1 for one in west]
    assert faults(GROUND, ROAD, None, drawn, LIMITS) == []
    drawn.aisle = [1 if one else 0 for one in west]
    told = faults(GROUND, ROAD, None, drawn, LIMITS)
    assert len(told) == len(west)
    assert all("own aisle" in said for said in told)
    drawn.aisle = [-1] * len(west)
    assert all("own aisle -1" in said for said in faults(GROUND, ROAD, None, drawn, LIMITS))

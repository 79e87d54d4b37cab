"""Roads of a plan as ground: which serve as aisles, which are only a way in, how wide they are."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from shapely import LineString, box

from data.ground_settings import GroundSettings
from tests.data.yard import HOUSE, LINE_IN, YARD, areas, found, same


@pytest.mark.parametrize("strip", [box(0, -5, 100, 0), LineString([(0, -2.5), (100, -2.5)])])
@pytest.mark.parametrize("told", [{}, {"kind": "小区路"}, {"kind": "service"}, {"kind": "某路"}])
def test_road_along_the_outside_is_an_aisle_and_the_ground_reaches_it(
    strip: shapely.Geometry, told: dict[str, Any]
) -> None:
    ground = found(purpose="proposal", roads=[(strip, {**told, "width_m": 5.0})])
    assert same(ground.roads.iloc[0], box(0, -5, 100, 0))
    assert ground.streets.iloc[0].is_empty
    touch = ground.ground.open.iloc[0].buffer(0.01).intersection(ground.roads.iloc[0])
    assert touch.area == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize(
    ("kind", "width"),
    [
        ("城市主干路", 20), ("次干路", 14), ("tertiary", 14), ("支路", 7), ("小区路", 5), ("residential", 5),
        ("消防车道", 4), ("胡同", 3.5), ("不明", 5), (None, 5),
    ],
)  # fmt: skip
def test_road_without_a_width_has_that_of_its_class(kind: str | None, width: float) -> None:
    ground = found(roads=[(LINE_IN, {"kind": kind})])
    both = ground.roads.iloc[0].union(ground.streets.iloc[0])
    assert same(both, box(10, 30 - width / 2, 90, 30 + width / 2))


def test_width_is_that_of_the_road_or_of_its_tag_or_of_the_plan() -> None:
    asked = GroundSettings.from_settings({"ground": {"road_widths_m": {"internal": 6}}})
    rows = [
        ({"kind": "小区路", "width_m": 3.5}, 3.5),
        ({"kind": "service", "extra": {"width": "4.5"}}, 4.5),
        ({"kind": "小区路"}, 6.0),
        ({"kind": "小区路", "width_m": 0.0}, 6.0),
        # A fire lane that is drawn narrower is cleared to what the code asks for.
        ({"kind": "消防车道", "width_m": 3.0}, 4.0),
        ({"kind": "消防车道", "width_m": 5.0}, 5.0),
    ]
    for told, width in rows:
        ground = found(roads=[(LINE_IN, told)], asked=asked)
        assert ground.roads.iloc[0].area == pytest.approx(80 * width, rel=1e-3), told


@pytest.mark.parametrize(
    "kind", ["步行道", "footway", "steps", "cycleway", "pedestrian", "支路（规划）", "rail"]
)
def test_what_no_car_uses_is_no_road(kind: str) -> None:
    ground = found(roads=[(LINE_IN, {"kind": kind, "width_m": 4.0})], buildings=[HOUSE])
    assert ground.no_roads.tolist() == [True]
    assert ground.roads.iloc[0].is_empty
    assert any(note.startswith("无路网数据") for note in ground.notes.iloc[0])
    assert areas(ground)["open_m2"] == 6000 - 480 - 165


def test_ways_for_feet_are_kept_in_a_proposal_alone() -> None:
    walk = [(LINE_IN, {"kind": "footway", "width_m": 2.0})]
    assert "paths" not in areas(found(roads=walk))
    assert areas(found(roads=walk, purpose="proposal"))["paths"] == pytest.approx(160, abs=0.1)


@pytest.mark.parametrize("kind", ["快速路", "主干路", "次干路", "secondary"])
def test_street_is_a_way_in_and_never_an_aisle(kind: str) -> None:
    ground = found(roads=[(LineString([(-50, -10), (150, -10)]), {"kind": kind, "width_m": 20.0})])
    assert ground.roads.iloc[0].is_empty
    assert same(ground.streets.iloc[0], box(-15, -15, 115, 0))
    assert not ground.no_roads.any()


def test_local_road_is_a_street_outside_and_a_way_inside() -> None:
    ground = found(roads=[(LineString([(50, -40), (50, 60)]), {"kind": "支路", "width_m": 6.0})])
    inside, outside = ground.roads.iloc[0], ground.streets.iloc[0]
    assert inside.area == pytest.approx(60 * 6, rel=0.06)
    assert outside.area == pytest.approx(15 * 6, rel=0.2)
    assert areas(ground)["fire_lane"] == pytest.approx(360, abs=1)


def test_ways_that_are_wide_enough_are_fire_lanes_if_the_plan_says_so() -> None:
    rows = [
        (LINE_IN, {"kind": "小区路", "width_m": 4.0}),
        (LineString([(10, 50), (90, 50)]), {"kind": "小区路", "width_m": 3.5}),
    ]
    told = areas(found(roads=rows))
    assert (told["fire_lane"], told["carriageway"]) == (320.0, 280.0)
    told = areas(found(roads=rows, asked=GroundSettings(fire_lanes_inside=False)))
    assert "fire_lane" not in told
    assert told["carriageway"] == 600.0
    marked = [(LINE_IN, {"kind": "消防车道"})]
    ground = found(roads=marked, asked=GroundSettings(fire_lanes_inside=False))
    assert areas(ground)["fire_lane"] == 320.0
    assert ground.fire_lanes.iloc[0].area == pytest.approx(320.0)


def test_tunnels_and_culverts_take_nothing() -> None:
    ground = found(
        roads=[(LINE_IN, {"kind": "service", "extra": {"tunnel": "yes"}})],
        water=[(LINE_IN, {"kind": "河", "extra": {"tunnel": "culvert"}})],
    )
    assert areas(ground) == {"area_m2": 6000.0, "open_m2": 6000.0}


def test_roads_behind_the_wall_of_another_compound_do_not_serve() -> None:
    lane = (LineString([(105, 0), (105, 60)]), {"kind": "小区路", "width_m": 6.0})
    ground = found(compounds=[YARD, box(100, 0, 200, 60)], roads=[lane])
    assert ground.roads.iloc[0].is_empty
    assert ground.no_roads.tolist() == [True, False]


def test_wide_way_inside_gives_a_strip_to_stalls_if_the_plan_lets_it() -> None:
    way = (LINE_IN, {"kind": "小区路", "width_m": 7.0})
    given = found(roads=[way])
    assert given.roads.iloc[0].area == pytest.approx(80 * 4.5)
    assert areas(given)["open_m2"] == pytest.approx(6000 - 80 * 4.5, abs=0.1)
    whole = found(roads=[way], asked=GroundSettings(roadside=False))
    assert whole.roads.iloc[0].area == pytest.approx(80 * 7.0)
    assert found(roads=[(LINE_IN, {"kind": "小区路", "width_m": 6.4})]).roads.iloc[0].area == (
        pytest.approx(80 * 6.4)
    )


def test_strip_is_not_where_a_house_needs_its_setback_nor_on_a_road_outside() -> None:
    houses = [box(10, 34, 90, 40), box(10, 20, 90, 26)]
    between = found(roads=[(LINE_IN, {"kind": "小区路", "width_m": 7.0})], buildings=houses)
    assert between.roads.iloc[0].area == pytest.approx(80 * 7.0)
    outside = (LineString([(0, -3.5), (100, -3.5)]), {"kind": "小区路", "width_m": 7.0})
    assert found(roads=[outside]).roads.iloc[0].area == pytest.approx(700.0, rel=1e-3)

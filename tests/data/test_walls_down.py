"""Members of a 片区 whose shared walls come down: ways lead through, layouts keep to their own ground and come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from data.ground_joining import led_through
from data.ground_settings import GroundSettings
from data.layouts import (
    LAYOUT_LAYERS,
    StallLayout,
    edit_stalls,
    make_layouts,
    open_layout,
    origin_of,
    save_layouts,
    saved_layouts,
)
from data.stall_settings import StallSettings
from data.store import Plan, create_plan
from tests.geo.stall_checker import faults

EAST, NORTH = 503_000.0, 3_300_000.0
WALL_M = 0.4
SOUTH, BACK = box(0, 0, 40, 30), box(0, 30 + WALL_M, 40, 60)
LANE = box(17, -1, 23, 29)
PAIR = np.array([SOUTH, BACK], dtype=object)
NOTHING = np.empty(0, dtype=object)


def drawn(shape: Any) -> Any:
    """Metres from the corner of the town in degrees."""
    moved = shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH]))
    return gpd.GeoSeries([moved], crs=4547).to_crs(4490).iloc[0]


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    """前院 at the road with a lane that ends a metre before its back wall; 后院 behind it has no way of its own."""
    with create_plan(tmp_path / "片区.gpkg", name="片区", actor="张三") as made:
        with made.edit("张三", "录入") as tx:
            own = {"households": 60, "stalls_existing": 20}
            own["pianqu_uid"] = tx.insert("pianqu", [{"name": "东片"}])[0]
            tx.insert(
                "compounds",
                [
                    {"uid": "f", "name": "前院", "geometry": drawn(SOUTH), **own},
                    {"uid": "b", "name": "后院", "geometry": drawn(BACK), **own},
                ],
            )
            houses = [box(2, 14, 13, 28), box(1, 48, 9, 58)]
            tx.insert("buildings", [{"geometry": drawn(one)} for one in houses])
            roads = [box(-20, -7, 60, 0), LANE]
            tx.insert("roads", [{"kind": "小区道路", "geometry": drawn(one)} for one in roads])
        yield made


def laid(plan: Plan, *, together: bool) -> dict[str, StallLayout]:
    return make_layouts(
        {name: plan.read(name) for name in LAYOUT_LAYERS},
        None,
        GroundSettings(),
        StallSettings(effort=0.05, up_to="compound"),
        origin=origin_of(plan),
        together=together,
    )


def test_behind_a_wall_that_stays_there_is_no_way_and_no_stall(plan: Plan) -> None:
    told = laid(plan, together=False)
    assert told["b"].reason.startswith("无路网数据")
    assert told["f"].layout.count > 0
    assert (told["f"].joined, told["b"].joined) == ((), ())


def test_where_the_wall_comes_down_the_way_leads_on_and_each_keeps_to_its_ground(
    plan: Plan,
) -> None:
    told = laid(plan, together=True)
    back, front = told["b"], told["f"]
    assert back.reason == ""
    assert back.layout.count == back.figures.stalls > 0
    assert set(front.joined) == set(back.joined) == {"b", "f"}
    for one in (front, back):
        site = one.site
        assert faults(site.ground, site.roads, site.streets, one.layout, one.limits) == []
        assert {said.state for said in one.verdicts if said.rule == "stalls/min_aisle"} == {"符合"}
    own, other = (
        shapely.union_all([*one.layout.stalls, *one.layout.aisles]) for one in (front, back)
    )
    assert own.intersection(other).area < 0.1
    # Of what was the wall each square metre is counted once.
    both = front.figures.area_m2 + back.figures.area_m2
    assert both == pytest.approx(40 * 60, abs=2)


def test_a_saved_layout_remembers_the_wall_and_takes_stalls_back(plan: Plan) -> None:
    made = laid(plan, together=True)
    save_layouts(plan, made.values(), "李四")
    assert set(saved_layouts(plan, ["b"])[0].joined) == {"f", "b"}
    opened = open_layout(plan, "b")
    assert opened.layout.count == made["b"].layout.count
    assert opened.figures.open_m2 == pytest.approx(made["b"].figures.open_m2, rel=1e-5)
    assert [one.state for one in opened.verdicts] == [one.state for one in made["b"].verdicts]
    rows = plan.read("stalls")
    rows = rows[rows["compound_uid"] == "b"]
    edit_stalls(plan, "b", "李四", remove=[str(rows.index[0])])
    _, reasons = edit_stalls(plan, "b", "李四", add=[rows.geometry.iloc[0].centroid])
    assert reasons == ()
    assert (plan.read("stalls")["compound_uid"] == "b").sum() == len(rows)


def test_without_its_neighbour_a_saved_layout_still_opens(plan: Plan) -> None:
    save_layouts(plan, laid(plan, together=True).values(), "李四")
    with plan.edit("李四", "删小区") as tx:
        tx.delete("compounds", "f", int(tx.read("compounds").loc["f", "version"]))
    assert open_layout(plan, "b").layout.count > 0


def led(way: Any, *walls: Any, pair: Any = PAIR, group: tuple[int, ...] = (0, 0)) -> Any:
    keep_off = np.array(walls, dtype=object) if walls else NOTHING
    ways = np.array([way], dtype=object)
    return led_through(ways, pair, np.array(group), keep_off, gap_m=2.0)[0]


@pytest.mark.parametrize("end", [30.0, 29.0, 28.5])
def test_a_way_that_comes_up_to_the_wall_is_led_through_as_wide_as_it_is(end: float) -> None:
    longer = led(box(17, 0, 23, end))
    assert longer.symmetric_difference(box(17, 0, 23, 30 + WALL_M)).area < 0.3


@pytest.mark.parametrize(
    ("way", "more"),
    [
        (box(17, 0, 23, 26), {}),  # it ends too far from the wall
        (box(17, 0, 23, 30), {"group": (0, 1)}),  # the wall stays
        (box(-9, -6, 49, 0), {}),  # it runs along the other side
        (box(41, 0, 44, 60), {}),  # it lies beside both
    ],
)
def test_other_ways_stay_as_they_are(way: Any, more: dict[str, Any]) -> None:
    assert led(way, **more).equals(way)


def test_no_way_leads_through_a_house() -> None:
    house = box(16, 29.5, 20, 31)
    longer = led(box(17, 0, 23, 29), house)
    assert longer.intersection(house).area < 1e-6
    assert longer.intersection(box(20.1, 30, 22.9, 30.4)).area == pytest.approx(2.8 * 0.4, abs=0.1)

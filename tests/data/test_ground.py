"""From the layers of a plan to open ground: what is taken off by which rule, what belongs to it, what is not known."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from data.ground import ground_of
from data.ground_context import CONTEXT_LAYERS
from data.ground_settings import GROUND_KINDS, GroundSettings
from data.reading.boundaries import read_layers
from data.samples import sample_plan
from errors import RecordError
from geo.crs import to_plane
from policy.ground_rules import ground_rules
from tests.data.yard import HOUSE, LANE, ORIGIN, YARD, areas, found, layer, same
from tests.geo.test_real_stalls import real_layers


def test_kinds_are_those_of_the_rules_in_their_order() -> None:
    assert list(GROUND_KINDS) == [rule.id for rule in ground_rules().deductions]
    columns = list(found(buildings=[HOUSE]).ground.areas.columns)
    assert columns == ["area_m2", *GROUND_KINDS, "open_m2"]
    assert list(GroundSettings().rules) == list(GROUND_KINDS)


def test_capacity_takes_off_house_setback_and_lane_and_no_more() -> None:
    ground = found(buildings=[HOUSE], roads=[(LANE, {"kind": "小区路", "width_m": 5.0})])
    assert areas(ground) == {
        "area_m2": 6000.0, "buildings": 480.0, "setback": 165.0, "fire_lane": 500.0, "open_m2": 4855.0,
    }  # fmt: skip
    assert ground.buildings.tolist() == [1]
    assert not ground.no_roads.any()
    assert same(ground.roads.iloc[0], box(0, 7.5, 100, 12.5))


def test_proposal_keeps_the_wall_and_the_doors_free_too() -> None:
    ground = found(
        purpose="proposal", buildings=[HOUSE], roads=[(LANE, {"kind": "小区路", "width_m": 5.0})]
    )
    told = areas(ground)
    # From the setback of the near long side to the lane.
    assert told["paths"] == pytest.approx(1.5 * (20 - 1.5 - 12.5), abs=0.1)
    # Half a metre along the wall but for the two ends of the lane, with a margin at each.
    assert told["boundary"] == pytest.approx(0.5 * (320 - 2) - 2 * 0.5 * (5 + 2 * 0.8), abs=0.2)
    assert told["open_m2"] < 4855.0


def test_green_stays_by_kind_as_the_plan_says() -> None:
    park, lawn, strip = box(0, 0, 10, 10), box(20, 0, 30, 10), box(40, 0, 50, 10)
    green = [(park, {"kind": "公园"}), (lawn, {"kind": "grass"}), (strip, {"kind": "说不清"})]
    kept = {"all": 300.0, "kept": 200.0, "none": 0.0}
    for choice, area in kept.items():
        ground = found(green=green, asked=GroundSettings(green=choice))
        assert areas(ground).get("green", 0.0) == area
        assert ground.green.iloc[0].area == pytest.approx(300.0)


def test_vacant_land_is_open_even_if_it_is_drawn_as_green_or_as_a_site() -> None:
    rows = {
        "green": [(box(0, 0, 10, 10), {"kind": "荒地"})],
        "sites": [(box(20, 0, 30, 10), {"kind": "拆违腾空地"})],
    }
    assert areas(found(**rows)) == {"area_m2": 6000.0, "open_m2": 6000.0}


def test_water_parking_facilities_and_sites_are_taken_off() -> None:
    told = areas(
        found(
            water=[
                (box(0, 50, 10, 60), {"kind": "池塘"}),
                (LineString([(0, 40), (100, 40)]), {"kind": "沟", "width_m": 2}),
            ],
            parking=[box(80, 0, 100, 10)],
            facilities=[
                (box(50, 0, 60, 10), {"kind": "社区服务站"}),
                (Point(70, 5), {"kind": "公厕"}),
            ],
            sites=[(box(30, 0, 40, 10), {"kind": "养老服务站"})],
            asked=GroundSettings(water_setback_m=0.0),
        )
    )
    assert told == {
        "area_m2": 6000.0, "water": 300.0, "parking": 200.0, "facilities": 200.0, "open_m2": 5300.0,
    }  # fmt: skip
    assert areas(found(water=[box(20, 20, 30, 30)]))["water"] == 144.0


def test_parking_that_is_laid_out_anew_is_open_and_paved() -> None:
    ground = found(
        parking=[box(80, 0, 120, 10)],
        roads=[(box(0, 0, 20, 20), {"kind": "广场"})],
        asked=GroundSettings(parking_stays=False),
    )
    assert areas(ground) == {"area_m2": 6000.0, "open_m2": 6000.0}
    assert same(ground.paved.iloc[0], box(80, 0, 100, 10).union(box(0, 0, 20, 20)))
    assert ground.roads.iloc[0].is_empty


def test_compound_without_buildings_says_so_unless_it_is_known_to_be_bare() -> None:
    plain = found(roads=[(LANE, {"kind": "小区路"})])
    assert plain.buildings.tolist() == [0]
    assert not plain.bare.any()
    assert plain.notes.iloc[0][0].startswith("没有建筑数据")
    assert found(bare_ground=True).bare.all()
    assert found(compounds=[(YARD, {"kind": "空地"})]).bare.all()
    built = found(buildings=[HOUSE], bare_ground=True)
    assert not built.bare.any()


def test_few_buildings_are_no_ground_to_rely_on_unless_the_planner_says_so() -> None:
    shed = box(20, 20, 40, 32)
    few = found(buildings=[shed])
    assert few.unreliable.iloc[0] == few.notes.iloc[0][0]
    assert few.notes.iloc[0][0].startswith(
        "建筑数据不全：只画出 1 栋，每公顷 1.7 栋，建筑密度 4.0%，不到 5%；"
    )
    assert not few.bare.any()
    assert found(buildings=[HOUSE]).unreliable.tolist() == [""]
    assert any("多半不全" in note for note in found(buildings=[HOUSE]).notes.iloc[0])
    lower = GroundSettings.from_settings({"ground": {"least_built_share": 0.01}})
    assert found(buildings=[shed], asked=lower).unreliable.tolist() == [""]
    assert found(buildings=[shed], bare_ground=True).unreliable.tolist() == [""]
    assert found(compounds=[(YARD, {"kind": "空地"})], buildings=[shed]).unreliable.tolist() == [""]
    assert found(compounds=[YARD, None], buildings=[HOUSE]).unreliable.tolist() == ["", ""]
    assert found(buildings=[]).unreliable.iloc[0].startswith("没有建筑数据")


def test_house_across_the_wall_counts_and_a_shared_wall_does_not() -> None:
    ground = found(
        compounds=[YARD, box(100, 0, 200, 60)],
        buildings=[box(90, 20, 120, 32), box(100, 40, 120, 52), box(300, 0, 310, 10)],
    )
    assert ground.buildings.tolist() == [1, 2]
    assert areas(ground, 0)["buildings"] == 120.0
    assert areas(ground, 1)["buildings"] == 480.0


def test_walls_within_a_pianqu_are_taken_down() -> None:
    compounds = [YARD, box(101.5, 0, 200, 60), box(203.5, 0, 300, 60), box(302, 0, 400, 60)]
    lane = (LineString([(103.5, 0), (103.5, 60)]), {"kind": "小区路", "width_m": 4.0})
    parcel = (box(0, 61, 50, 90), {"kind": "空地"})
    far = (box(0, 95, 50, 99), {"kind": "空地"})
    together = pd.Series({"c0": "甲", "c1": "甲", "c2": "乙"})
    asked: dict[str, Any] = {"compounds": compounds, "roads": [lane], "sites": [parcel, far]}
    ground = found(together=together, purpose="proposal", **asked)
    # The strip between the first two and the parcel beside the first go to the first; 3.5 m is too far.
    assert ground.compounds.area.tolist() == pytest.approx(
        [6000 + 90 + 50 * 29, 98.5 * 60, 96.5 * 60, 98 * 60], abs=2
    )
    # A lane that runs along the wall does not come up to it.
    assert ground.roads.iloc[0].area == pytest.approx(240, abs=1)
    assert ground.no_roads.tolist() == [False, False, True, True]
    apart = found(purpose="proposal", **asked)
    assert apart.compounds.area.tolist() == pytest.approx(
        [6000, 98.5 * 60, 96.5 * 60, 98 * 60], abs=0.1
    )
    # Along the wall that is gone no distance is kept.
    joint = shapely.transform(box(99, 20, 101, 40), lambda xy: xy + ORIGIN)
    assert ground.ground.open.iloc[0].intersection(joint).area == pytest.approx(40, abs=0.5)
    assert apart.ground.open.iloc[0].intersection(joint).area == pytest.approx(10, abs=0.5)


def test_order_of_rows_and_of_uids_does_not_matter() -> None:
    layers = dict(sample_plan("city:30:2").layers)
    turned = {name: frame.iloc[::-1] for name, frame in layers.items()}
    label = pd.Series("一", index=layers["compounds"].index[:8])
    plain = ground_of(layers, None, GroundSettings(), purpose="proposal", together=label)
    other = ground_of(turned, None, GroundSettings(), purpose="proposal", together=label[::-1])
    index = plain.ground.areas.index
    assert other.ground.areas.index.tolist() == index[::-1].tolist()
    pd.testing.assert_frame_equal(other.ground.areas.loc[index], plain.ground.areas, atol=0.01)
    assert np.allclose(other.roads.loc[index].area, plain.roads.area, atol=0.01)
    some = ground_of(
        layers, list(index[[12, 3]]), GroundSettings(), purpose="proposal", epsg=plain.epsg
    )
    alone = ground_of(layers, None, GroundSettings(), purpose="proposal")
    pd.testing.assert_frame_equal(
        some.ground.areas, alone.ground.areas.loc[index[[12, 3]]], atol=0.01
    )


def test_ground_of_a_made_up_city_adds_up_and_a_proposal_has_less() -> None:
    layers = sample_plan("city:40:1").layers
    told: list[float] = []
    most = ground_of(layers, None, GroundSettings(), purpose="capacity", progress=told.append)
    less = ground_of(layers, None, GroundSettings(), purpose="proposal", with_shapes=True)
    for ground in (most, less):
        table = ground.ground.areas
        assert np.allclose(table.drop(columns="area_m2").sum(axis=1), table["area_m2"], rtol=1e-6)
        assert np.allclose(table["open_m2"], ground.ground.open.area, rtol=1e-5)
    assert (less.ground.areas["open_m2"] < most.ground.areas["open_m2"]).all()
    assert (most.ground.areas[["paths", "boundary"]] == 0).all(axis=None)
    assert (
        less.ground.open.area - less.ground.open.intersection(most.ground.open).area < 0.01
    ).all()
    assert less.ground.taken is not None
    assert set(less.ground.taken["kind"]) <= set(GROUND_KINDS)
    assert not most.no_roads.any()
    assert (most.buildings == layers["compounds"]["building_count"]).all()
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    "outline",
    [
        None,
        Polygon([(0, 0), (100, 60), (100, 0), (0, 60)]),
        box(0, 0, 100, 0.8),
        Point(50, 30).buffer(40, quad_segs=2_500),
    ],
    ids=["missing", "bow-tie", "thin", "10000 corners"],
)
def test_odd_outlines_give_a_clear_result(outline: shapely.Geometry | None) -> None:
    rows: dict[str, Any] = {
        "compounds": [outline, box(500, 0, 600, 60)],
        "buildings": [HOUSE, Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])],
        "roads": [(LANE, {"kind": "小区路"}), (LineString(), {}), (None, {})],
    }
    for purpose in ("capacity", "proposal"):
        ground = found(purpose=purpose, **rows)
        table = ground.ground.areas.fillna(0.0)
        assert np.allclose(table.drop(columns="area_m2").sum(axis=1), table["area_m2"], rtol=1e-6)
    if outline is None:
        assert ground.notes.iloc[0] == ("没有边界，算不出空地。请先导入或绘制边界。",)
        assert ground.ground.areas.iloc[0].isna().all()
    if outline is not None and not outline.is_valid:
        assert any("自相交" in note for note in ground.notes.iloc[0])


def test_plan_without_any_other_layer_has_its_notes() -> None:
    frames = {"compounds": layer("compounds", YARD)}
    ground = ground_of(frames, None, GroundSettings(), purpose="proposal")
    assert [note[:5] for note in ground.notes.iloc[0]] == ["没有建筑数", "无路网数据", "计划里没有"]


def test_unknown_compounds_and_repeated_ones_are_refused() -> None:
    with pytest.raises(RecordError, match=r"没有标识码为“无”的小区.*\n.*写了两次"):
        found(uids=["无", "c0", "c0"])


def test_houses_without_a_way_to_a_road_are_named() -> None:
    shut = box(15, 15, 65, 37).difference(box(17, 17, 63, 35))
    houses = [(HOUSE, {"name": "3号楼"}), (shut, {"name": None}), box(70, 20, 90, 30)]
    road = [(LANE, {"kind": "小区路", "width_m": 5.0})]
    notes = found(buildings=houses, roads=road, purpose="proposal").notes.iloc[0]
    assert "到道路留不出入户通道，没有为它留：3号楼。请核对道路，或补画步行道。" in notes
    for asked in ({"purpose": "capacity"}, {"asked": GroundSettings(doorways=False)}):
        quiet = found(buildings=houses, roads=road, **{"purpose": "proposal", **asked})
        assert not any("入户" in note for note in quiet.notes.iloc[0])
    nameless = [HOUSE, shut]
    told = found(buildings=nameless, roads=road, purpose="proposal").notes.iloc[0][-1]
    assert "1 栋没有名称的建筑" in told
    gone = found(buildings=nameless, purpose="proposal").notes.iloc[0]
    assert not any("入户" in note for note in gone)


def test_ten_thousand_teeth_of_an_outline_cost_little_and_reach_no_farther() -> None:
    turn = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    reach = 100 + np.random.default_rng(1).uniform(-1, 1, len(turn))
    teeth = Polygon(np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]))
    smooth = Point(0, 0).buffer(100, quad_segs=30)
    roads = [
        (LineString([(-90, 0), (90, 0)]), {"kind": "小区路", "width_m": 5.0}),
        (LineString([(-200, 110), (200, 110)]), {"kind": "支路", "width_m": 6.0}),
        (LineString([(-200, -135), (200, -135)]), {"kind": "支路", "width_m": 6.0}),
    ]
    start = time.process_time()
    told, plain = (
        found(compounds=[one], buildings=[HOUSE], roads=roads) for one in (teeth, smooth)
    )
    # Half a minute, if a mitre is made for each tooth.
    assert time.process_time() - start < 5.0
    assert told.roads.area.iloc[0] == pytest.approx(plain.roads.area.iloc[0], rel=0.01)
    assert told.streets.area.iloc[0] == pytest.approx(plain.streets.area.iloc[0], rel=0.1)
    assert told.streets.iloc[0].bounds[1] > plain.streets.iloc[0].bounds[1] - 0.1
    assert told.no_roads.tolist() == plain.no_roads.tolist() == [False]


def test_settings_survive_the_plan_and_refuse_nonsense() -> None:
    asked = GroundSettings(setback_m=2.0, green="kept", roadside=False)
    held = {"ground": asked.to_settings()}
    assert GroundSettings.from_settings(held) == asked
    assert hash(GroundSettings.from_settings(held)) == hash(asked)
    assert GroundSettings.from_settings({}) == GroundSettings()
    assert "建筑退距 2 米" in asked.words
    wrong = {
        "setback_m": -1, "green": "some", "roadside": 1, "fire_lane_m": float("nan"),
        "road_widths_m": {"internal": 0}, "least_built_share": 1.5,
    }  # fmt: skip
    with pytest.raises(RecordError) as refused:
        GroundSettings.from_settings({"ground": wrong})
    assert len(refused.value.problems) == len(wrong)
    with pytest.raises(RecordError, match="键: 值"):
        GroundSettings.from_settings({"ground": [1]})


@pytest.mark.realdata
def test_ground_of_wangjing_is_plausible() -> None:
    path = Path(os.environ["PIANQU_GEODATA"]) / "beijing_wangjing.gpkg"
    frames = {
        name: one.frame
        for name, one in read_layers(path).items()
        if name in ("compounds", *CONTEXT_LAYERS)
    }
    third = frames["compounds"]["name"] == "望京西园三区"
    uid = frames["compounds"].index[third][0]
    ground = ground_of(frames, [uid], GroundSettings(), purpose="capacity")
    told = ground.ground.areas.loc[uid]
    assert told["area_m2"] == pytest.approx(179_031, abs=5)
    assert told["buildings"] == pytest.approx(42_171, abs=20)
    assert told["open_m2"] == pytest.approx(104_700, rel=0.02)
    assert ground.buildings[uid] == 25
    assert not ground.no_roads[uid]
    every = ground_of(frames, None, GroundSettings(), purpose="capacity")
    assert every.no_roads.sum() == 3
    assert to_plane(frames["compounds"].geometry, every.epsg).area.sum() == pytest.approx(
        every.ground.areas["area_m2"].sum(), rel=1e-9
    )


@pytest.mark.realdata
def test_blocks_of_nanjing_with_hardly_a_building_give_no_figure() -> None:
    found = ground_of(real_layers("nanjing"), None, GroundSettings(), purpose="capacity")
    few = found.unreliable[found.unreliable.str.startswith("建筑数据不全")]
    assert list(few.index) == ["compounds-8", "compounds-9"]
    assert "只画出 1 栋，每公顷 0.024 栋，建筑密度 0.1%" in few["compounds-8"]

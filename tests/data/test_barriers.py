"""Which roads, waters and drawn lines of a plan cut neighbours off, and which passages lead across."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from data.barriers import (
    BARRIER_KINDS,
    ROAD_CLASSES,
    BarrierSettings,
    barriers_of,
    neighbourhood_of,
)
from data.reading.boundaries import read_layers
from data.samples import sample_plan
from data.samples.plan import layer_frame
from data.store import create_plan
from errors import PolicyError, RecordError
from geo.adjacency import neighbourhood
from geo.crs import plan_zone, to_plane
from geo.edges import edges_of, gaps_m
from policy.barrier_rules import barrier_rules

EPSG = 4546  # zone 37, 111° E
LINE = LineString([(111.0, 23.0), (111.0, 23.01)])
# About 10 m wide and 1.1 km long; and a square of 200 m.
STRIP = box(111.0, 23.0, 111.0001, 23.01)
SQUARE = box(111.0, 23.0, 111.002, 23.002)


def layer(name: str, *rows: dict[str, Any]) -> gpd.GeoDataFrame:
    columns = {
        key: [row.get(key) for row in rows]
        for key in ("kind", "name", *(["width_m"] if name == "roads" else []))
    }
    shapes = [row.get("shape", LINE) for row in rows]
    extra = [row.get("extra", {}) for row in rows]
    uids = [f"{name[0]}{k}" for k in range(len(rows))]
    return layer_frame(name, uids, columns, gpd.GeoSeries(shapes, crs=4490), extra=extra)


def told(name: str, row: dict[str, Any], **settings: Any) -> str | None:
    """Kind of barrier that a row is, ``opening``, or None."""
    barriers, openings = barriers_of(
        {name: layer(name, row)}, BarrierSettings(**settings), epsg=EPSG
    )
    assert len(barriers) + len(openings) <= 1
    return "opening" if len(openings) else next(iter(barriers["kind"]), None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"kind": "快速路"}, "main_road"),
        ({"kind": "城市主干路"}, "main_road"),
        ({"kind": "主干路", "width_m": 12.0}, "main_road"),
        ({"kind": "次干路"}, "main_road"),
        ({"kind": "次干路", "width_m": 16.0}, None),
        ({"kind": "次干路", "width_m": 24.0}, "main_road"),
        ({"kind": "支路", "width_m": 24.0}, None),
        ({"kind": "小区路"}, None),
        ({"kind": "motorway_link"}, "main_road"),
        ({"kind": "trunk"}, "main_road"),
        ({"kind": "primary"}, "main_road"),
        ({"kind": "secondary_link"}, "main_road"),
        ({"kind": "tertiary"}, "main_road"),
        ({"kind": "residential"}, None),
        ({"kind": "footway"}, None),
        ({}, None),
        ({"width_m": 19.9}, None),
        ({"width_m": 20.0}, "main_road"),
        ({"kind": "某某道", "extra": {"width": "40"}}, "main_road"),
        ({"kind": "primary", "extra": {"tunnel": "yes"}}, None),
        ({"kind": "primary", "extra": {"tunnel": "no"}}, "main_road"),
        ({"kind": "primary", "extra": {"bridge": "yes"}}, "main_road"),
        ({"kind": "footway", "extra": {"bridge": "yes"}}, "opening"),
        ({"kind": "residential", "extra": {"tunnel": "yes"}}, "opening"),
        ({"kind": "人行过街天桥"}, "opening"),
        ({"kind": "地下通道"}, "opening"),
        ({"kind": "规划主干路"}, None),
        ({"kind": "rail"}, "railway"),
        ({"kind": "铁路"}, "railway"),
        ({"kind": "地铁"}, None),
        ({"kind": "subway"}, None),
    ],
)
def test_roads_are_told_by_class_and_by_width_where_the_class_is_unknown(row, expected) -> None:
    assert told("roads", row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"kind": "河流"}, "river"),
        ({"kind": "river", "shape": STRIP}, "river"),
        ({"kind": "canal"}, "river"),
        ({"kind": "池塘", "shape": SQUARE}, None),
        ({"kind": "pond", "shape": STRIP}, None),
        ({"kind": "reservoir", "shape": SQUARE}, None),
        ({"kind": "排水沟"}, None),
        ({"kind": "stream", "extra": {"width": 8}}, "river"),
        ({"kind": "渠道", "shape": STRIP}, "river"),
        ({"kind": "water", "shape": STRIP}, "river"),
        ({"kind": "water", "shape": SQUARE}, None),
        ({"shape": SQUARE}, None),
        ({}, "river"),
        ({"kind": "river", "extra": {"tunnel": "culvert"}}, None),
    ],
)
def test_rivers_are_told_by_kind_form_and_width_and_a_pond_is_none(row, expected) -> None:
    assert told("water", row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "other"),
        ({"kind": "陡坎"}, "other"),
        ({"kind": "city_wall"}, "other"),
        ({"shape": SQUARE}, "other"),
        ({"shape": Point(111, 23)}, None),
        ({"kind": "fence"}, None),
        ({"kind": "围墙"}, None),
        ({"kind": "铁路"}, "railway"),
        ({"kind": "主干路"}, "main_road"),
        ({"kind": "河"}, "river"),
        ({"kind": "gate", "shape": Point(111, 23)}, "opening"),
        ({"kind": "小区大门", "shape": Point(111, 23)}, "opening"),
        ({"kind": "过街天桥"}, "opening"),
        ({"kind": "bollard", "shape": Point(111, 23)}, None),
    ],
)
def test_what_planners_draw_is_told_by_its_kind(row, expected) -> None:
    assert told("barriers", row) == expected


def test_each_kind_and_class_can_be_switched() -> None:
    assert told("roads", {"kind": "主干路"}, kinds=("river",)) is None
    assert told("barriers", {"kind": "围墙"}, kinds=("wall",)) == "wall"
    assert told("roads", {"kind": "次干路"}, road_classes=("express", "arterial")) is None
    # Of unknown class it still goes by its width.
    assert told("roads", {"width_m": 30.0}, road_classes=()) == "main_road"
    assert told("roads", {"width_m": 30.0}, min_road_width_m=40.0) is None
    assert told("water", {"kind": "water", "shape": STRIP}, min_river_width_m=15.0) is None
    assert told("barriers", {"kind": "gate", "shape": Point(111, 23)}, openings=False) is None


def test_barriers_carry_label_name_layer_and_lie_in_the_plane() -> None:
    layers = {
        "roads": layer("roads", {"kind": "主干路", "name": "人民路"}, {"kind": "支路"}),
        "water": layer("water", {"kind": "河流", "shape": STRIP}),
        "barriers": layer("barriers", {"shape": None}, {"shape": Polygon()}),
    }
    barriers, openings = barriers_of(layers, BarrierSettings(), epsg=EPSG)
    assert barriers.index.tolist() == ["r0", "w0"]
    assert barriers["kind"].tolist() == ["main_road", "river"]
    assert barriers["name"].tolist() == ["人民路", None]
    assert barriers["layer"].tolist() == ["roads", "water"]
    assert (barriers.crs, openings.crs) == (EPSG, EPSG)
    # At its central meridian, 0 ° east of which the false easting is 500 km.
    assert barriers.loc["r0"].geometry.bounds[0] == pytest.approx(500_000, abs=0.01)


def test_a_plan_without_such_layers_has_none_and_they_can_be_asked_for_all_the_same() -> None:
    barriers, openings = barriers_of({}, BarrierSettings(), epsg=EPSG)
    assert (len(barriers), len(openings)) == (0, 0)
    homes = gpd.GeoSeries([box(0, 0, 50, 50), box(60, 0, 90, 50)], crs=EPSG)
    found = neighbourhood(homes, barriers=barriers, openings=openings)
    assert (len(found.pairs), len(found.blocked)) == (1, 0)


def test_main_roads_and_the_river_of_the_city_cut_and_its_streets_do_not() -> None:
    made = sample_plan("city:400:1").layers
    shapes = made["compounds"].geometry
    epsg = plan_zone(shapes).epsg
    barriers, openings = barriers_of(made, BarrierSettings(), epsg=epsg)
    found = neighbourhood(
        to_plane(shapes, epsg), max_gap_m=60.0, barriers=barriers, openings=openings
    )
    assert set(found.blocked["kind"]) == {"main_road"}
    # Superblocks are parted by main roads of 28 m and more; across them no pair is left.
    roads = barriers.geometry[barriers["kind"] == "main_road"].union_all()
    plane = to_plane(shapes, epsg)
    ways = plane[found.pairs["i"]].shortest_line(plane[found.pairs["j"]], align=False)
    assert not ways.intersects(roads).any()
    assert found.blocked["gap_m"].min() >= 28.0 - 1e-6


def test_settings_are_kept_in_the_plan_and_undone(tmp_path: Path) -> None:
    changed = BarrierSettings(kinds=("river", "wall"), min_road_width_m=30.0, openings=False)
    with create_plan(tmp_path / "a.gpkg", name="甲", actor="甲") as plan:
        assert BarrierSettings.from_settings(plan.settings()) == BarrierSettings()
        with plan.edit("甲", "改阻隔") as tx:
            tx.set_setting("barriers", changed.to_settings())
        assert BarrierSettings.from_settings(plan.settings()) == changed
        plan.undo("甲")
        assert BarrierSettings.from_settings(plan.settings()) == BarrierSettings()


@pytest.mark.parametrize(
    "held",
    [
        {"kinds": ["moat"]},
        {"kinds": "river"},
        {"road_classes": ["any"]},
        {"min_road_width_m": -1},
        {"min_road_width_m": "wide"},
        {"opening_reach_m": True},
        {"opening_reach_m": float("nan")},
        {"openings": 1},
        [],
        "none",
    ],
)
def test_settings_that_make_no_sense_are_refused_in_chinese(held) -> None:
    with pytest.raises(RecordError, match="阻隔设置"):
        BarrierSettings.from_settings({"barriers": held})


def test_all_problems_of_a_setting_are_named_at_once() -> None:
    with pytest.raises(RecordError) as refused:
        BarrierSettings.from_settings({"barriers": {"kinds": ["moat"], "opening_reach_m": -1}})
    assert "moat" in str(refused.value)
    assert "opening_reach_m" in str(refused.value)


def test_settings_are_told_in_words() -> None:
    assert BarrierSettings(kinds=()).words == "不计阻隔"
    narrow = BarrierSettings(kinds=("main_road",), road_classes=(), openings=False)
    assert narrow.words == "阻隔：主干道（宽 20 米以上）；不计天桥等通道"


def test_starting_values_say_where_they_come_from() -> None:
    rules = barrier_rules()
    assert set(BARRIER_KINDS) == {"main_road", "river", "railway", "wall", "other"}
    assert list(ROAD_CLASSES.values()) == ["快速路", "主干路", "次干路"]
    # No source plan says anything of barriers: nothing here may look as if one did.
    assert {figure.source for figure in rules.figures.values()} == {"tool"}
    assert {figure.confidence for figure in rules.figures.values()} == {"低"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("counts: true, by_width", "counts: 是, by_width", "true 或 false"),
        ("value: 20", "value: 约20", "0 或更大"),
        ("confidence: 低, text: 不知", "confidence: 很低, text: 不知", "高、中、低"),
        ("- 支路\n", "- 次干路\n", "写了两次"),
        ("source: tool, clause: null", "source: 某文, clause: null", "文件"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(tmp_path: Path, before, after, says) -> None:
    text = Path("policy/standards/barriers.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "barriers.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=says):
        barrier_rules(path)


# --- real data -------------------------------------------------------------------------------------

MAIN_ROADS = ("trunk", "primary", "secondary", "tertiary")


def free_way(one: Any, other: Any, roads: Any, most_m: float) -> bool:
    """Look for a straight way between two boundaries that meets no road, 2 m by 2 m."""
    ends = [
        shapely.get_coordinates(shapely.segmentize(shape, 2.0).boundary) for shape in (one, other)
    ]
    near = np.argwhere(np.hypot(*(ends[0][:, None] - ends[1][None]).transpose(2, 0, 1)) <= most_m)
    ways = shapely.linestrings(np.stack([ends[0][near[:, 0]], ends[1][near[:, 1]]], axis=1))
    return bool((~shapely.intersects(ways, roads)).any())


@pytest.mark.realdata
@pytest.mark.parametrize("gap_m", [30.0, 80.0, 150.0])
def test_no_pair_of_wangjing_crosses_a_road_like_wangjing_street(gap_m) -> None:
    path = Path(os.environ["PIANQU_GEODATA"]) / "beijing_wangjing.gpkg"
    layers = {name: layer.frame for name, layer in read_layers(path).items()}
    shapes = layers["compounds"].geometry
    epsg = plan_zone(shapes).epsg
    settings = BarrierSettings(openings=False)
    found = neighbourhood_of(shapes, layers, settings, max_gap_m=gap_m)
    # Read apart from all that this tool makes of the file.
    raw = gpd.read_file(path, layer="roads").to_crs(epsg)
    roads = raw.geometry[raw["highway"].isin(MAIN_ROADS)].union_all()
    plane = to_plane(shapes, epsg)
    for i, j in zip(found.pairs["i"], found.pairs["j"], strict=True):
        nested = plane[i].intersection(plane[j]).area > 100
        assert nested or free_way(plane[i], plane[j], roads, gap_m)
    assert len(found.blocked)
    for i, j in zip(found.blocked["i"], found.blocked["j"], strict=True):
        assert not free_way(plane[i].buffer(-5), plane[j].buffer(-5), roads, gap_m)
    assert gap_m < 80 or "望京街" in set(found.blocked["name"])


@pytest.mark.realdata
def test_gaps_of_real_boundaries_are_the_exact_distances() -> None:
    path = Path(os.environ["PIANQU_GEODATA"]) / "hangzhou_shaoxing.gpkg"
    shapes = gpd.read_file(path, layer="compounds").to_crs(4549).geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=300.0)
    half = first < second
    first, second = first[half], second[half]
    exact = shapely.distance(shapes[first], shapes[second])
    found = gaps_m(first, second, edges_of(shapes), 300.0)
    assert len(found) > 5_000
    np.testing.assert_allclose(found, exact, atol=1e-8)

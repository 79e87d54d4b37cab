"""What is taken off the ground, and what roads and green of all sorts of names are taken for."""

from pathlib import Path

import pytest

from errors import PolicyError
from policy.ground_rules import ground_rules


def test_deductions_come_in_their_order_with_their_figures() -> None:
    rules = ground_rules()
    assert [one.title for one in rules.deductions] == [
        "建筑", "建筑退距", "消防车道", "车行道", "入户通道", "保留绿地", "水面", "现有停车",
        "服务设施", "边界退距",
    ]  # fmt: skip
    named = {one.figure for one in rules.deductions} - {None}
    assert named == {"setback_m", "fire_lane_m", "doorway_path_m", "boundary_setback_m"}


def test_figures_of_clauses_are_those_of_the_standards() -> None:
    figures = ground_rules().figures
    seen = {name: (figures[name].value, figures[name].clause) for name in figures}
    assert seen["fire_lane_m"] == (4.0, "7.1.8")
    assert seen["fire_lane_to_wall_m"] == (5.0, "7.1.8(4)")
    assert seen["lot_setback_m"] == (6.0, "4.2.1")
    assert seen["dead_end_m"] == (40.0, "3.4.5")
    assert seen["turning_place_m"] == (12.0, "7.1.9")
    assert seen["project_fire_lane_m"][0] == 5.0
    assert (figures["setback_m"].source, figures["setback_m"].confidence) == ("tool", "低")


@pytest.mark.parametrize(
    ("kind", "road"),
    [
        ("primary", "arterial"),
        ("城市次干路", "collector"),
        ("支路", "local"),
        ("service", "internal"),
        ("居住区道路", "internal"),
        ("消防通道", "fire"),
        ("footway", "foot"),
        ("人行便道", "foot"),
        ("pedestrian", "foot"),
        ("规划次干路", "none"),
        ("construction", "none"),
        ("某路", "unknown"),
        ("footbridge?", "unknown"),
        (None, "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_a_road_is_told_by_its_kind(kind, road) -> None:
    assert ground_rules().road(kind).id == road


def test_cars_go_where_they_may_and_streets_are_no_aisles() -> None:
    roads = ground_rules().roads
    assert {one.id for one in roads.values() if not one.drivable} == {"foot", "none"}
    assert {one.id for one in roads.values() if one.public} == {"express", "arterial", "collector"}
    assert roads["unknown"].drivable
    assert not roads["unknown"].public


def test_green_is_kept_unless_it_is_of_a_kind_that_may_go() -> None:
    may_go = ground_rules().green_may_go
    assert [may_go(kind) for kind in ("grass", "绿化带", "门球场")] == [True, True, True]
    assert [may_go(kind) for kind in ("park", "街头花园", "古树", "某绿地", None)] == [False] * 5


def test_vacant_parcels_are_those_of_the_document() -> None:
    rules = ground_rules()
    assert rules.vacant.cited == "〔柳政规〔2022〕3号 二(六)〕"
    assert all(rules.is_vacant(kind) for kind in ("空地", "荒地", "拆违腾空地", "brownfield"))
    assert not any(rules.is_vacant(kind) for kind in ("公园", "grass", None))
    assert rules.is_paved("小广场")
    assert not rules.is_paved("草坪")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("figure: setback_m", "figure: setback", "figure 是 'setback'"),
        ("drivable: true", "drivable: 可", "true 或 false"),
        ("  lane: [巷, ", "  lane: [支路, ", "写了两次"),
        ("    - 苗圃", "    - 草坪", "写了两次"),
        ('clause: "7.1.8"', "clause: null", "写章节"),
        ("  lane: [", "  alleys: [", "缺少 lane"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(tmp_path: Path, before, after, says) -> None:
    text = Path("policy/standards/ground.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "ground.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=says):
        ground_rules(path)

"""A layout is held against each rule at its limit, just under it and just over it."""

from dataclasses import replace

import pytest

from policy.stall_judging import LayoutFacts, judge_layout

GOOD = LayoutFacts(
    count=200,
    accessible=1,
    charging=20,
    aisle_m=3.0,
    fire_clear_m=4.0,
    accessible_aisle_m=1.2,
    largest_group=50,
    group_gap_m=6.0,
    lot_to_building_m=6.0,
    roadside_to_wall_m=1.5,
    dead_end_m=40.0,
    unpaved_share=0.30,
    green_lost_m2=0.0,
    lot_m2_per_stall=25.0,
    roadside_m2_per_stall=20.0,
)


def states(facts: LayoutFacts, **limits: float) -> dict[str, str]:
    return {one.rule: one.state for one in judge_layout(facts, limits=limits)}


def test_a_layout_at_every_limit_holds() -> None:
    said = judge_layout(GOOD)
    assert {one.state for one in said} == {"符合"}
    assert len({one.rule for one in said}) == len(said) == 14


@pytest.mark.parametrize(
    ("changed", "rule", "state"),
    [
        ({"aisle_m": 2.98}, "stalls/min_aisle", "不符合"),
        ({"aisle_m": None}, "stalls/min_aisle", "需论证"),
        ({"fire_clear_m": 3.9}, "stalls/fire_clearance", "不符合"),
        ({"fire_clear_m": float("nan")}, "stalls/fire_clearance", "需论证"),
        ({"accessible": 0}, "stalls/accessible", "不符合"),
        ({"count": 201}, "stalls/accessible", "不符合"),
        ({"accessible_aisle_m": 1.1}, "stalls/accessible_aisle", "不符合"),
        ({"largest_group": 51}, "stalls/group_size", "需论证"),
        ({"group_gap_m": 5.9}, "stalls/group_gap", "需论证"),
        ({"lot_to_building_m": 5.9}, "stalls/lot_to_building", "需论证"),
        ({"roadside_to_wall_m": 1.4}, "stalls/roadside_to_wall", "需论证"),
        ({"dead_end_m": 40.1}, "stalls/dead_end", "需论证"),
        ({"unpaved_share": 0.299}, "stalls/unpaved_share", "需论证"),
        ({"green_lost_m2": 1.0}, "stalls/green", "需论证"),
        ({"lot_m2_per_stall": 31.0}, "stalls/lot_ground", "需论证"),
        ({"charging": 19}, "stalls/charging", "需论证"),
    ],
)
def test_one_thing_beyond_its_limit_changes_one_verdict(changed, rule, state) -> None:
    found = states(replace(GOOD, **changed))
    assert found.pop(rule) == state
    assert set(found.values()) - {"符合"} <= ({"需论证"} if "count" in changed else set())


def test_what_a_layout_does_not_have_is_not_judged() -> None:
    found = states(LayoutFacts(count=5, accessible=1, charging=1, aisle_m=5.5, fire_clear_m=4.0))
    assert set(found) == {
        "stalls/min_aisle",
        "stalls/fire_clearance",
        "stalls/accessible",
        "stalls/accessible_aisle",
        "stalls/charging",
    }
    assert judge_layout(LayoutFacts(count=0)) == ()


def test_the_plan_s_own_limit_holds_and_is_said_to_be_its_own() -> None:
    assert states(GOOD, unpaved_share=0.4)["stalls/unpaved_share"] == "需论证"
    said = {one.rule: one for one in judge_layout(GOOD, limits={"unpaved_share": 0.25})}
    assert said["stalls/unpaved_share"].state == "符合"
    assert "计划取值" in said["stalls/unpaved_share"].limit


def test_each_verdict_cites_a_document_and_the_tool_cites_itself() -> None:
    said = {one.rule: one.clause for one in judge_layout(GOOD)}
    assert said["stalls/min_aisle"] == "〔JGJ 100-2015 4.3.4〕"
    assert said["stalls/fire_clearance"] == "〔GB 50016-2014（2018年版） 7.1.8〕"
    assert said["stalls/accessible"] == "〔GB 50763-2012 7.3.3〕"
    assert said["stalls/green"].endswith("九(三)〕")
    assert said["stalls/unpaved_share"] == "〔软件取值 空地留绿〕"


def test_green_that_is_given_up_asks_for_opinions_by_its_area() -> None:
    said = judge_layout(replace(GOOD, green_lost_m2=1234.4))
    green = next(one for one in said if one.rule == "stalls/green")
    assert green.found == "1,234 ㎡"
    assert "需征求意见" in green.message


def test_a_small_layout_still_has_one_accessible_stall() -> None:
    assert states(replace(GOOD, count=3, accessible=0))["stalls/accessible"] == "不符合"

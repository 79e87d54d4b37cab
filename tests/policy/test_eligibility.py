"""Scenarios in words (eligibility_scenarios.yaml): day before, of and after each limit, cap, facts."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from errors import PolicyError
from policy.judging import judge
from policy.profiles import Value, profiles
from policy.reader import read_rules
from tests.policy.eligibility_cases import COLUMNS, TODAY, changed, compounds

SCENARIOS = read_rules(Path(__file__).parent / "eligibility_scenarios.yaml")
DATED = [name for name, profile in profiles().items() if "build_date" in profile.rules]


def named(key):
    return pytest.mark.parametrize(
        "case", SCENARIOS[key], ids=[f"{c.get('方案', '')}{c['说明']}" for c in SCENARIOS[key]]
    )


def verdict_of(case, rule):
    profile = changed(case["方案"], rule, case.get("改为"))
    row = {
        "built_on": case.get("建成"),
        "built_on_is_year": case.get("仅知年份", False),
        "households": 100,
        "kind": case.get("类型", "老旧小区"),
        "extra": case.get("填写"),
    }
    return judge(compounds([row]), profile, today=TODAY).rule_rows(rule).verdict(0)


@named("建成日期")
def test_day_of_completion(case) -> None:
    verdict = verdict_of(case, "build_date")
    assert verdict.state == case["结论"]
    assert case["话里有"] in verdict.message
    assert verdict.message.endswith("。")
    assert verdict.clause.startswith("〔")


@named("改了的年限")
def test_limits_changed_by_the_planner(case) -> None:
    verdict = verdict_of(case, "build_date")
    assert (verdict.state, verdict.rule) == (case["结论"], "own-1/build_date")
    assert case["话里有"] in verdict.message


@named("情况")
def test_conditions(case) -> None:
    verdict = verdict_of(case, case["规则"])
    assert verdict.state == case["结论"]
    assert case["话里有"] in verdict.message


@named("名额")
def test_cap(case) -> None:
    by = case.get("计", "户数")
    profile = changed("yangjiang-2021", "build_date", {"late_counted_by": by})
    rows = [
        {"built_on": year and f"{year}-06-30", COLUMNS.get(by, "households"): amount}
        for year, amount in case["任务"]
    ]
    cap = judge(compounds(rows), profile, today=TODAY).cap
    verdict = cap.verdict
    assert (verdict.state, verdict.found) == (case["结论"], case["占"])
    assert (cap.more, cap.more_within) == (case["可增"], case["总量不变可增"])
    assert case.get("话里有", "") in verdict.message
    assert by in verdict.limit


@pytest.mark.parametrize("case", SCENARIOS["对照"], ids=lambda case: case["建成"])
def test_one_compound_under_several_profiles_side_by_side(case) -> None:
    frame = compounds([{"built_on": case["建成"], "households": 10}])
    states = {
        name: judge(frame, profiles()[name], today=TODAY).rule_rows("build_date").verdict(0).state
        for name in case["结论"]
    }
    assert states == case["结论"]


@pytest.mark.parametrize("name", DATED)
def test_every_limit_has_the_day_before_the_day_of_and_the_day_after(name) -> None:
    rule = profiles()[name].rules["build_date"]
    told = {case["建成"] for case in SCENARIOS["建成日期"] if case["方案"] == name}
    limits = [rule.get("limit"), rule.get("late_limit")]
    days = {
        (limit + dt.timedelta(days=shift)).isoformat()
        for limit in limits
        if limit is not None
        for shift in (-1, 0, 1)
    }
    assert days <= told


def test_a_condition_on_what_is_no_fact_is_refused() -> None:
    profile = profiles()["chuxiong-2020"]
    rule = profile.rules["not_urban_village"]
    for wrong, why in [("urban", "没有“urban”"), ("tenure", "不是填“是”或“否”")]:
        figures = dict(rule.values, fact=Value(value=wrong, unit="文字"))
        bad = replace(rule, values=figures)
        with pytest.raises(PolicyError, match=why):
            judge(compounds([{}]), replace(profile, rules={rule.name: bad}))


@pytest.mark.parametrize(
    ("wanted", "answer", "state"),
    [
        (True, "是", "需论证"),
        (True, "否", "不符合"),
        (False, "是", "需论证"),
        (False, "否", "符合"),
    ],
)
def test_blank_years_matter_only_to_what_has_been_so(wanted, answer, state) -> None:
    profile = profiles()["city-pilot"]
    rule = profile.rules["not_renovated"]
    figures = dict(rule.values, wanted=Value(value=wanted, unit="是否"))
    profile = replace(profile, rules={rule.name: replace(rule, values=figures)})
    frame = compounds([{"extra": {"已实施综合改造": answer}}])
    verdict = judge(frame, profile).rule_rows(rule.name).verdict(0)
    assert verdict.state == state
    assert ("原文留空，无法判断" in verdict.message) is (answer == "是")


def test_every_fact_that_a_profile_asks_for_is_a_flag() -> None:
    # judge() refuses others, whatever the frame holds.
    for profile in profiles().values():
        judge(compounds([]), profile, today=TODAY)


def test_a_frame_without_the_columns_is_unknown_throughout() -> None:
    frame = pd.DataFrame(index=pd.Index(["甲"], dtype=object))
    judgement = judge(frame, profiles()["yangjiang-2021"], today=TODAY)
    assert set(judgement.overall()) == {"需论证"}

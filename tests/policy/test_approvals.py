from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from errors import PolicyError
from policy.approvals import approvals, shortcuts
from policy.facts import fact, facts
from policy.profiles import Value, profiles
from policy.reader import STANDARDS, read_rules

SCENARIOS = read_rules(Path(__file__).with_name("programme_scenarios.yaml"))["approvals"]
PILOT = profiles()["city-pilot"]
CLAUSE = "〔实用5篇·篇三（市级试点） (二)优化审批流程〕"


def row(**held: object) -> pd.Series:
    words = {True: "是", False: "否"}
    extra = {fact(key).title: words[value] for key, value in held.items() if value is not None}
    return pd.Series({"extra": extra}, name="c")


def decided(profile=PILOT, **held: object) -> dict:
    return {one.id: one for one in approvals(row(**held), profile)}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[s["name"] for s in SCENARIOS])
def test_approvals_in_words(scenario) -> None:
    found = approvals(pd.Series({"extra": scenario["facts"]}, name="c"), PILOT)
    wanted = {key: state for key, state in scenario.items() if key not in ("name", "facts")}
    assert {one.id: one.state for one in found} == wanted


def test_each_decision_has_its_clause_and_a_whole_sentence() -> None:
    for scenario in SCENARIOS:
        for one in approvals(pd.Series({"extra": scenario["facts"]}, name="c"), PILOT):
            assert one.clause == CLAUSE
            assert one.why.endswith("。")


def test_unknown_facts_are_named_and_only_those() -> None:
    found = decided(ownership_unchanged=True, land_use_unchanged=True, government_funded=True)
    assert found["eia"].unknown == ("对环境影响小",)
    assert "未填写对环境影响小" in found["eia"].why
    assert found["works_permit"].unknown == ("不涉及建筑主体结构变动", "低风险项目")
    assert found["proposal"].unknown == ("已列入国家年度计划",)


def test_a_fact_against_it_settles_the_matter_though_others_are_unknown() -> None:
    found = decided(land_use_unchanged=False, government_funded=True, in_national_plan=False)
    assert found["eia"].state == "需要"
    assert "（“不改变用地性质”、“企业或居民自筹”为否）" in found["eia"].why
    assert found["eia"].unknown == ()


def test_the_doubt_about_self_funded_works_on_the_structure_is_told() -> None:
    found = decided(self_funded=True, structure_unchanged=False)
    assert "但“不涉及建筑主体结构变动”为否，请与审批部门确认" in found["drawing_review"].why


def test_both_kinds_of_money_at_once_are_told_as_a_mistake() -> None:
    found = decided(self_funded=True, government_funded=True)
    assert "两者只能有一个，请改正" in found["proposal"].why


def test_a_plan_without_short_cuts_needs_everything_and_says_why() -> None:
    found = decided(profiles()["yuncheng-2024"], self_funded=True)
    assert {one.state for one in found.values()} == {"需要"}
    assert "按一般程序办理" in found["eia"].why


def test_a_copy_may_do_without_a_short_cut() -> None:
    rule = PILOT.rules["approvals"]
    fewer = rule.get("shortcuts")[:2]
    changed = replace(rule, values={"shortcuts": Value(value=fewer, unit="列表")})
    profile = replace(PILOT, rules={**PILOT.rules, "approvals": changed})
    found = decided(profile, self_funded=True, in_national_plan=True)
    assert found["proposal"].state == "需要"
    assert found["eia"].state == "需论证"


def test_a_short_cut_that_is_not_known_is_refused_with_those_that_are() -> None:
    rule = PILOT.rules["approvals"]
    changed = replace(rule, values={"shortcuts": Value(value=("免检",), unit="列表")})
    profile = replace(PILOT, rules={"approvals": changed})
    with pytest.raises(
        PolicyError, match=r"city-pilot/approvals.*免检.*可用的有：不涉及土地权属变化"
    ):
        decided(profile)


def test_short_cuts_name_facts_that_there_are_and_the_plan_names_them_all() -> None:
    assert {key for one in shortcuts().values() for key in one.when} <= set(facts())
    assert PILOT.rules["approvals"].get("shortcuts") == tuple(shortcuts())


@pytest.mark.parametrize("known", [*product([True, None, False], repeat=3)])
def test_learning_a_fact_never_turns_a_settled_decision_round(known) -> None:
    """What is 不需要 or 需要 with facts unknown stays so for every way of filling them in."""
    keys = ("ownership_unchanged", "land_use_unchanged", "impact_small")
    held = dict(zip(keys, known, strict=True)) | {"government_funded": True}
    before = decided(**held, in_national_plan=False)["eia"].state
    if before == "需论证":
        return
    blanks = [key for key in keys if held[key] is None]
    for filled in product([True, False], repeat=len(blanks)):
        after = held | dict(zip(blanks, filled, strict=True))
        assert decided(**after, in_national_plan=False)["eia"].state == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("effect: 合并办理", "effect: 打折", "effect 是“打折”，只能是：不需要、合并办理"),
        ("procedures: [works_permit", "procedures: [works_licence", "不认识的 works_licence"),
        ("when: [self_funded]", "when: [rich]", "没有“rich”这一项"),
        ("    whole: true\n", "", "缺少 whole"),
        ("checked_on: 2026-11-21", "checked_on: 昨天", "checked_on 应是日期"),
    ],
)
def test_a_malformed_file_is_refused_with_file_and_key(tmp_path, old, new, message) -> None:
    good = (STANDARDS / "approvals.yaml").read_text(encoding="utf-8")
    assert old in good
    path = tmp_path / "approvals.yaml"
    path.write_text(good.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError, match=message):
        shortcuts(path)

"""A planner's own profile: a copy with changes that says in what it differs, and never takes others down."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import PolicyError
from policy.own_rules import (
    OWN_RULES,
    damaged_profiles,
    differences,
    find_profile,
    known_profiles,
    own_profile,
    plain_changes,
)
from policy.profiles import check_figures, profiles
from policy.rule_kinds import KINDS
from policy.rule_units import plain_value
from tests.policy.test_rule_units import VALUES


def copy(changes=None, parent="liuzhou-2022", key="own-1"):
    return own_profile(key, {"title": "我市方案", "parent": parent, "changes": changes or {}})


def refused(changes, parent="liuzhou-2022"):
    with pytest.raises(PolicyError) as caught:
        copy(changes, parent)
    assert str(caught.value).startswith("我市方案 own-1：")
    return str(caught.value)


def test_an_unchanged_copy_has_the_parent_s_rules_under_its_own_ids():
    mine, parent = copy(), profiles()["liuzhou-2022"]
    assert (mine.parent, mine.document, differences(mine)) == (parent.id, parent.document, [])
    assert list(mine.rules) == list(parent.rules)
    assert {rule.id for rule in mine.rules.values()} == {f"own-1/{name}" for name in parent.rules}
    assert plain_changes(mine) == {}


def test_source_plans_differ_from_nothing():
    for plan in profiles().values():
        assert (differences(plan), plain_changes(plan)) == ([], {})


def test_a_changed_value_is_read_by_its_unit_and_told_with_its_reason():
    mine = copy({"notice": {"values": {"workdays": 7}, "why": "常务会议定"}})
    assert mine.rules["notice"].get("workdays") == 7
    (one,) = differences(mine)
    assert (one.rule, one.title, one.value, one.label) == (
        "notice",
        "初步改造方案公示",
        "workdays",
        "公示时间",
    )
    assert (one.before, one.after, one.why) == ("5 工作日", "7 工作日", "常务会议定")
    assert mine.rules["notice"].clause == "〔柳政规〔2022〕3号 三(一)4〕"


def test_the_parent_is_not_changed_by_its_copy():
    before = profiles()["liuzhou-2022"].rules["notice"].get("workdays")
    copy({"notice": {"values": {"workdays": 7}}})
    assert profiles()["liuzhou-2022"].rules["notice"].get("workdays") == before == 5


def test_a_blank_of_the_source_can_be_filled_in():
    mine = copy({"not_renovated": {"values": {"years": 5}}}, "city-pilot")
    (one,) = differences(mine)
    assert (one.label, one.before, one.after) == ("年数", "原文留空", "5 年")


def test_a_figure_that_the_kind_allows_can_be_added():
    mine = copy({"build_date": {"values": {"late_share": "15%", "late_counted_by": "户数"}}})
    assert [(one.label, one.before, one.after) for one in differences(mine)] == [
        ("放宽部分上限", "无", "15.0%"),
        ("上限按什么计", "无", "户数"),
    ]


def test_a_dropped_rule_is_gone_and_told_with_its_reason():
    mine = copy({"min_share": {"dropped": True, "why": "市财政兜底"}})
    assert "min_share" not in mine.rules
    (one,) = differences(mine)
    assert (one.title, one.label, one.before, one.after, one.why) == (
        "居民和企业出资比例",
        "整条规则",
        "适用",
        "不适用",
        "市财政兜底",
    )
    assert plain_changes(mine) == {"min_share": {"dropped": True, "why": "市财政兜底"}}


def test_a_copy_can_name_its_own_paper():
    changes = {
        "min_share": {
            "values": {"share": "25%"},
            "document": "市政府常务会议纪要〔2026〕8号",
            "section": "第三条",
            "why": "会议定",
        }
    }
    mine = copy(changes)
    assert mine.rules["min_share"].clause == "〔市政府常务会议纪要〔2026〕8号 第三条〕"
    assert [(one.label, one.before, one.after) for one in differences(mine)] == [
        ("最低比例", "20.0%", "25.0%"),
        ("依据", "〔柳政规〔2022〕3号 四(三)〕", "〔市政府常务会议纪要〔2026〕8号 第三条〕"),
    ]
    assert plain_changes(mine)["min_share"]["document"] == "市政府常务会议纪要〔2026〕8号"
    assert copy(plain_changes(mine)) == mine


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"min_share": {"values": {"share": "250%"}}}, "min_share.share 是 250%，比例应在 0 到 1 之间"),
        ({"min_share": {"values": {"share": "两成"}}}, "应写成 2/3、0.15 或 20% 的样子"),
        ({"min_share": {"values": {"shares": "25%"}}}, "没有“shares”这一项，可改的有：payers、share"),
        ({"min_share": {"values": ["25%"]}}, "min_share.values 应是“项: 值”"),
        ({"min_share": {"value": {"share": "25%"}}}, "有不认识的键 value，可用的键是：values"),
        ({"min_share": {"values": {"payers": ["lottery"]}}}, "有不认识的资金来源 lottery"),
        ({"min_share": {"dropped": "yes"}}, "min_share.dropped 是 'yes'，应写成 true 或 false"),
        ({"min_share": {"why": 3}}, "min_share.why 应是文字"),
        ({"min_share": {"document": "纪要"}}, "要同时写文件 document 和章节 section"),
        ({"min_share": {"document": "", "section": "一"}}, "min_share.document 应是文字"),
        ({"min_share": "25%"}, "min_share 应是“键: 值”"),
        ({"max_share": {}}, "“柳州市2022年方案”里没有规则 max_share"),
        ({"build_date": {"values": {"limit": "2099-01-01"}}}, "不在 1949—2060 年之间，请核对年份"),
        ({"build_date": {"values": {"limit": "2006-12-31"}}}, "放宽期限 2005-12-31 应晚于建成期限"),
        ({"build_date": {"values": {"late_counted_by": "人数"}}}, "只能是：户数、小区数、建筑面积"),
        ({"consent": {"values": {"voters": "租户"}}}, "只能是：业主、居民"),
        (["min_share"], "changes 应是“规则名: 改动”"),
    ],
)  # fmt: skip
def test_a_change_that_does_not_fit_is_refused_with_what_would_be_right(changes, says):
    assert says in refused(changes)


def test_payments_of_a_copy_must_add_up_too():
    paid = [{"when": "验收", "share": "95%"}]
    says = refused({"payment": {"values": {"schedule": paid}}}, "litong-parking")
    assert "各次拨付合计 95.0%，应为 100%" in says


@pytest.mark.parametrize("parent", ["liuzhou", None, 3, ["liuzhou-2022"], "own-2"])
def test_an_unknown_parent_is_refused_with_those_that_there_are(parent):
    assert "这个规则方案可以复制，可选：chuxiong-2020、" in refused({}, parent)


@pytest.mark.parametrize("key", ["", " ", "a/b", "liuzhou-2022"])
def test_an_id_that_would_be_mistaken_for_another_is_refused(key):
    with pytest.raises(PolicyError, match="编号不能为空"):
        copy(key=key)


GOOD = {"title": "我市方案", "parent": "liuzhou-2022", "changes": {}}
BAD = [
    {"title": "我市方案", "parent": "liuzhou-1922", "changes": {}},
    {"title": "我市方案", "parent": "liuzhou-2022"},
    {"title": "我市方案", "parent": "liuzhou-2022", "changes": {"min_share": {"values": {"share": 9}}}},
    {"title": "", "parent": "liuzhou-2022", "changes": {}},
    "liuzhou-2022",
    None,
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_damaged_copy_is_left_out_and_reported_and_the_others_stand(bad):
    settings_of_plan = {OWN_RULES: {"own-1": bad, "own-2": GOOD}}
    assert set(known_profiles(settings_of_plan)) == {*profiles(), "own-2"}
    (problem,) = damaged_profiles(settings_of_plan).items()
    assert problem[0] == "own-1"
    assert problem[1].startswith("我市方案 own-1")
    assert find_profile("own-2", settings_of_plan).title == "我市方案"
    with pytest.raises(PolicyError, match=r"我市方案 own-1.*改正之前请先选用其他规则方案"):
        find_profile("own-1", settings_of_plan)


@pytest.mark.parametrize("setting", ["own-1", ["own-1"], 3])
def test_a_setting_that_is_no_list_of_copies_is_reported_and_the_source_plans_stand(setting):
    assert set(known_profiles({OWN_RULES: setting})) == set(profiles())
    assert damaged_profiles({OWN_RULES: setting}) == {
        OWN_RULES: "计划文件里的我市方案无法读取，请重新建立。"
    }


@pytest.mark.parametrize("nothing", [{}, {OWN_RULES: None}, {OWN_RULES: {}}])
def test_a_plan_without_copies_has_the_source_plans_and_nothing_to_report(nothing):
    assert known_profiles(nothing) == dict(profiles())
    assert damaged_profiles(nothing) == {}


def test_an_unknown_profile_is_refused_with_those_that_there_are():
    with pytest.raises(PolicyError, match="没有“own-9”这个规则方案。可选：chuxiong-2020、"):
        find_profile("own-9", {OWN_RULES: {"own-1": GOOD}})


def raw_values(kind, name):
    """What a figure may be changed to; also to nothing, where it is no choice."""
    choices = KINDS[kind].choices.get(name)
    return st.sampled_from(choices) if choices else st.none() | VALUES[KINDS[kind].units[name]]


@st.composite
def changed(draw):
    """A source plan, and changes to some of its rules as the page would keep them."""
    parent = profiles()[draw(st.sampled_from(sorted(profiles())))]
    names = draw(st.lists(st.sampled_from(sorted(parent.rules)), max_size=4, unique=True))
    changes = {}
    for name in names:
        rule = parent.rules[name]
        units = KINDS[rule.kind].units
        keys = draw(st.lists(st.sampled_from(sorted(units)), unique=True)) if units else []
        values = {key: plain_value(draw(raw_values(rule.kind, key))) for key in keys}
        change = {"values": values, "why": draw(st.sampled_from(["", "会议定"]))}
        if draw(st.booleans()):
            change |= {"document": "会议纪要", "section": "第一条"}
        changes[name] = {"dropped": True} if draw(st.booleans()) else change
    return parent.id, changes


def fits(changes, parent):
    try:
        return copy(changes, parent)
    except PolicyError as err:
        assert "放宽" in str(err)  # dates that cannot be together
        return None


@given(changed())
@settings(max_examples=200)
def test_a_copy_is_the_same_after_its_changes_went_through_json(case):
    parent, changes = case
    mine = fits(json.loads(json.dumps(changes)), parent)
    if mine is None:
        return
    kept = json.loads(json.dumps(plain_changes(mine), ensure_ascii=False))
    assert copy(kept, parent) == mine
    told = {one.rule for one in differences(mine)}
    assert told <= set(kept)
    assert told >= set(mine.dropped)


def test_every_value_of_every_source_plan_survives_being_written_as_a_change():
    for plan in profiles().values():
        changes = {
            name: {"values": {key: plain_value(v.value) for key, v in rule.values.items()}}
            for name, rule in plan.rules.items()
        }
        mine = copy(json.loads(json.dumps(changes, ensure_ascii=False)), plan.id)
        assert differences(mine) == []
        assert {name: replace(rule, id="") for name, rule in mine.rules.items()} == {
            name: replace(rule, id="") for name, rule in plan.rules.items()
        }


def test_figures_that_cannot_be_together_are_refused_in_both_doors():
    rule = profiles()["liuzhou-2022"].rules["build_date"]
    late = replace(rule.values["late_limit"], value=rule.get("limit"))
    with pytest.raises(PolicyError, match="应晚于建成期限"):
        check_figures(replace(rule, values={**rule.values, "late_limit": late}), where="例")

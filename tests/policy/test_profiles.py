"""The source plans as profiles: figures as in the documents, and a reader that lets nothing doubtful pass."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
import yaml

from errors import PolicyError
from policy.build_bands import build_limits
from policy.catalogue import rules_titles
from policy.documents import documents
from policy.profiles import PLANS, profiles, read_profile
from policy.rule_kinds import KINDS

ALL = [rule for plan in profiles().values() for rule in plan.rules.values()]
SECTIONS = {
    "yuncheng-2024": "一二三四五六附",
    "yangjiang-2021": "一二三四五六七八九附",
    "chuxiong-2020": "一二三四五六七八",
    "liuzhou-2022": "一二三四五六附",
}

PLAN = """
title: 试验方案
region: 某市
document: liuzhou-2022
checked_on: 2026-11-21
rules:
  build_date:
    kind: build_date
    title: 建成时间
    section: 一(一)
    text: 2000年底前建成。
    values:
      limit: {value: 2000-12-31, unit: 日期}
      limit_included: {value: true, unit: 是否}
  payment:
    kind: payment
    title: 拨付
    section: 四
    text: 按进度拨付。
    values:
      schedule: {value: [{when: 验收, share: 100%}], unit: 拨付}
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "try-2026.yaml"
        path.write_text(text, encoding="utf-8")
        return read_profile(path)

    return read_text


def rule(key):
    plan, _, name = key.partition("/")
    return profiles()[plan].rules[name]


def test_a_profile_is_read_with_ids_clauses_and_defaults(read):
    plan = read(PLAN)
    built = plan.rules["build_date"]
    assert (plan.id, built.id, built.clause) == (
        "try-2026",
        "try-2026/build_date",
        "〔柳政规〔2022〕3号 一(一)〕",
    )
    assert (built.group, built.judged, built.checked_on) == ("准入", True, dt.date(2026, 11, 21))
    assert built.values["limit"].text == "2000年12月31日"
    assert plan.one("payment").get("schedule")[0].share == 1
    assert plan.one("notice") is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("unit: 日期}", "unit: 年}", "build_date.values.limit.unit 是“年”，这一项的单位应是“日期”"),
        (
            "unit: 日期}",
            "unit: 公里}",
            "build_date.values.limit.unit 是“公里”，这一项的单位应是“日期”",
        ),
        (
            "kind: build_date",
            "kind: birthday",
            "build_date.kind 是“birthday”，可用的是：build_date、",
        ),
        ("kind: build_date", "kind: [build_date]", "build_date.kind 应是文字"),
        ("section: 一(一)", "sections: 一(一)", "build_date 缺少 section，请补上"),
        ("    section: 一(一)\n", "", "build_date 缺少 section，请补上"),
        ("section: 一(一)", "section: ''", "build_date.section 应是文字"),
        (
            "    title: 建成时间",
            "    title: 建成时间\n    colour: 红",
            "有不认识的键 colour，可用的键是：kind",
        ),
        ("    title: 建成时间", "    title: 甲\n    title: 乙", "第 10 行的键 title 重复"),
        ("document: liuzhou-2022\n", "", "try-2026.yaml 缺少 document，请补上"),
        ("liuzhou-2022", "liuzhou-2023", "没有登记文件“liuzhou-2023”，可用的有：yuncheng-2024"),
        ("    section: 四", "    document: nowhere\n    section: 四", "没有登记文件“nowhere”"),
        ("    section: 四", "    document: [a]\n    section: 四", "payment.document 应是文字"),
        ("checked_on: 2026-11-21", "checked_on: 2026-02-30", "第 5 行的日期不存在：2026-02-30"),
        ("checked_on: 2026-11-21", "checked_on: '2026-11-21'", "checked_on 应是日期"),
        ("checked_on: 2026-11-21", "checked_on: 2099-01-01", "checked_on 的日期 2099-01-01 不在"),
        (
            "2000-12-31, unit",
            "2099-12-31, unit",
            "limit 的日期 2099-12-31 不在 1949—2060 年之间，请核对年份",
        ),
        (
            "2000-12-31, unit",
            "2000-12-32, unit",
            "第 13 行的日期不存在：2000-12-32，请写成 2000-12-31 的样子",
        ),
        (
            "limit_included: {value: true, unit: 是否}",
            "limit_incl: {value: true, unit: 是否}",
            "缺少 limit_included",
        ),
        ("value: true, unit: 是否", "value: 是, unit: 是否", "应写成 true 或 false 的样子"),
        ("value: true, unit: 是否", "value: true", "limit_included 缺少 unit"),
        ("share: 100%", "share: 90%", "schedule 各次拨付合计 90.0%，应为 100%"),
        (
            "    kind: payment",
            "    kind: payment\n    group: 别的",
            "group 是“别的”，可用的是：准入、表决",
        ),
        ("  payment:", "  Payment-1:", "规则名应由小写字母、数字和下划线组成"),
        ("  payment:", "  2020:", "的键 2020 不是文字"),
        ("title: 试验方案", "title: 2024", "title 应是文字"),
    ],
)
def test_a_doubtful_profile_is_refused_with_file_key_and_what_would_be_right(read, old, new, says):
    assert old in PLAN
    with pytest.raises(PolicyError) as caught:
        read(PLAN.replace(old, new, 1))
    assert says in str(caught.value)
    assert "try-2026.yaml" in str(caught.value) or "没有登记文件" in str(caught.value)


def test_a_choice_outside_the_list_is_refused(read):
    late = "late_limit: {value: 2005-12-31, unit: 日期}\n      late_counted_by: {value: 人数, unit: 文字}"
    with pytest.raises(
        PolicyError, match="late_counted_by 是“人数”，只能是：户数、小区数、建筑面积"
    ):
        read(PLAN.replace("limit_included", f"{late}\n      limit_included"))


def test_a_late_limit_before_the_limit_is_refused(read):
    late = "late_limit: {value: 1999-12-31, unit: 日期}"
    with pytest.raises(PolicyError, match="放宽期限 1999-12-31 应晚于建成期限 2000-12-31"):
        read(PLAN.replace("limit_included", f"{late}\n      limit_included"))


def test_a_late_share_without_a_late_limit_is_refused(read):
    late = "late_share: {value: 15%, unit: 比例}"
    with pytest.raises(PolicyError, match="没有放宽期限 late_limit"):
        read(PLAN.replace("limit_included", f"{late}\n      limit_included"))


@pytest.mark.parametrize("rules", ["rules: []", "rules: {}", "rules: 甲"])
def test_a_profile_without_rules_is_refused(read, rules):
    head = PLAN.partition("rules:")[0]
    with pytest.raises(PolicyError, match="rules 应是“规则名: 内容”，至少一条"):
        read(head + rules)


def test_every_rule_has_a_source_and_says_what_it_asks():
    for each in ALL:
        assert each.document in documents(), each.id
        assert each.section.strip() and each.title.strip() and each.text.endswith("。"), each.id
        assert each.checked_on >= dt.date(2026, 11, 1), each.id


def test_sections_of_the_numbered_plans_begin_with_a_number_of_theirs():
    for plan, numbers in SECTIONS.items():
        for each in profiles()[plan].rules.values():
            assert each.section[0] in numbers, each.id


def test_no_two_rules_of_a_plan_share_a_title():
    for plan in profiles().values():
        titles = [each.title for each in plan.rules.values()]
        assert len(set(titles)) == len(titles), plan.id


def test_the_same_name_is_of_the_same_kind_in_every_plan():
    kinds: dict[str, set[str]] = {}
    for each in ALL:
        kinds.setdefault(each.name, set()).add(each.kind)
    either = {"goals", "assessment", "schedule"}
    assert {
        name: found for name, found in kinds.items() if len(found) > 1 and name not in either
    } == {}


def test_no_kind_is_left_unused():
    assert {each.kind for each in ALL} == set(KINDS)


def test_plans_with_a_list_of_works_have_its_classes():
    assert {plan.id for plan in profiles().values() if plan.one("works_list")} == set(
        rules_titles()
    )


YEAR_2000, YEAR_2005 = dt.date(2000, 12, 31), dt.date(2005, 12, 31)
TWO_THIRDS, THREE_QUARTERS = Fraction(2, 3), Fraction(3, 4)


@pytest.mark.parametrize(
    ("key", "figures"),
    [
        ("yuncheng-2024/task", {"compounds": 5, "households": 1061, "buildings": 65}),
        ("yuncheng-2024/task", {"floor_area": 84500, "investment": 5_150_000}),
        ("yuncheng-2024/monthly_report", {"by_day": None}),
        ("chuxiong-2020/build_date", {"limit": dt.date(2000, 1, 1), "limit_included": False}),
        ("chuxiong-2020/build_date", {"late_limit": None, "late_share": None}),
        ("chuxiong-2020/works_list", {"closed": True}),
        ("chuxiong-2020/consent_first", {"round": 1, "voters": "居民", "approve_of": "全体"}),
        ("chuxiong-2020/consent_first", {"approve_owners": TWO_THIRDS, "strictly": False}),
        ("chuxiong-2020/consent_first", {"approve_area": None, "quorum_owners": None}),
        ("chuxiong-2020/consent_second", {"round": 2, "approve_owners": TWO_THIRDS}),
        ("chuxiong-2020/notice_first", {"workdays": None, "round": 1}),
        ("chuxiong-2020/notice", {"workdays": 5, "round": 2}),
        ("chuxiong-2020/min_contribution", {"per_household": 1000}),
        ("chuxiong-2020/min_contribution", {"per_low_income_household": 500}),
        ("yangjiang-2021/build_date", {"limit": YEAR_2000, "limit_included": True}),
        ("yangjiang-2021/build_date", {"late_limit": YEAR_2005, "late_share": Fraction(15, 100)}),
        ("yangjiang-2021/build_date", {"late_counted_by": "户数"}),
        ("yangjiang-2021/works_items", {"items": 25}),
        ("yangjiang-2021/pilots", {"least": 3}),
        ("yangjiang-2021/base_survey", {"compounds": None, "households": None}),
        ("liuzhou-2022/build_date", {"limit": YEAR_2000, "limit_included": True}),
        ("liuzhou-2022/build_date", {"late_limit": YEAR_2005, "late_share": None}),
        ("liuzhou-2022/consent", {"round": 1, "voters": "业主", "approve_of": "参与者"}),
        ("liuzhou-2022/consent", {"quorum_owners": TWO_THIRDS, "quorum_area": TWO_THIRDS}),
        ("liuzhou-2022/consent", {"approve_owners": THREE_QUARTERS, "strictly": False}),
        ("liuzhou-2022/consent", {"approve_area": THREE_QUARTERS}),
        ("liuzhou-2022/notice", {"workdays": 5}),
        ("liuzhou-2022/deadline", {"by": (10, 31)}),
        ("liuzhou-2022/min_share", {"share": Fraction(1, 5)}),
        ("liuzhou-2022/bundling", {"non_adjacent": True}),
        ("city-pilot/not_renovated", {"fact": "renovated", "wanted": False, "years": None}),
        ("city-pilot/deadline_start", {"by": None}),
        ("school-works/facility_site", {"site_area": 7225}),
        ("litong-parking/monthly_report", {"by_day": 25}),
        ("litong-parking/fire_lanes", {"width": 5}),
    ],
)
def test_figures_are_those_of_the_documents(key, figures):
    assert {name: rule(key).get(name) for name in figures} == figures


def test_chuxiong_sets_itself_two_hundred_compounds():
    targets = rule("chuxiong-2020/targets").get("targets")
    assert [(t.years, t.compounds) for t in targets] == [
        ((2019, 2019), 9),
        ((2020, 2020), 79),
        ((2021, 2022), 112),
    ]


def test_litong_pays_in_four_parts():
    paid = rule("litong-parking/payment").get("schedule")
    shares = [Fraction(3, 10), Fraction(3, 10), Fraction(3, 10), Fraction(1, 10)]
    assert [(step.when, step.progress, step.months, step.payer) for step in paid] == [
        ("进度", Fraction(1, 2), None, ""),
        ("进度", Fraction(4, 5), None, "业主自筹"),
        ("验收", None, None, ""),
        ("质保", None, 12, ""),
    ]
    assert [step.share for step in paid] == shares


def test_litong_s_stated_total_lacks_exactly_one_compound():
    budgets = rule("litong-parking/budgets")
    rows = {figure.name: figure.amount for figure in budgets.get("amounts")}
    assert (sum(rows.values()), budgets.get("total")) == (19_288_000, 16_268_000)
    assert sum(rows.values()) - budgets.get("total") == rows["金塔小区"] == 3_020_000
    parts = rule("litong-parking/budgets_jinhuayuan")
    assert sum(figure.amount for figure in parts.get("amounts")) == parts.get("total")
    assert parts.get("total") == rows["金花园小区"]


def test_dongguan_s_parcels_less_the_overlap_are_what_is_to_be_renewed():
    parcels = rule("sanjiu-dongguan/parcels")
    certified = sum(figure.amount for figure in parcels.get("certificates"))
    assert certified == 166_218
    assert certified - parcels.get("overlap") == parcels.get("net") == 151_575


def test_yuncheng_s_ledger_states_the_sums_of_its_grants():
    grants = {f.name: f.amount for f in rule("yuncheng-2024/ledger_totals").get("grants")}
    assert grants["中央财政补助资金"] + grants["省级专项资金"] == grants["合计补助"] == 4_650_000


def test_bands_of_build_years_are_drawn_at_the_limits_of_the_profiles():
    drawn = {(each.document, each.section, each.last_day) for each in build_limits()}
    day = dt.timedelta(days=1)
    ruled = set()
    for plan in profiles().values():
        for each in plan.of_kind("build_date"):
            last = each.get("limit") if each.get("limit_included") else each.get("limit") - day
            ends = [last, *filter(None, [each.get("late_limit")])]
            ruled |= {(each.document, each.section, end) for end in ends}
    assert drawn == ruled


def test_files_hold_plain_yaml_without_anchors():
    for path in sorted(PLANS.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert not [token for token in yaml.scan(text) if isinstance(token, yaml.AnchorToken)]

"""Values of rules: read strictly, written for the page, and the same again after a trip through JSON."""

from __future__ import annotations

import datetime as dt
import json
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import PolicyError
from policy.profiles import profiles
from policy.rule_kinds import GROUPS, KINDS, value_title
from policy.rule_scalars import EXAMPLES
from policy.rule_units import (
    UNITS,
    Figure,
    Instalment,
    Step,
    Target,
    plain_value,
    read_value,
    value_text,
)

PAID = [
    {"when": "进度", "progress": "50%", "share": "30%"},
    {"when": "进度", "progress": "80%", "share": "30%", "payer": "业主自筹"},
    {"when": "验收", "share": "30%"},
    {"when": "质保", "months": 12, "share": "10%"},
]


def refused(raw, unit):
    with pytest.raises(PolicyError) as caught:
        read_value(raw, unit, where="例.yaml：build_date.limit")
    assert str(caught.value).startswith("例.yaml：build_date.limit")
    return str(caught.value)


def test_a_unit_outside_the_list_is_refused_with_the_list():
    assert "可用的是：日期、月日" in refused(5, "公里")


@pytest.mark.parametrize("unit", list(UNITS))
def test_each_unit_says_how_to_write_it(unit):
    assert EXAMPLES[unit]
    assert UNITS[unit].example in refused(object(), unit)


@pytest.mark.parametrize("unit", list(UNITS))
def test_a_blank_of_the_source_is_read_as_unknown_in_every_unit(unit):
    assert read_value(None, unit, where="例") is None
    assert value_text(None, unit) == "原文留空"


@pytest.mark.parametrize(
    ("raw", "unit", "says"),
    [
        ("2099-01-01", "日期", "不在 1949—2060 年之间，请核对年份"),
        (dt.date(1901, 1, 1), "日期", "不在 1949—2060 年之间"),
        ("2000-02-30", "日期", "应写成 2000-12-31 的样子"),
        ("2000年底", "日期", "应写成 2000-12-31 的样子"),
        (dt.datetime(2000, 1, 1, 8), "日期", "应写成 2000-12-31 的样子"),
        (20001231, "日期", "应写成 2000-12-31 的样子"),
        ("02-30", "月日", "应写成"),
        ("10月底", "月日", "应写成"),
        (10.31, "月日", "应写成"),
        (32, "日", "应在 1 到 31 之间"),
        (0, "日", "应在 1 到 31 之间"),
        (-1, "工作日", "应在 0 到 250 之间"),
        (True, "工作日", "应写成 5 的样子"),
        ("五", "工作日", "应写成 5 的样子"),
        (1.5, "户", "应写成 1061 的样子"),
        ("1000元", "元", "应写成 1000 的样子"),
        (-1, "元", "应在 0 到"),
        (0, "轮", "应在 1 到 9 之间"),
        ("3/2", "比例", "比例应在 0 到 1 之间"),
        (15, "比例", "比例应在 0 到 1 之间"),
        ("-1%", "比例", "比例应在 0 到 1 之间"),
        ("1/0", "比例", "应写成 2/3"),
        (True, "比例", "应写成 2/3"),
        ("三分之二", "比例", "应写成 2/3"),
        ("1e999999999", "比例", "应写成 2/3"),
        (float("nan"), "比例", "应写成 2/3"),
        (float("inf"), "㎡", "应写成 7225 的样子"),
        ("1e999999999", "㎡", "应写成 7225 的样子"),
        (-3, "米", "不能小于 0"),
        (True, "数", "应写成 1.5 的样子"),
        ("true", "是否", "应写成 true 或 false"),
        (1, "是否", "应写成 true 或 false"),
        ("  ", "文字", "应写成 一句话"),
        (3, "文字", "应写成 一句话"),
        ([], "列表", "应写成 [甲, 乙]"),
        ("甲、乙", "列表", "应写成 [甲, 乙]"),
        (["甲", "甲"], "列表", "甲 写了两次"),
        (["甲", 2], "列表", "[1] 是 2"),
        (["lottery"], "资金来源", "有不认识的资金来源 lottery，可用的是：central（中央财政）"),
        ("城中村", "小区情况", "可用的是：self_built（以居民自建房为主）"),
        (["party_branch", "x"], "小区情况表", "有不认识的小区情况 x"),
        ([{"name": "甲", "amount": -1}], "金额表", "[0].amount 是 -1"),
        ([{"name": "甲"}], "金额表", "[0] 缺少 amount"),
        ([{"name": "甲", "amount": 1}, {"name": "甲", "amount": 2}], "金额表", "甲 写了两次"),
        ([{"name": "甲", "amount": "x"}], "面积表", "单位是“㎡”"),
        ([{"years": [2020], "compounds": 9}], "年度任务", "应写成"),
        ([{"years": ["a", 1]}], "年度任务", "[0].years 是 'a'"),
        ([{"years": [2021, 2099]}], "年度任务", "应在 1949 到 2060 之间"),
        ([{"years": [2022, 2021]}], "年度任务", "先后颠倒"),
        ([{"years": [2021, 2021], "homes": 3}], "年度任务", "有不认识的键 homes"),
        ([{"what": "施工", "first": "07-17", "last": "06"}], "日程", "先后颠倒"),
        ([{"what": "施工", "first": "13"}], "日程", "应写成"),
        ([{"what": "施工", "first": 7}], "日程", "应写成"),
    ],
)
def test_a_value_that_does_not_fit_its_unit_is_refused_with_what_would_be_right(raw, unit, says):
    assert says in refused(raw, unit)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (PAID[:3], "各次拨付合计 90.0%，应为 100%"),
        ([*PAID, PAID[2]], "各次拨付合计 130.0%，应为 100%"),
        ([{**PAID[0], "when": "开工"}], "应写成"),
        ([{**PAID[0], "shares": 1}], "有不认识的键 shares"),
        ([{"when": "验收"}], "缺少 share"),
        ([{"when": "质保", "share": 1}], "缺少 months"),
        ([{"when": "验收", "share": 1, "progress": "80%"}], "有不认识的键 progress"),
        ([{"when": ["进度"], "share": 1}], "应写成"),
        ([{"when": "进度", "share": "101%"}], "比例应在 0 到 1 之间"),
        ([], "应写成"),
    ],
)
def test_a_schedule_of_payments_that_does_not_add_up_is_refused(raw, says):
    assert says in refused(raw, "拨付")


def test_shares_are_exact():
    assert read_value("2/3", "比例", where="例") == Fraction(2, 3)
    assert read_value(0.15, "比例", where="例") == Fraction(3, 20)
    assert read_value(" 20% ", "比例", where="例") == Fraction(1, 5)


@pytest.mark.parametrize(
    ("raw", "unit", "shown"),
    [
        ("2000-12-31", "日期", "2000年12月31日"),
        ("10-31", "月日", "10月31日"),
        (25, "日", "25日"),
        (5, "工作日", "5 工作日"),
        (2, "轮", "第2轮"),
        ("15%", "比例", "15.0%"),
        ("2/3", "比例", "2/3"),
        (1000, "元", "1,000 元"),
        (0, "元", "0 元"),
        (292556.3, "㎡", "292,556.3 ㎡"),
        (1.5, "数", "1.5"),
        (True, "是否", "是"),
        (["central", "residents"], "资金来源", "中央财政、居民"),
        ("urban_village", "小区情况", "城中村"),
        (["免环评、可研", "其他"], "列表", "免环评、可研；其他"),
        (
            [{"name": "甲", "amount": None}, {"name": "乙", "amount": 2}],
            "金额表",
            "甲 原文留空；乙 2 元",
        ),
        ([{"years": [2021, 2022], "compounds": 112}], "年度任务", "2021—2022年 112 个小区"),
        ([{"what": "宣传", "first": "05", "last": "06-30"}], "日程", "宣传（5月—6月30日）"),
        ([{"when": "进度", "progress": 0, "share": 1}], "拨付", "进度达0.0%拨付100.0%"),
    ],
)
def test_values_are_shown_in_a_planner_s_words(raw, unit, shown):
    assert value_text(read_value(raw, unit, where="例"), unit) == shown


def test_a_schedule_is_read_step_by_step():
    paid = read_value(PAID, "拨付", where="例")
    assert [step.share for step in paid] == [Fraction(3, 10)] * 3 + [Fraction(1, 10)]
    assert [step.progress for step in paid] == [Fraction(1, 2), Fraction(4, 5), None, None]
    assert (paid[1].payer, paid[3].months) == ("业主自筹", 12)


counts = st.integers(0, 10**6)
words = st.text(min_size=1, max_size=8).filter(str.strip)
shares = st.fractions(0, 1, max_denominator=10**6)
days = st.dates(dt.date(1949, 10, 1), dt.date(2060, 12, 31))
amounts = st.fractions(0, 10**9, max_denominator=10**4)
month_days = st.dates(dt.date(2000, 1, 1), dt.date(2000, 12, 31)).map(lambda d: (d.month, d.day))


def tables(values):
    return st.lists(
        st.builds(Figure, name=words, amount=st.none() | values),
        min_size=1,
        max_size=4,
        unique_by=lambda figure: figure.name,
    ).map(tuple)


@st.composite
def schedules(draw):
    """Payments that add up to the whole."""
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    kinds = [
        {"when": "进度", "progress": draw(st.none() | shares)},
        {"when": "验收"},
        {"when": "质保", "months": draw(st.integers(1, 600))},
    ]
    payers = draw(st.sampled_from(["", "业主自筹"]))
    return tuple(
        Instalment(share=Fraction(w, sum(weights)), payer=payers, **draw(st.sampled_from(kinds)))
        for w in weights
    )


@st.composite
def targets(draw):
    years = tuple(sorted(draw(st.tuples(st.integers(1949, 2060), st.integers(1949, 2060)))))
    text = draw(st.just("") | words)
    return Target(years=years, compounds=draw(st.none() | counts), text=text)


@st.composite
def timetable(draw):
    first, last = sorted(draw(st.tuples(month_days, month_days)))
    return Step(what=draw(words), first=f"{first[0]:02d}", last=f"{last[0]:02d}-{last[1]:02d}")


VALUES = {
    "日期": days,
    "月日": month_days,
    "日": st.integers(1, 31),
    "工作日": st.integers(0, 250),
    "年": st.integers(0, 2060),
    "比例": shares,
    "元": counts,
    "户": counts,
    "人": counts,
    "个": counts,
    "轮": st.integers(1, 9),
    "㎡": amounts,
    "米": amounts,
    "数": amounts,
    "是否": st.booleans(),
    "文字": words,
    "列表": st.lists(words, min_size=1, unique=True).map(tuple),
    "小区情况": st.sampled_from(["self_built", "urban_village", "renovated"]),
    "小区情况表": st.just(("party_branch", "owners_committee")),
    "资金来源": st.sampled_from([("residents",), ("central", "bond")]),
    "拨付": schedules(),
    "年度任务": st.lists(targets(), min_size=1, max_size=3).map(tuple),
    "金额表": tables(counts),
    "面积表": tables(amounts),
    "数量表": tables(counts),
    "日程": st.lists(timetable(), min_size=1, max_size=3).map(tuple),
}


def test_every_unit_takes_part_in_the_trip_through_json():
    assert set(VALUES) == set(UNITS)


@given(st.sampled_from(list(UNITS)).flatmap(lambda unit: st.tuples(st.just(unit), VALUES[unit])))
def test_a_value_is_the_same_after_a_trip_through_json(pair):
    unit, value = pair
    plain = json.loads(json.dumps(plain_value(value), ensure_ascii=False))
    assert read_value(plain, unit, where="例") == value
    assert value_text(value, unit)


def test_every_figure_of_every_kind_has_a_unit_of_the_list_and_a_chinese_name():
    for kind in KINDS.values():
        assert kind.group in GROUPS
        assert set(kind.units.values()) <= set(UNITS)
        assert set(kind.choices) <= set(kind.units)
        for name in kind.units:
            assert re.search("[一-龥]", value_title(kind.id, name))


def test_nothing_that_a_profile_shows_is_left_in_english():
    shown = {
        f"{rule.id} {name}": value.text
        for plan in profiles().values()
        for rule in plan.rules.values()
        for name, value in rule.values.items()
    }
    assert {key: text for key, text in shown.items() if re.search("[a-z_]{2,}", text)} == {}

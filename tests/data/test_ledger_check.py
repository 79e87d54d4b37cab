"""The ledger check finds what people found in the published plans, and nothing that is not there."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.findings import SEVERITIES, Finding
from data.ledger_check import check_ledger
from data.ledger_names import check_names
from data.ledger_sums import omitted_rows
from data.samples import city, litong_parking, yuncheng_2024


def of_rule(findings, rule):
    return [finding for finding in findings if finding.rule == rule]


def ledger(**columns):
    frame = pd.DataFrame(columns)
    for name in frame.columns:
        if name.endswith("_yuan") or name in ("households", "building_count", "stalls_new"):
            frame[name] = frame[name].astype("Int64")
    return frame


@pytest.fixture(scope="module")
def yuncheng():
    sample = yuncheng_2024()
    return check_ledger(sample.layers["compounds"], totals=sample.totals)


@pytest.fixture(scope="module")
def litong():
    sample = litong_parking()
    return check_ledger(sample.layers["compounds"], totals=sample.totals)


# --- domain report 5.1: 云城区 2024


def test_yuncheng_has_no_arithmetic_error(yuncheng):
    assert not [finding for finding in yuncheng if finding.severity == "错误"]


def test_yuncheng_gap_of_50_wan_in_three_compounds_has_no_source(yuncheng):
    (gap,) = of_rule(yuncheng, "gap_without_source")
    assert gap.found == "50.0 万元"
    assert "9.7%" in gap.message
    assert gap.rows == ("YC2024-02", "YC2024-03", "YC2024-05")


def test_yuncheng_two_compounds_are_granted_in_full(yuncheng):
    (full,) = of_rule(yuncheng, "fully_granted")
    assert full.rows == ("YC2024-01", "YC2024-04")
    assert "旧中专宿舍、云城财政所宿舍" in full.message


def test_yuncheng_two_areas_per_household_and_costs_stand_out(yuncheng):
    (area,) = of_rule(yuncheng, "area_per_household")
    (cost,) = of_rule(yuncheng, "cost_per_area")
    assert area.rows == cost.rows == ("YC2024-01", "YC2024-02")
    assert area.found == "125.0、113.4 ㎡/户"
    assert cost.found == "133.3、100.0 元/㎡"
    assert "经验值" in area.message


def test_yuncheng_has_no_year_so_the_cut_off_can_not_be_judged(yuncheng):
    (blank,) = of_rule(yuncheng, "blank")
    assert blank.expected == "建成日期"
    assert len(blank.rows) == 5


# --- domain report 5.5: 利通区


def test_litong_total_leaves_out_jinta(litong):
    (wrong,) = of_rule(litong, "sum_of_rows")
    assert wrong.severity == "错误"
    assert wrong.rows == ("LT-06",)
    assert (wrong.found, wrong.expected) == ("1626.8 万元", "1928.8 万元")
    assert "302 万元" in wrong.message
    assert "金塔小区" in wrong.message


def test_litong_218_stalls_come_twice_in_the_parts_of_jinhuayuan(litong):
    (twice,) = of_rule(litong, "repeated_number")
    assert twice.rows == ("LT-01",)
    assert "B区、C区" in twice.message
    assert twice.found == "218 个"


def test_litong_parts_tie_with_their_compound(litong):
    assert not of_rule(litong, "sum_of_parts")


def test_litong_totals_without_rows_are_said_not_to_be_checkable(litong):
    assert [finding.found for finding in of_rule(litong, "sum_not_checkable")] == [
        "242 栋",
        "98.6 万㎡",
    ]


def test_litong_totals_do_not_go_together(litong):
    assert of_rule(litong, "total_cost")[0].found == "16.5 元/㎡"
    assert of_rule(litong, "total_house")[0].found == "4074 ㎡/栋"


def test_litong_second_list_names_two_compounds_of_the_first():
    second = "金桂园小区 如意苑小区 东方花园小区 金星小区 华港佳苑小区 区委住宅小区 工行小区 地区大院 古城巷"
    first = litong_parking().layers["compounds"][["name", "remarks"]]
    both = pd.concat([first, pd.DataFrame({"name": second.split(), "remarks": None})])
    both.index = range(1, len(both) + 1)
    pairs = {finding.found for finding in check_names(both)}
    assert pairs == {"金星花园小区 / 金星小区", "金塔小区 / 工行小区"}


# --- sums


@settings(deadline=None, max_examples=60)
@given(
    values=st.lists(st.integers(1, 99_999), min_size=3, max_size=25),
    data=st.data(),
)
def test_a_row_left_out_of_the_total_is_named(values, data):
    frame = ledger(
        name=[f"小区{i}" for i in range(len(values))], investment_yuan=[v * 1_000 for v in values]
    )
    left_out = data.draw(st.integers(0, len(values) - 1))
    stated = (sum(values) - values[left_out]) * 1_000
    found = of_rule(check_ledger(frame, totals={"investment_yuan": stated}), "sum_of_rows")
    if values[left_out] > 50:  # below, it may be the rounding of the total
        (wrong,) = found
        same = [i for i, v in enumerate(values) if abs(v - values[left_out]) <= 5]
        if len(same) <= 3:
            assert left_out in wrong.rows
            assert f"小区{left_out}" in wrong.message


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 99_999), min_size=1, max_size=30), st.randoms())
def test_totals_that_tie_are_never_faulted_whatever_the_order(values, rnd):
    frame = ledger(name=[f"小区{i}" for i in range(len(values))], households=values)
    shuffled = frame.sample(frac=1, random_state=rnd.randrange(2**32))
    totals = {"households": sum(values)}
    assert not of_rule(check_ledger(frame, totals=totals), "sum_of_rows")
    assert check_ledger(shuffled, totals=totals) == check_ledger(frame, totals=totals)


def test_the_smallest_set_of_rows_left_out_is_found():
    values = pd.Series({"a": 643, "b": 12, "c": 155, "d": 404, "e": 302, "f": 401})
    assert omitted_rows(values, 302, tolerance=0) == [["e"]]
    assert omitted_rows(values, 167, tolerance=0) == [["b", "c"]]
    assert omitted_rows(values, 643 + 404 + 302, tolerance=0) == [["a", "d", "e"]]
    assert omitted_rows(values, 643 + 404 + 302 + 12, tolerance=0) == [["a", "b", "d", "e"]]
    assert omitted_rows(values, 7, tolerance=0) == []


def test_rows_that_fit_equally_well_are_all_told():
    frame = ledger(name=["甲", "乙", "丙"], households=[40, 40, 97])
    (wrong,) = of_rule(check_ledger(frame, totals={"households": 137}), "sum_of_rows")
    assert wrong.rows == (0, 1)
    assert "“甲”，或“乙”" in wrong.message


def test_a_row_counted_twice_in_the_total_is_named():
    frame = ledger(name=["甲", "乙", "丙"], households=[40, 58, 97])
    (wrong,) = of_rule(check_ledger(frame, totals={"households": 253}), "sum_of_rows")
    assert "“乙”" in wrong.message
    assert "重复计" in wrong.message


@pytest.mark.parametrize(
    ("stated", "ties"),
    [(16_268_000, True), (16_268_400, True), (16_269_000, False), (16_270_000, True)],
)
def test_tolerance_is_half_of_the_last_digit_of_the_total(stated, ties):
    # 1626.8, 1626.84, 1626.9, 1627 万元 against 1626.84 万元.
    frame = ledger(name=["甲", "乙"], investment_yuan=[10_000_000, 6_268_400])
    found = of_rule(check_ledger(frame, totals={"investment_yuan": stated}), "sum_of_rows")
    assert (not found) is ties


def test_unknown_rows_make_a_short_sum_not_checkable_but_a_long_one_wrong():
    frame = ledger(name=["甲", "乙", "丙"], households=[40, 58, None])
    short = check_ledger(frame, totals={"households": 150})
    assert of_rule(short, "sum_not_checkable")[0].rows == (2,)
    assert not of_rule(short, "sum_of_rows")
    assert of_rule(check_ledger(frame, totals={"households": 58}), "sum_of_rows")[0].rows == (0,)


def test_parts_that_do_not_make_up_their_compound():
    frame = ledger(name=["甲"], investment_yuan=[6_430_000])
    frame["extra"] = [{"parts": [{"investment_yuan": 2_100_000}, {"investment_yuan": 2_120_000}]}]
    (wrong,) = of_rule(check_ledger(frame), "sum_of_parts")
    assert (wrong.found, wrong.expected) == ("643 万元", "422 万元")


# --- money


def test_stated_grants_must_be_the_sum_of_their_sources():
    frame = ledger(
        name=["甲", "乙"],
        grant_central_yuan=[300_000, 0],
        grant_provincial_yuan=[700_000, 1_000_000],
        grant_yuan=[1_000_000, 900_000],
    )
    (wrong,) = of_rule(check_ledger(frame), "grant_total")
    assert wrong.rows == (1,)
    assert (wrong.found, wrong.expected) == ("90.0 万元", "100.0 万元")


def test_grants_and_contributions_may_not_exceed_the_investment():
    frame = ledger(
        name=["甲", "乙", "丙", "丁"],
        investment_yuan=[100, 100, 100, None],
        grant_central_yuan=[101, 90, 90, 500],
        contribution_residents_yuan=[0, 11, 10, 0],
    )
    found = check_ledger(frame)
    assert [f.rows for f in of_rule(found, "grant_above_investment")] == [(0,)]
    assert [f.rows for f in of_rule(found, "funding_above_investment")] == [(1,)]


# --- values


def test_negative_and_zero_values_are_errors_but_no_grant_is_a_fact():
    frame = ledger(
        name=["甲", "乙"],
        households=[-5, 24],
        building_count=[0, 3],
        floor_area_m2=[1_000.0, 3_000.0],
        investment_yuan=[-1, 0],
        grant_central_yuan=[0, 0],
        stalls_new=[0, -2],
    )
    found = check_ledger(frame)
    negative = {(f.message.split("小于")[0], f.rows) for f in of_rule(found, "negative")}
    zero = {(f.message.split("等于")[0], f.rows) for f in of_rule(found, "zero")}
    assert negative == {("居民户数", (0,)), ("预计投资额", (0,)), ("新增停车位", (1,))}
    assert zero == {("楼栋数", (0,)), ("预计投资额", (1,))}


def test_blank_names_are_errors_and_white_space_is_blank():
    found = check_ledger(ledger(name=["甲", "  ", None], households=[1, 2, 3]))
    names = [f for f in of_rule(found, "blank") if f.expected == "小区名称"]
    assert names[0].severity == "错误"
    assert names[0].rows == (1, 2)
    assert "第1行" in names[0].message or "、" in names[0].message


def test_area_per_household_outside_30_to_150_is_told_even_if_all_are_alike():
    frame = ledger(name=["甲", "乙", "丙"], households=[10, 10, 10])
    frame["floor_area_m2"] = [2_000.0, 2_100.0, 2_050.0]
    (area,) = of_rule(check_ledger(frame), "area_per_household")
    assert area.rows == (0, 1, 2)


def test_one_cost_per_household_far_from_many_is_told():
    rng = np.random.default_rng(1)
    households = rng.integers(50, 500, 40)
    money = (households * rng.normal(5_000, 400, 40)).astype(int)
    money[7] = households[7] * 60_000
    frame = ledger(
        name=[f"小区{i}" for i in range(40)], households=households, investment_yuan=money
    )
    (cost,) = of_rule(check_ledger(frame), "cost_per_household")
    assert cost.rows == (7,)


def test_numbers_copied_from_row_to_row_are_told_in_a_short_table():
    frame = ledger(name=["甲", "乙", "丙"], households=[218, 218, 110])
    frame["investment_yuan"] = pd.array([1_100_000, 1_100_000, 5_000_000], dtype="Int64")
    (twice,) = of_rule(check_ledger(frame), "repeated_number")  # 110 has two digits: trivial
    assert twice.rows == (0, 1)
    assert "居民户数" in twice.message


# --- names


def test_same_name_in_the_same_subdistrict_is_an_error_elsewhere_it_is_not():
    frame = ledger(
        name=["教师宿舍", "教师 宿舍", "教师宿舍"], subdistrict=["东街道", "东街道", "西街道"]
    )
    (same,) = of_rule(check_ledger(frame), "duplicate_name")
    assert same.severity == "错误"
    assert same.rows == (0, 1)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("邮电新村", "邮电新村", True),
        ("金星小区", "金星花园小区", True),
        ("工行家属院", "工行小区", True),
        ("云浮中学教师宿舍", "云孚中学教师宿舍", True),
        ("金星花园一区", "金星花园二区", False),
        ("建设路12号院", "建设路13号院", False),
        ("翠园花园", "翠园新村", False),
        ("邮电东苑宿舍", "邮电西苑宿舍", False),
    ],
)
def test_which_names_are_taken_for_one(one, other, alike):
    assert bool(check_names(ledger(name=[one, other]))) is alike


# --- the whole


def test_findings_are_data_sorted_by_severity_in_chinese(litong):
    order = [SEVERITIES.index(finding.severity) for finding in litong]
    assert order == sorted(order)
    for finding in litong:
        assert finding.message.endswith("。")
        assert set(finding.to_dict()) == {
            "rule",
            "severity",
            "rows",
            "found",
            "expected",
            "message",
        }
        assert isinstance(finding.to_dict()["rows"], list)


def test_a_city_yields_no_error_and_few_words():
    findings = check_ledger(city(1_000, 2).layers["compounds"])
    assert not [finding for finding in findings if finding.severity == "错误"]
    assert len(findings) < 40


def test_an_empty_ledger_and_one_without_columns_are_fine():
    assert check_ledger(ledger(name=[])) == []
    assert all(isinstance(f, Finding) for f in check_ledger(pd.DataFrame(index=[1, 2])))


def test_the_input_is_not_changed():
    frame = litong_parking().layers["compounds"]
    before = frame.copy(deep=True)
    check_ledger(frame, totals={"investment_yuan": 1})
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))

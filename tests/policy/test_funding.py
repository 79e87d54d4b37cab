"""Who pays: limits met to the yuan, unknown left open, and the figures in every sentence."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import PolicyError
from policy.funding import check_sources, judge_totals
from policy.judging import judge
from policy.ledger_rules import ledger_rules
from policy.profiles import Value, profiles
from policy.reader import read_rules

CASES = read_rules(Path(__file__).with_name("funding_scenarios.yaml"))

YUNCHENG = pd.DataFrame(
    {
        "name": ["旧中专宿舍", "邮电新村", "云浮中学教师宿舍", "云城财政所宿舍", "玉皇路小区"],
        "households": [24, 97, 316, 43, 581],
        "investment_yuan": [400_000, 1_100_000, 1_100_000, 250_000, 2_300_000],
        "grant_central_yuan": [400_000, 300_000, 0, 250_000, 2_000_000],
        "grant_provincial_yuan": [0, 700_000, 1_000_000, 0, 0],
    },
    index=["A", "B", "C", "D", "E"],
)
PAYERS = [
    f"contribution_{payer}_yuan" for payer in ("residents", "utilities", "former_owner", "private")
]


def frame_of(**values):
    frame = pd.DataFrame({name: [value] for name, value in values.items()}, index=["甲"])
    for name in frame.columns:
        if name != "extra":
            frame[name] = pd.array(frame[name], dtype="Int64")
    return frame


def verdict_of(frame, profile, kind, at=0):
    rule = profiles()[profile].one(kind)
    return judge(frame, profiles()[profile]).rule_rows(rule.name).verdict(at)


def cases(kind):
    return pytest.mark.parametrize("case", CASES[kind], ids=[one["title"] for one in CASES[kind]])


@cases("beneficiary_pays")
def test_who_benefits_pays(case):
    frame = frame_of(investment_yuan=case["investment"], grant_central_yuan=case["grant"])
    assert verdict_of(frame, "yuncheng-2024", "beneficiary_pays").state == case["state"]


@cases("min_share")
def test_the_share_of_residents_and_enterprises_to_the_yuan(case):
    frame = frame_of(
        investment_yuan=case["investment"],
        contribution_residents_yuan=case["residents"],
        **dict.fromkeys(PAYERS[1:], case["others"]),
    )
    if case["others"]:
        frame[PAYERS[2:]] = 0
    found = verdict_of(frame, "liuzhou-2022", "min_share")
    assert found.state == case["state"]
    if "short" in case:
        assert f"还差 {case['short']:,} 元" in found.message


@cases("min_contribution")
def test_what_a_household_pays_to_the_yuan(case):
    frame = frame_of(households=case["households"], contribution_residents_yuan=case["residents"])
    frame["extra"] = [{} if case["low"] is None else {"低保户数": case["low"]}]
    found = verdict_of(frame, "chuxiong-2020", "min_contribution")
    assert found.state == case["state"]
    if "short" in case:
        assert f"还差 {case['short']:,} 元" in found.message


def test_the_two_rows_of_yuncheng_that_are_granted_in_full_are_open_with_both_figures():
    rows = judge(YUNCHENG, profiles()["yuncheng-2024"]).rule_rows("beneficiary_pays")
    assert rows.states.tolist() == ["需论证", "符合", "符合", "需论证", "符合"]
    found = rows.verdict(0)
    assert found.clause == "〔云城区2024年实施方案 四〕"
    assert found.found == "补助 40.0 万元，投资 40.0 万元"
    assert "30.0 万元（占总投资的13.04%）" in rows.verdict(4).message


def test_yuncheng_under_the_20_per_cent_of_liuzhou_is_short_of_103_wan():
    known = YUNCHENG.assign(**dict.fromkeys(PAYERS, 0))
    (share,) = [
        one
        for one in judge_totals(known, profiles()["liuzhou-2022"])
        if one.rule == "liuzhou-2022/min_share"
    ]
    assert share.state == "不符合"
    assert share.limit == "≥ 20.0%"
    assert (
        "总投资 515.0 万元的 20.0% 为 103.0 万元，还差 1,030,000 元（103.0 万元）" in share.message
    )


def test_contributions_that_nobody_has_filled_in_are_open_not_0():
    verdicts = {one.rule: one for one in judge_totals(YUNCHENG, profiles()["liuzhou-2022"])}
    share = verdicts["liuzhou-2022/min_share"]
    assert share.state == "需论证"
    assert "没有填全" in share.message
    # Even all that the grants leave, 50 万元, would be less than 103.
    assert "只余 50.0 万元" in share.message
    assert verdicts["liuzhou-2022/beneficiary_pays"].state == "符合"


def test_sums_with_an_unknown_investment_are_open_and_none_without_compounds():
    rows = YUNCHENG.astype({"investment_yuan": "Int64"})
    rows.loc["E", "investment_yuan"] = pd.NA
    known = rows.assign(**dict.fromkeys(PAYERS, 10**9))
    (share,) = [
        one
        for one in judge_totals(known, profiles()["liuzhou-2022"])
        if one.rule.endswith("min_share")
    ]
    assert share.state == "需论证"
    assert judge_totals(YUNCHENG.iloc[:0], profiles()["liuzhou-2022"]) == ()


def test_1000_a_household_in_chuxiong_over_a_whole_plan():
    rows = YUNCHENG.assign(contribution_residents_yuan=[24_000, 97_000, 316_000, 43_000, 580_999])
    rows["extra"] = [{"低保户数": 0}] * 5
    (found,) = judge_totals(rows, profiles()["chuxiong-2020"])
    assert (found.state, "还差 1 元" in found.message) == ("不符合", True)
    assert "1061 户" in found.message


def changed(profile, kind, **values):
    """Profile with figures of one rule changed, as a planner's own copy has them."""
    rule = profiles()[profile].one(kind)
    new = {
        name: Value(value=values[name], unit=old.unit) if name in values else old
        for name, old in rule.values.items()
    }
    rules = {**profiles()[profile].rules, rule.name: replace(rule, values=new)}
    return replace(profiles()[profile], rules=rules)


def test_which_payers_count_is_the_rules_value():
    own = changed("liuzhou-2022", "min_share", payers=("residents",))
    frame = frame_of(investment_yuan=100, contribution_residents_yuan=20)
    found = judge(frame, own).rule_rows("min_share").verdict(0)
    assert found.state == "符合"
    assert "居民出资 0.002 万元" in found.message
    with pytest.raises(PolicyError, match="lottery"):
        judge(frame, changed("liuzhou-2022", "min_share", payers=("lottery",)))


@pytest.mark.parametrize(
    ("profile", "kind", "name"),
    [
        ("liuzhou-2022", "min_share", "share"),
        ("chuxiong-2020", "min_contribution", "per_household"),
    ],
)
def test_a_figure_that_the_plan_leaves_blank_leaves_the_verdict_open(profile, kind, name):
    own = changed(profile, kind, **{name: None})
    frame = frame_of(investment_yuan=100, contribution_residents_yuan=100, households=1)
    found = judge(frame, own).rule_rows(own.one(kind).name).verdict(0)
    assert (found.state, "原文没有写明" in found.message) == ("需论证", True)


@given(
    investment=st.integers(1, 10**10),
    paid=st.lists(st.integers(0, 10**9), min_size=4, max_size=4),
)
def test_a_share_holds_exactly_where_five_times_the_payment_is_the_investment(investment, paid):
    frame = frame_of(investment_yuan=investment, **dict(zip(PAYERS, paid, strict=True)))
    state = verdict_of(frame, "liuzhou-2022", "min_share").state
    assert state == ("符合" if 5 * sum(paid) >= investment else "不符合")


def test_a_share_just_below_never_reads_as_the_limit():
    frame = frame_of(
        investment_yuan=5_150_000, **dict(zip(PAYERS, (1_029_999, 0, 0, 0), strict=True))
    )
    found = verdict_of(frame, "liuzhou-2022", "min_share")
    assert "19.99%" in found.found


def test_220_000_compounds_are_judged_in_a_few_seconds():
    rng = np.random.default_rng(1)
    count = 220_000
    frame = pd.DataFrame(
        {
            "investment_yuan": pd.array(rng.integers(1, 10**7, count), dtype="Int64"),
            "grant_central_yuan": pd.array(rng.integers(0, 10**7, count), dtype="Int64"),
            **{name: pd.array(rng.integers(0, 10**6, count), dtype="Int64") for name in PAYERS},
        }
    )
    started = time.perf_counter()
    judge_totals(frame, profiles()["liuzhou-2022"])
    assert time.perf_counter() - started < 5


# --- sources


def rules_found(frame, **more):
    return {one.rule: one for one in check_sources(frame, **more)}


def test_the_gap_of_yuncheng_is_50_wan_in_10_10_and_30():
    found = rules_found(YUNCHENG)
    gap = found["gap_without_source"]
    assert (gap.found, gap.rows) == ("50.0 万元", ("B", "C", "E"))
    assert "邮电新村10.0 万元、云浮中学教师宿舍10.0 万元、玉皇路小区30.0 万元" in gap.message
    full = found["fully_granted"]
    assert (full.rows, full.severity) == (("A", "D"), "提醒")
    assert "〔云城区2024年实施方案 四〕" in full.message


def test_money_without_works_and_payments_beyond_the_sources_break_the_earmark():
    rows = YUNCHENG.assign(works_text=["路灯", " ", None, "路灯", "路灯"])
    assert rules_found(rows)["grant_without_works"].rows == ("B", "C")
    paid = pd.Series([400_001, 0, 1_000_000], index=["A", "B", "C"])
    over = rules_found(YUNCHENG, paid=paid)["paid_above_funding"]
    assert (over.rows, over.severity) == (("A",), "提醒")
    known = rules_found(YUNCHENG.assign(contribution_residents_yuan=0), paid=paid)
    assert known["paid_above_funding"].severity == "错误"


def test_every_source_finding_rests_on_a_rule_with_its_source():
    assert {one.rule for one in check_sources(YUNCHENG)} <= set(ledger_rules())
    for one in ledger_rules().values():
        assert one.because.startswith(("（依据：", "（经验值："))

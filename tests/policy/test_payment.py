"""Payments of 利通区: 30/30/30/10, to the yuan and to the day; elsewhere by progress."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import RecordError
from policy.payment import months_after, payments
from policy.profiles import Rule, Value
from policy.reader import read_rules
from policy.rule_units import Instalment

SCHEDULE = (
    Instalment(when="进度", progress=Fraction(1, 2), share=Fraction(3, 10)),
    Instalment(when="进度", progress=Fraction(4, 5), share=Fraction(3, 10), payer="业主自筹"),
    Instalment(when="验收", share=Fraction(3, 10)),
    Instalment(when="质保", months=12, share=Fraction(1, 10)),
)
TODAY = dt.date(2024, 6, 30)
CASES = read_rules(Path(__file__).with_name("funding_scenarios.yaml"))["payment"]


def rule_of(schedule=SCHEDULE, **changes):
    values = {} if schedule is None else {"schedule": Value(value=schedule, unit="拨付")}
    return Rule(
        id="litong-parking/payment", name="payment", kind="payment", group="资金", title="拨付",
        text="按进度拨付。", document="litong-parking", section="资金管理及拨付", link=None, in_force=None,
        checked_on=TODAY, values=values, **changes,
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_what_may_be_paid_before_at_and_after_each_limit(case):
    done = payments(
        rule_of(),
        10_000_000,
        progress=case["progress"],
        accepted_on=case.get("accepted_on"),
        today=case["today"],
    )
    assert [one.number for one in done if one.due] == case["due"]
    if "last_due_on" in case:
        assert done[3].due_on == case["last_due_on"]


@given(total=st.integers(0, 10**12))
def test_the_payments_of_a_schedule_add_up_to_the_sum(total):
    done = payments(rule_of(), total, progress=1, accepted_on=None, today=TODAY)
    assert sum(one.yuan for one in done) == total
    assert all(abs(one.yuan - total * one.share) < 1 for one in done)


def test_the_302_wan_of_jinta_are_paid_in_906_000_thrice_and_302_000():
    done = payments(rule_of(), 3_020_000, progress="0.8", accepted_on=None, today=TODAY)
    assert [one.yuan for one in done] == [906_000, 906_000, 906_000, 302_000]
    assert [one.state for one in done] == ["可拨付", "可拨付", "未到", "未到"]
    assert done[1].payer == "业主自筹"
    assert done[1].message == (
        "第2次：工程进度达到80.0%，拨付30.0%，金额906,000 元，业主自筹；现进度80.0%，可以拨付。"
    )
    assert done[0].clause == "〔实用5篇·篇五（利通区） 资金管理及拨付〕"


def test_progress_that_nobody_reported_leaves_its_payments_open():
    done = payments(rule_of(), 100, progress=None, accepted_on=None, today=TODAY)
    assert [one.state for one in done] == ["未知", "未知", "未到", "未到"]


def test_what_is_accepted_is_finished_whatever_the_last_report_said():
    done = payments(rule_of(), 100, progress=0.4, accepted_on=TODAY, today=TODAY)
    assert [one.due for one in done] == [True, True, True, False]


def test_an_acceptance_in_2099_is_a_plan_and_pays_nothing():
    done = payments(rule_of(), 100, progress=0.4, accepted_on=dt.date(2099, 1, 1), today=TODAY)
    assert not any(one.due for one in done)
    assert "要到2099年1月1日才可以拨付" in done[2].message


def test_an_unknown_sum_has_unknown_payments_with_their_shares():
    done = payments(rule_of(), None, progress=0.5, accepted_on=None, today=TODAY)
    assert [one.yuan for one in done] == [None] * 4
    assert "金额未知" in done[0].message


@pytest.mark.parametrize("rule", [None, rule_of(None)])
def test_without_a_schedule_money_is_drawn_by_progress(rule):
    (one,) = payments(rule, 1_000_001, progress=0.3, accepted_on=None, today=TODAY)
    assert (one.when, one.yuan, one.due) == ("按施工进度申请", 300_000, True)
    assert "累计可申请至300,000 元" in one.message
    (none,) = payments(rule, 1_000_001, progress=0, accepted_on=None, today=TODAY)
    assert not none.due
    (unknown,) = payments(rule, 1_000_001, progress=None, accepted_on=None, today=TODAY)
    assert (unknown.state, unknown.yuan) == ("未知", None)


@pytest.mark.parametrize("progress", [-0.01, 1.01, "一半", float("nan")])
def test_progress_that_is_no_share_is_refused(progress):
    with pytest.raises(RecordError):
        payments(rule_of(), 100, progress=progress, accepted_on=None, today=TODAY)


def test_a_negative_sum_is_refused():
    with pytest.raises(RecordError, match="负数"):
        payments(rule_of(), -1, progress=0.5, accepted_on=None, today=TODAY)


def test_months_end_with_the_month():
    assert months_after(dt.date(2024, 1, 31), 1) == dt.date(2024, 2, 29)
    assert months_after(dt.date(2023, 12, 31), 2) == dt.date(2024, 2, 29)
    assert months_after(dt.date(2024, 12, 1), 1) == dt.date(2025, 1, 1)

"""Payments of several compounds: each by its own progress, to the yuan, and summed by instalment."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import RecordError
from policy.payment_totals import payment_totals, reported
from policy.profiles import profiles
from policy.progress import PROGRESS_COLUMNS
from policy.stages import STAGE_COLUMNS

TODAY = dt.date(2026, 11, 21)
RULE = profiles()["litong-parking"].one("payment")
DRAWN = profiles()["yuncheng-2024"].one("payment")


def compounds(*investments: int | None) -> pd.DataFrame:
    names = [f"小区{k}" for k in range(len(investments))]
    uids = [f"u{k}" for k in range(len(investments))]
    money = pd.array(list(investments), dtype="Int64")
    return pd.DataFrame({"name": names, "investment_yuan": money}, index=uids)


def facts(frame, progress=(), stages=(), today=TODAY):
    return reported(
        frame,
        pd.DataFrame([(*one, None, None)[:5] for one in progress], columns=list(PROGRESS_COLUMNS)),
        pd.DataFrame([(uid, stage, None, day, None) for uid, stage, day in stages], columns=list(STAGE_COLUMNS)),
        today=today,
    )  # fmt: skip


def test_each_compound_is_due_by_its_own_progress():
    frame = compounds(1_000_000, 2_000_000, 3_000_000)
    told = facts(frame, [("u0", "2026-10", 0.5), ("u1", "2026-10", 0.49)])
    found = payment_totals(RULE, frame, told, today=TODAY)
    first = found.instalments[0]
    assert (first.yuan, first.unknown) == (1_800_000, 0)
    assert {one.state: (one.count, one.yuan) for one in first.states} == {
        "可拨付": (1, 300_000),
        "未到": (1, 600_000),
        "未知": (1, 900_000),
    }


def test_a_month_still_to_come_is_not_counted():
    frame = compounds(100)
    told = facts(frame, [("u0", "2026-11", 0.2), ("u0", "2026-12", 0.9)])
    assert told.progress.tolist() == [0.2]


def test_the_last_day_of_acceptance_counts_by_id_or_title():
    frame = compounds(100, 200)
    told = facts(
        frame,
        stages=[
            ("u0", "acceptance", "2026-03-01"),
            ("u0", "竣工验收", "2026-05-01"),
            ("u1", "施工", "2026-01-01"),
            ("gone", "竣工验收", "2026-01-01"),
        ],
    )
    assert told.accepted_on == {"u0": dt.date(2026, 5, 1)}


def test_the_retention_money_is_due_a_year_after_acceptance():
    frame = compounds(1_000_000)
    told = facts(frame, stages=[("u0", "竣工验收", "2025-11-22")])
    last = payment_totals(RULE, frame, told, today=TODAY).instalments[-1]
    assert [one.state for one in last.states] == ["未到"]
    assert last.next_due == dt.date(2026, 11, 22)
    tomorrow = dt.date(2026, 11, 22)
    last = payment_totals(RULE, frame, told, today=tomorrow).instalments[-1]
    assert [(one.state, one.yuan) for one in last.states] == [("可拨付", 100_000)]


def test_an_unknown_investment_is_counted_and_not_summed_as_0():
    frame = compounds(1_000_000, None)
    found = payment_totals(RULE, frame, facts(frame), today=TODAY)
    assert (found.total_yuan, found.unknown) == (1_000_000, 1)
    assert [(one.yuan, one.unknown) for one in found.instalments[:1]] == [(300_000, 1)]
    nothing = payment_totals(RULE, compounds(None), facts(compounds(None)), today=TODAY)
    assert (nothing.total_yuan, nothing.instalments[0].yuan) == (None, None)


def test_another_sum_is_shared_by_investment_and_refused_where_one_is_unknown():
    frame = compounds(1, 2)
    found = payment_totals(RULE, frame, facts(frame), today=TODAY, total_yuan=100)
    assert [one.yuan for one in found.instalments[0].payments] == [10, 20]
    lacking = compounds(1, None)
    with pytest.raises(RecordError, match="“小区1”的投资未知"):
        payment_totals(RULE, lacking, facts(lacking), today=TODAY, total_yuan=100)
    single = compounds(None)
    one = payment_totals(RULE, single, facts(single), today=TODAY, total_yuan=101)
    assert sum(step.yuan for step in one.instalments) == 101


def test_without_shares_money_is_drawn_by_each_ones_progress():
    frame = compounds(1_000, 2_000)
    told = facts(frame, [("u0", "2026-10", 0.5), ("u1", "2026-10", 0.25)])
    found = payment_totals(DRAWN, frame, told, today=TODAY)
    assert not found.scheduled
    assert [(one.when, one.yuan, one.share) for one in found.instalments] == [
        ("按施工进度申请", 1_000, None)
    ]
    assert found.clause == "〔云城区2024年实施方案 五(三)〕"


def test_a_record_that_can_not_be_is_refused_with_compound_and_month():
    frame = compounds(100)
    with pytest.raises(RecordError, match="“小区0” 2026-10：形象进度"):
        facts(frame, [("u0", "2026-10", 1.5)])


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=8), st.integers(0, 10**11))
def test_instalments_add_up_to_the_sum_to_the_yuan(investments, total):
    frame = compounds(*investments)
    for asked, whole in ((None, sum(investments)), (total, total)):
        found = payment_totals(RULE, frame, facts(frame), today=TODAY, total_yuan=asked)
        assert sum(one.yuan for one in found.instalments) == found.total_yuan == whole
        for one in found.instalments:
            assert one.yuan == sum(state.yuan for state in one.states)

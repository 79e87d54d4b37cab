import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import RecordError
from policy.monthly import monthly
from policy.profiles import Profile, Rule, Value
from policy.progress import NO_PROGRESS, PROGRESS_COLUMNS, check_month, check_progress

TODAY = dt.date(2026, 11, 26)


def plan(by_day: int | None = 25, *, kind: str = "monthly_report") -> Profile:
    rule = Rule(
        id="litong-parking/monthly_report",
        name="monthly_report",
        kind=kind,
        group="程序",
        title="月报",
        text="每月25日前报送。",
        document="litong-parking",
        section="四(二)2",
        link=None,
        in_force=None,
        checked_on=dt.date(2026, 11, 21),
        values={"by_day": Value(value=by_day, unit="日")},
    )
    return Profile(
        id="litong-parking",
        title="利通区方案",
        region="宁夏吴忠市利通区",
        document="litong-parking",
        rules={rule.name: rule},
    )


def compounds() -> pd.DataFrame:
    """Four compounds: done, half done, not begun, and one of which nobody has said anything."""
    return pd.DataFrame(
        {
            "name": ["明珠苑", "绿地园", "金塔", "裕西"],
            "households": pd.array([100, 200, 300, None], dtype="Int64"),
            "investment_yuan": pd.array([120_000, 1_550_000, 3_020_000, 4_008_000], dtype="Int64"),
        },
        index=pd.Index(["mzy", "ldy", "jt", "yx"], name="uid"),
    )


def records(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(PROGRESS_COLUMNS))


BACK = (("2026-10", 0.6), ("2026-11", 0.5))
NOVEMBER = records(
    ("mzy", "2026-10", 1.0, 108_000, None),
    ("ldy", "2026-11", 0.5, 465_000, "雨天停工两天"),
    ("jt", "2026-11", 0.0, 0, None),
)


def report(progress: pd.DataFrame = NOVEMBER, *, day: int | None = 25, **options):
    options = {"month": "2026-11", "profile": plan(day), "today": TODAY, **options}
    return monthly(options.pop("frame", compounds()), progress, **options)


def test_started_and_completed_are_told_by_compound_and_unknown_stays_unknown() -> None:
    rows = report().rows
    assert rows["started"].tolist() == [True, True, False, pd.NA]
    assert rows["completed"].tolist() == [True, False, False, pd.NA]
    assert rows.loc["yx", ["progress", "paid_yuan", "paid_share"]].isna().all()
    assert rows.loc["yx", "as_of"] is None


def test_totals_by_compounds_households_and_investment_are_exact_and_say_what_is_unknown() -> None:
    totals = report().totals
    assert totals["started_compounds"].share == Fraction(2, 3)
    assert totals["started_compounds"].unknown == 1
    assert totals["completed_households"].share == Fraction(100, 600)
    assert totals["started_investment"].share == Fraction(1_670_000, 4_690_000)
    assert totals["progress"].part == 120_000 + Fraction(1_550_000, 2)
    assert totals["paid"].share == Fraction(573_000, 4_690_000)
    assert totals["started_compounds"].text == "66.7%（2/3 个，另有 1 个小区未知）"
    assert totals["paid"].text == "12.2%（57.3/469.0 万元，另有 1 个小区未知）"


def test_a_figure_of_an_earlier_month_counts_and_says_from_which_month_it_is() -> None:
    progress = records(
        ("ldy", "2026-08", 0.2, 1, None),
        ("ldy", "2026-09", 0.4, 2, None),
        ("ldy", "2026-12", 0.9, 3, None),
    )
    row = report(progress).rows.loc["ldy"]
    assert (row["progress"], row["paid_yuan"], row["as_of"]) == (0.4, 2, "2026-09")
    assert row["note"] == "为 2026-09 的数字"
    assert not row["reported"]


@pytest.mark.parametrize(
    ("today", "state", "words", "late"),
    [
        (dt.date(2026, 11, 24), "未到期", "还有 1 天", ()),
        (dt.date(2026, 11, 25), "今日截止", "今天截止", ()),
        (dt.date(2026, 11, 26), "已过期", "已过 1 天", ("yx",)),
    ],
)
def test_day_before_day_of_and_day_after_the_25th(today, state, words, late) -> None:
    found = report(today=today)
    assert found.due_on == dt.date(2026, 11, 25)
    assert found.due_state == state
    assert words in found.due_text
    assert found.missing == ("yx",)
    assert found.late == late


def test_the_31st_of_a_short_month_is_its_last_day() -> None:
    assert report(day=31).due_on == dt.date(2026, 11, 30)


@pytest.mark.parametrize("profile", [plan(None), plan(kind="statement")])
def test_a_plan_without_a_day_says_so_and_nobody_is_late(profile) -> None:
    found = report(profile=profile)
    assert found.due_on is None
    assert found.due_state == "未规定"
    assert "未规定" in found.due_text
    assert (found.missing, found.late) == (("yx",), ())


def test_who_has_not_reported_is_named_but_not_who_had_finished_before() -> None:
    found = report()
    assert found.missing == ("yx",)
    assert "2026-11 逾期未报：裕西，请补报进度和拨付。" in found.messages


def test_stages_reached_by_the_end_of_the_month_count_as_start_and_completion() -> None:
    stages = pd.DataFrame(
        [
            ("jt", "施工", "2026-11-30"),
            ("yx", "construction", "2026-12-01"),
            ("ldy", "acceptance", "2026-11-20"),
            ("yx", "acceptance", None),
        ],
        columns=["compound_uid", "stage", "reached_on"],
    )
    found = report(stages=stages)
    assert found.rows["started"].tolist() == [True, True, True, pd.NA]
    assert found.rows["completed"].tolist() == [True, True, False, pd.NA]
    assert "绿地园：已竣工验收，进度却是 50.0%，请核对。" in found.messages


def test_progress_that_went_back_is_named_for_a_look() -> None:
    progress = records(("ldy", "2026-10", 0.6, 1, None), ("ldy", "2026-11", 0.5, 1, None))
    assert "绿地园：进度 50.0% 比以前报的 60.0% 低，请核对。" in report(progress).messages


def test_many_to_look_at_and_many_missing_are_named_in_part_and_counted() -> None:
    uids = [f"c{k:02}" for k in range(30)]
    frame = pd.DataFrame({"name": uids, "investment_yuan": 1}, index=uids)
    gone_back = [(uid, month, share, None, None) for uid in uids[:15] for month, share in BACK]
    said = report(records(*gone_back), frame=frame).messages
    assert len(said) == 12
    assert said[0].endswith("c24等 15 个小区，请补报进度和拨付。")
    assert said[-1] == "另有 5 个小区的进度请核对，见各小区的备注。"


def test_unknown_investment_is_left_out_and_named() -> None:
    frame = compounds()
    frame.loc["ldy", "investment_yuan"] = pd.NA
    found = report(frame=frame)
    assert found.totals["progress"].unknown == 2
    assert "投资额未知，按投资的各项没有计入：绿地园。" in found.messages


def test_nothing_reported_at_all_is_unknown_and_not_nought() -> None:
    totals = report(NO_PROGRESS).totals
    assert {total.share for total in totals.values()} == {None}
    assert totals["progress"].text == "未知（4 个小区未知）"


def test_no_compounds_give_an_empty_report() -> None:
    found = report(frame=compounds()[:0])
    assert found.rows.empty
    assert found.messages == ()
    assert found.totals["paid"].text == "未知"


def test_input_is_not_changed() -> None:
    frame, progress = compounds(), NOVEMBER.copy()
    report(progress, frame=frame)
    pd.testing.assert_frame_equal(frame, compounds())
    pd.testing.assert_frame_equal(progress, NOVEMBER)


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "2026-1", "202611", "1999-12", "2099-01", None, 202611]
)
def test_a_month_that_is_none_is_refused_with_an_example(month) -> None:
    with pytest.raises(RecordError, match="2026-11 的样子"):
        check_month(month)
    with pytest.raises(RecordError, match="2026-11 的样子"):
        report(month=month)


def test_a_month_still_to_come_is_refused() -> None:
    with pytest.raises(RecordError, match="2026-12 还没有到"):
        report(month="2026-12")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"progress": 1.2}, "形象进度是“1.2”，应在 0 到 1 之间"),
        ({"progress": -0.1}, "应在 0 到 1 之间"),
        ({"progress": "一半"}, "应在 0 到 1 之间"),
        ({"progress": float("inf")}, "应在 0 到 1 之间"),
        ({"progress": True}, "应在 0 到 1 之间"),
        ({"paid_yuan": -1}, "不小于 0 的整元数"),
        ({"paid_yuan": 1.5}, "整元数"),
        ({"paid_yuan": 120_001}, "12.0001 万元，多于预计投资额 12.0 万元"),
        ({"month": "2026-13"}, "月份“2026-13”不对"),
    ],
)
def test_a_record_that_can_not_be_is_refused(values, message) -> None:
    good = {"compound_uid": "mzy", "month": "2026-11", "progress": 0.5, "paid_yuan": 120_000}
    check_progress(good, "明珠苑", investment_yuan=120_000)
    with pytest.raises(RecordError, match=message):
        check_progress({**good, **values}, "明珠苑", investment_yuan=120_000)


def test_what_is_not_known_may_be_left_empty() -> None:
    check_progress({"compound_uid": "mzy", "month": "2026-11"}, "明珠苑")


def test_all_problems_of_the_records_are_told_at_once_with_compound_and_month() -> None:
    bad = records(
        ("mzy", "2026-10", 1.2, -5, None),
        ("ldy", "2026-11", 0.5, 9_999_999, None),
        ("jt", "2026-11", 0.1, 1, None),
        ("jt", "2026-11", 0.2, 2, None),
        ("elsewhere", "2026-99", 7, -1, None),
    )
    with pytest.raises(RecordError) as caught:
        report(bad)
    assert len(caught.value.problems) == 4
    text = str(caught.value)
    assert "明珠苑 2026-10：形象进度" in text
    assert "绿地园 2026-11：已拨付资金 999.9999 万元，多于预计投资额 155.0 万元" in text
    assert "金塔 2026-11：2026-11 有两条进度记录" in text
    assert "elsewhere" not in text


shares = st.none() | st.integers(0, 100).map(lambda n: n / 100)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(shares, st.none() | st.integers(0, 10**7), st.none() | st.integers(1, 900)),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_totals_are_sums_of_the_rows_in_whatever_order(entries, random) -> None:
    uids = [f"c{k}" for k in range(len(entries))]
    frame = pd.DataFrame(
        {
            "name": uids,
            "households": pd.array([e[2] for e in entries], dtype="Int64"),
            "investment_yuan": pd.array([e[1] for e in entries], dtype="Int64"),
        },
        index=pd.Index(uids, name="uid", dtype=object),
    )
    progress = records(
        *[(u, "2026-11", e[0], None, None) for u, e in zip(uids, entries, strict=True)]
    )
    found = report(progress, frame=frame).totals
    known = [e for e in entries if e[0] is not None and e[1] is not None]
    assert found["progress"].whole == sum(e[1] for e in known)
    assert found["progress"].part == sum(Fraction(str(e[0])) * e[1] for e in known)
    assert found["progress"].unknown == len(entries) - len(known)
    assert found["started_compounds"].part == sum(bool(e[0]) for e in entries)
    order = random.sample(uids, len(uids))
    assert report(progress.sample(frac=1, random_state=1), frame=frame.loc[order]).totals == found


def test_a_changed_profile_keeps_its_own_day() -> None:
    profile = replace(plan(10), title="我市方案")
    found = report(profile=profile)
    assert (found.profile, found.due_on) == ("我市方案", dt.date(2026, 11, 10))
    assert found.clause == "〔实用5篇·篇五（利通区） 四(二)2〕"

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import RecordError
from policy.profiles import profiles
from policy.programme_overview import approval_counts, approval_facts, deadlines
from policy.progress_entry import progress_texts, read_progress
from policy.stages import NO_STAGES, STAGE_COLUMNS, stages
from policy.standing import DONE, NO_RECORDS, check_stage, current_stages, standing

TODAY = dt.date(2026, 11, 21)
PLAN = "liuzhou-2022"


def rows(*records: tuple[str, str, str | None, str | None]) -> pd.DataFrame:
    listed = [(*record, None) for record in records]
    return pd.DataFrame(
        listed, columns=list(STAGE_COLUMNS), index=[f"r{k}" for k in range(len(listed))]
    )


def states(records: pd.DataFrame, uid: str = "a") -> dict[str, str]:
    found = standing(records, uid, document=PLAN, today=TODAY)
    return {step.stage.id: step.state for step in found.steps}


def test_without_records_the_first_stage_is_under_way_and_it_is_said_that_nothing_is_recorded() -> (
    None
):
    found = standing(NO_STAGES, "a", document=PLAN)
    assert found.current is found.steps[0]
    assert not found.recorded
    assert current_stages(pd.Index(["a"]), NO_STAGES, document=PLAN).tolist() == [NO_RECORDS]


def test_under_way_is_what_follows_the_furthest_that_is_reached() -> None:
    records = rows(("a", "初步方案", None, "2026-03-01"), ("a", "摸底", None, "2026-01-05"))
    found = states(records)
    assert found["survey"] == found["draft"] == "已完成"
    assert found["publicity"] == found["consultation_first"] == "未填"
    assert found["notice_first"] == "进行中"
    assert found["acceptance"] == "未到"


def test_a_planned_day_reaches_nothing_and_is_late_once_it_is_past() -> None:
    found = standing(rows(("a", "survey", "2026-11-01", None)), "a", document=PLAN, today=TODAY)
    assert found.current is not None
    assert (found.current.stage.id, found.current.days_late) == ("survey", 20)


def test_of_two_records_of_a_stage_the_one_reached_last_counts_and_both_are_told() -> None:
    records = rows(
        ("a", "摸底", None, None),
        ("a", "摸底", None, "2026-02-01"),
        ("a", "survey", None, "2026-01-01"),
    )
    step = standing(records, "a", document=PLAN).steps[0]
    assert (step.record, step.reached_on, step.records) == ("r1", "2026-02-01", 3)


def test_stages_of_another_plan_are_named_and_reach_nothing_here() -> None:
    found = standing(rows(("a", "财政评审", None, "2026-01-01")), "a", document=PLAN)
    assert found.others == ("财政评审",)
    assert found.recorded
    assert found.current is found.steps[0]


def test_a_plan_without_stages_has_those_of_the_union() -> None:
    found = standing(NO_STAGES, "a", document="school-works")
    assert not found.own
    assert [step.stage for step in found.steps] == list(stages())


def test_all_reached_is_done() -> None:
    last = stages(PLAN)[-1].id
    records = rows(("a", last, None, "2026-10-01"))
    assert standing(records, "a", document=PLAN).current is None
    assert current_stages(pd.Index(["a"]), records, document=PLAN).tolist() == [DONE]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([s.id for s in stages()]), st.booleans())
    )
)
def test_many_say_the_same_as_one_by_one(entries: list[tuple[str, str, bool]]) -> None:
    records = rows(
        *((uid, key, None, "2026-01-01" if done else None) for uid, key, done in entries)
    )
    uids = pd.Index(list("abc"))
    now = current_stages(uids, records, document=PLAN)
    for uid in uids:
        found = standing(records, uid, document=PLAN)
        single = (
            NO_RECORDS if not found.recorded else DONE if not found.current else found.current.word
        )
        assert now[uid] == single


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reached_on": "上周"}, "完成日期“上周”不是日期"),
        ({"planned_on": "2026-02-30"}, "计划日期“2026-02-30”不是日期"),
        ({"planned_on": "2099-01-01"}, "2000—2060"),
        ({"reached_on": "2026-11-22"}, "还没有到"),
    ],
)
def test_a_day_that_can_not_be_is_refused_in_words(typed: dict[str, str], said: str) -> None:
    with pytest.raises(RecordError, match="甲小区") as refused:
        check_stage(typed, "甲小区", today=TODAY)
    assert said in str(refused.value)


def test_both_days_are_told_at_once() -> None:
    with pytest.raises(RecordError) as refused:
        check_stage({"planned_on": "春天", "reached_on": "夏天"}, "甲小区", today=TODAY)
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("percent", "paid", "said"),
    [
        ("135", "", "0 到 100"),
        ("-1", "", "0 到 100"),
        ("三成", "", "不是数字"),
        ("", "-1", "不能小于 0"),
        ("", "0.00001", "不是整元"),
        ("nan", "1e9", "不是数字"),
    ],
)
def test_progress_that_can_not_be_is_refused(percent: str, paid: str, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        read_progress(percent, paid, "甲小区")


@given(st.integers(0, 10_000), st.integers(0, 10**12))
def test_what_is_written_is_read_again_to_the_yuan(hundredths: int, yuan: int) -> None:
    read = read_progress(str(hundredths / 100), f"{yuan // 10_000}.{yuan % 10_000:04d}", "甲小区")
    assert read["paid_yuan"] == yuan
    texts = progress_texts(read["progress"], read["paid_yuan"])
    assert read_progress(*texts, "甲小区") == read


def test_a_deadline_of_the_next_year_is_this_october() -> None:
    found = deadlines(profiles()[PLAN], today=dt.date(2026, 10, 31))
    assert [(one.for_year, one.state) for one in found] == [(2027, "今日截止")]
    assert deadlines(profiles()["yuncheng-2024"], today=TODAY) == []


def test_approvals_of_many_are_counted_and_what_they_wait_for_is_named() -> None:
    settled = dict.fromkeys(("不涉及建筑主体结构变动", "低风险项目"), "是")
    frame = pd.DataFrame({"extra": [settled, {}], "kind": None}, index=["a", "b"])
    pilot = profiles()["city-pilot"]
    found = approval_counts(frame, pilot)
    assert found.table.loc["施工图审查"].to_dict() == {"需要": 0, "不需要": 1, "需论证": 1}
    assert found.unknown["low_risk"] == ("b",)
    assert set(found.unknown) <= set(approval_facts(pilot))
    assert approval_facts(profiles()[PLAN]) == ()

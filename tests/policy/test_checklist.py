import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import PolicyError
from policy.checklist import FILED, judge_papers, missing_papers, papers
from policy.facts import facts
from policy.judged import NO_VOTES, Judging, Rows
from policy.judging import judge
from policy.profiles import Value, profiles
from policy.reader import read_rules
from policy.review_number import judge_review_number

SCENARIOS = read_rules(Path(__file__).with_name("programme_scenarios.yaml"))["papers"]
REVIEW = profiles()["provincial-review"]
APPLICATION, FILING = REVIEW.rules["application"], REVIEW.rules["filing"]
NUMBER = REVIEW.rules["review_number"]


def judging(frame: pd.DataFrame) -> Judging:
    return Judging(
        frame=frame,
        profile=REVIEW,
        votes=NO_VOTES,
        task=pd.Series(True, index=frame.index),
        today=dt.date(2026, 11, 21),
    )


def extra(scenario: dict) -> dict[str, str]:
    held = dict.fromkeys(scenario["have"], "有") | dict.fromkeys(scenario["lack"], "无")
    if "tendered" in scenario:
        held["已完成招投标"] = "是" if scenario["tendered"] else "否"
    return held


def of_scenarios() -> pd.DataFrame:
    return pd.DataFrame(
        {"name": [s["name"] for s in SCENARIOS], "extra": [extra(s) for s in SCENARIOS]},
        index=pd.Index([f"c{k}" for k in range(len(SCENARIOS))], name="uid"),
    )


@pytest.mark.parametrize("at", range(len(SCENARIOS)), ids=[s["name"] for s in SCENARIOS])
def test_papers_in_words(at) -> None:
    scenario, row = SCENARIOS[at], of_scenarios().iloc[at]
    assert missing_papers(row, APPLICATION).state == scenario["application"]
    assert missing_papers(row, FILING).state == scenario["filing"]
    assert scenario["message"] in missing_papers(row, APPLICATION).message


def test_judge_and_missing_papers_say_the_same_of_every_scenario() -> None:
    frame = of_scenarios()
    for rule in (APPLICATION, FILING):
        rows = judge_papers(rule, judging(frame))
        for at, uid in enumerate(frame.index):
            papers_of_one = missing_papers(frame.loc[uid], rule)
            verdict = rows.verdict(at)
            assert (verdict.state, verdict.message) == (papers_of_one.state, papers_of_one.message)


def test_what_is_missing_and_what_is_unknown_are_named_apart() -> None:
    found = missing_papers(of_scenarios().iloc[3], APPLICATION)
    assert (found.missing, found.unknown) == (("申请函",), ("佐证材料",))
    assert found.found == "已有 6/8 项"


def test_a_row_without_any_facts_lacks_nothing_for_certain() -> None:
    found = missing_papers(pd.Series({"extra": None}, name="c"), APPLICATION)
    assert (found.state, found.missing, len(found.unknown)) == ("需论证", (), 8)


def test_lists_hold_the_papers_of_the_source() -> None:
    assert len(papers(APPLICATION)) == 8
    assert tuple(paper.id for paper in papers(FILING)) == FILED
    assert all(key in facts() for key in FILED)


def test_papers_may_be_listed_by_their_titles() -> None:
    titled = replace(APPLICATION, values={"items": Value(value=("申请函", "申报函"), unit="列表")})
    assert [paper.id for paper in papers(titled)] == ["paper_letter"]


def test_a_list_with_something_that_is_no_paper_is_refused_by_name() -> None:
    wrong = replace(APPLICATION, values={"items": Value(value=("身份证",), unit="列表")})
    with pytest.raises(
        PolicyError, match=r"provincial-review/application.*身份证.*可用的有：申请函"
    ):
        papers(wrong)


def test_a_condition_that_is_no_fact_is_refused() -> None:
    condition = {"unless": Value(value="nothing", unit="文字")}
    wrong = replace(APPLICATION, values={"items": Value(value=(), unit="列表")} | condition)
    with pytest.raises(PolicyError, match="“nothing”不在事实表里"):
        missing_papers(pd.Series({"extra": {}}, name="c"), wrong)


def numbered(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["uid", "name", "review_number", "pianqu_uid"])
    return frame.set_index("uid")


def review(frame: pd.DataFrame) -> Rows:
    return judge_review_number(NUMBER, judging(frame))


def test_a_number_of_ones_own_is_unique_and_a_missing_one_is_open() -> None:
    rows = review(
        numbered(("a", "甲", "GX-01", None), ("b", "乙", None, None), ("c", "丙", " ", None))
    )
    assert rows.states.tolist() == ["符合", "需论证", "需论证"]
    assert rows.verdict(1).message.startswith("未取得审核编号")


def test_a_number_that_two_compounds_have_fails_for_both_and_names_the_other() -> None:
    rows = review(numbered(("a", "甲", "GX-01", None), ("b", "乙", "ｇｘ-０１", None)))
    assert rows.states.tolist() == ["不符合", "不符合"]
    assert "与“乙”重复" in rows.verdict(0).message
    assert "与“甲”重复" in rows.verdict(1).message
    assert rows.verdict(0).found == "GX-01"


def test_members_of_a_pianqu_may_share_its_number_but_nobody_else() -> None:
    rows = review(
        numbered(
            ("a", "甲", "GX-01", "p1"),
            ("b", "乙", "GX-01", "p1"),
            ("c", "丙", "GX-02", "p1"),
            ("d", "丁", "GX-02", "p2"),
            ("e", "戊", None, "p1"),
        )
    )
    assert rows.states.tolist() == ["符合", "符合", "不符合", "不符合", "需论证"]
    assert "“丁”" in rows.verdict(2).message
    assert "同片区其他小区的编号是 GX-01、GX-02" in rows.verdict(4).message


def test_many_with_one_number_are_named_in_part_and_counted() -> None:
    rows = review(numbered(*[(f"c{k}", f"小区{k}", "X", None) for k in range(9)]))
    assert "“小区5”等 8 个小区重复" in rows.verdict(0).message


def test_a_ledger_without_the_column_has_no_numbers() -> None:
    rows = review(pd.DataFrame({"name": ["甲"]}, index=["a"]))
    assert rows.states.tolist() == ["需论证"]


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from([None, "1", "2", "3"]), st.sampled_from([None, "p", "q"])),
        max_size=9,
    ),
    st.randoms(use_true_random=False),
)
def test_a_number_fails_just_where_another_holder_has_it_whatever_the_order(
    entries, random
) -> None:
    rows = [(f"c{k}", f"小区{k}", number, bundle) for k, (number, bundle) in enumerate(entries)]
    found = review(numbered(*rows)).states.to_dict()
    for uid, _, number, bundle in rows:
        others = [
            other
            for other in rows
            if other[2] == number and (other[3] or other[0]) != (bundle or uid)
        ]
        assert found[uid] == ("需论证" if number is None else "不符合" if others else "符合")
    assert review(numbered(*random.sample(rows, len(rows)))).states.to_dict() == found


def test_both_kinds_are_judged_with_the_profile_and_named_by_their_rules() -> None:
    judgement = judge(of_scenarios(), REVIEW)
    names = [rows.rule.name for rows in judgement.rows]
    assert {"application", "filing", "review_number"} <= set(names)
    assert judgement.rule_rows("application").codes.tolist() == [0, 2, 1, 2, 0, 0, 1, 2]


def test_two_hundred_thousand_compounds_are_judged_without_a_word_being_made() -> None:
    size = 220_000
    frame = pd.DataFrame(
        {
            "name": "小区",
            "extra": [extra(SCENARIOS[k % len(SCENARIOS)]) for k in range(size)],
            "review_number": [f"N{k // 2}" for k in range(size)],
            "pianqu_uid": None,
        },
        index=pd.Index(np.arange(size).astype(str), name="uid"),
    )
    judgement = judge(frame, REVIEW)
    assert judgement.rule_rows("review_number").codes.min() == 2
    assert judgement.rule_rows("application").codes[:8].tolist() == [0, 2, 1, 2, 0, 0, 1, 2]

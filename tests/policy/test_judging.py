"""Judging a frame: order, purity, one by one as all at once, monotone in the date, lazy words."""

import copy
import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import PolicyError, RecordError
from policy.judged import Rows
from policy.judging import JUDGES, judge
from policy.profiles import profiles
from policy.rule_kinds import KINDS
from policy.verdicts import STATES, worst
from tests.policy.eligibility_cases import TODAY, changed, compounds

DATES = st.dates(dt.date(1900, 1, 1), TODAY).map(dt.date.isoformat)
NAMES = sorted(profiles())
ROWS = st.fixed_dictionaries(
    {
        "built_on": st.one_of(st.none(), DATES, st.sampled_from(["2099-01-01", "某年", ""])),
        "built_on_is_year": st.sampled_from([True, False, None]),
        "households": st.one_of(st.none(), st.integers(0, 5000)),
        "kind": st.sampled_from(["老旧小区", "城中村"]),
        "extra": st.one_of(
            st.none(),
            st.dictionaries(
                st.sampled_from(["城中村", "已实施综合改造", "批次", "居民改造意愿", "备注二"]),
                st.sampled_from(["是", "否", "实施", "储备", "强烈", "说不清", "", 1]),
            ),
        ),
    }
)
FRAMES = st.lists(ROWS, min_size=1, max_size=8).map(compounds)
FEW = settings(max_examples=25)


@FEW
@given(FRAMES, st.sampled_from(NAMES), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(frame, name, random) -> None:
    order = list(frame.index)
    random.shuffle(order)
    profile = profiles()[name]
    one, other = judge(frame, profile, today=TODAY), judge(frame.loc[order], profile, today=TODAY)
    pd.testing.assert_frame_equal(one.states().loc[order], other.states())
    for uid in order:
        assert one.verdicts(uid) == other.verdicts(uid)
    assert one.cap == other.cap


@FEW
@given(FRAMES, st.sampled_from(NAMES))
def test_input_is_not_changed(frame, name) -> None:
    before = copy.deepcopy(frame)
    extras = repr(frame["extra"].tolist())
    judgement = judge(frame, profiles()[name], today=TODAY)
    judgement.states()
    judgement.obstacles(STATES)
    pd.testing.assert_frame_equal(frame, before)
    assert repr(frame["extra"].tolist()) == extras


@FEW
@given(FRAMES, st.sampled_from(NAMES))
def test_all_at_once_says_what_is_said_one_by_one(frame, name) -> None:
    profile = profiles()[name]
    judgement = judge(frame, profile, today=TODAY)
    states = judgement.states()
    assert list(states.index) == list(frame.index)
    judged = [rule.id for rule in profile.rules.values() if rule.kind in JUDGES]
    assert list(states.columns) == judged
    for uid in frame.index:
        verdicts = judgement.verdicts(uid)
        assert [verdict.rule for verdict in verdicts] == judged
        assert states.loc[uid].tolist() == [verdict.state for verdict in verdicts]
        for group in ("准入", "表决", None):
            of_group = [
                verdict.state
                for verdict in verdicts
                if group in (None, profile.rules[verdict.rule.partition("/")[2]].group)
            ]
            assert judgement.overall(group)[uid] == worst(of_group)
    counts = judgement.counts()
    assert (counts.sum(axis=1) == len(frame)).all()
    for rule in judged:
        assert counts.loc[rule].to_dict() == {
            state: int((states[rule] == state).sum()) for state in STATES
        }


@FEW
@given(FRAMES, st.sampled_from(NAMES), st.integers(0, 9))
def test_obstacles_are_the_verdicts_of_those_states_in_order(frame, name, limit) -> None:
    judgement = judge(frame, profiles()[name], today=TODAY)
    told = [
        [uid, v.rule, v.title, v.state, v.clause, v.found, v.message]
        for uid in frame.index
        for v in judgement.verdicts(uid)
        if v.state in ("不符合", "需论证")
    ]
    listed = judgement.obstacles(("不符合", "需论证"), limit=limit)
    assert listed.to_numpy().tolist() == told[:limit]
    assert listed.attrs["total"] == len(told)
    assert set(judgement.obstacles()["state"]) <= {"不符合"}
    admission = judgement.obstacles(STATES, group="准入")
    groups = {profiles()[name].rules[rule.partition("/")[2]].group for rule in admission["rule"]}
    assert groups <= {"准入"}


@given(
    st.lists(st.dates(dt.date(1900, 1, 1), TODAY), min_size=2, max_size=30),
    st.sampled_from([name for name in NAMES if "build_date" in profiles()[name].rules]),
    st.booleans(),
)
def test_later_completion_is_never_better(days, name, is_year) -> None:
    days = sorted(days)
    rows = [{"built_on": day.isoformat(), "built_on_is_year": is_year} for day in days]
    judgement = judge(compounds(rows), profiles()[name], today=TODAY)
    assert (pd.Series(judgement.rule_rows("build_date").codes).diff().dropna() >= 0).all()


@given(st.dates(dt.date(1995, 1, 1), dt.date(2005, 12, 30)), st.sampled_from(NAMES))
def test_a_bare_year_says_only_what_all_its_days_say(day, name) -> None:
    if "build_date" not in profiles()[name].rules:
        return
    profile = changed(name, "build_date", {"limit": day.isoformat()})
    days = [dt.date(day.year, 1, 1), day, min(day + dt.timedelta(1), dt.date(day.year, 12, 31))]
    days.append(dt.date(day.year, 12, 31))
    rows = [{"built_on": one.isoformat()} for one in days]
    rows.append({"built_on": f"{day.year}-12-31", "built_on_is_year": True})
    rows.append({"built_on": (day - dt.timedelta(1)).isoformat()})
    codes = judge(compounds(rows), profile, today=TODAY).rule_rows("build_date").codes.tolist()
    of_days = set(codes[:4]) | ({codes[5]} if (day - dt.timedelta(1)).year == day.year else set())
    assert codes[4] == (of_days.pop() if len(of_days) == 1 else 1)


def test_kinds_without_a_judge_are_left_out_and_judges_are_for_judged_kinds() -> None:
    assert {kind for kind in JUDGES if not KINDS[kind].judged} == set()
    frame = compounds([{}])
    for profile in profiles().values():
        shown = {rows.rule.kind for rows in judge(frame, profile).rows}
        assert shown <= set(JUDGES)


def test_a_rule_is_found_by_name_and_an_unknown_one_is_told_with_those_there_are() -> None:
    judgement = judge(compounds([{}]), profiles()["chuxiong-2020"])
    assert isinstance(judgement.rule_rows("build_date"), Rows)
    with pytest.raises(PolicyError, match=r"没有可判定的规则“没有的”.*build_date"):
        judgement.rule_rows("没有的")


def test_an_unknown_compound_and_a_doubled_uid_are_told() -> None:
    profile = profiles()["chuxiong-2020"]
    with pytest.raises(RecordError, match="没有标识码为“丙”的小区"):
        judge(compounds([{}]), profile).verdicts("丙")
    doubled = compounds([{"uid": "甲"}, {"uid": "甲"}])
    with pytest.raises(RecordError, match="标识码重复：甲"):
        judge(doubled, profile)
    with pytest.raises(RecordError, match="年度任务：标识码重复：甲"):
        judge(
            compounds([{"uid": "甲"}]), profile, task=pd.Series([True, False], index=["甲", "甲"])
        )


def test_an_empty_plan_is_judged() -> None:
    for profile in profiles().values():
        judgement = judge(compounds([]), profile)
        assert len(judgement.states()) == len(judgement.obstacles()) == 0
        assert judgement.obstacles().attrs["total"] == 0


def test_words_are_made_for_the_listed_rows_only() -> None:
    frame = compounds([{"built_on": "2010-01-01"} for _ in range(50)])
    judgement = judge(frame, profiles()["chuxiong-2020"], today=TODAY)
    said = []

    def counted(rows):
        def say(at):
            said.append(at)
            return rows.say(at)

        return Rows(rule=rows.rule, index=rows.index, codes=rows.codes, limit=rows.limit, say=say)

    watched = type(judgement)(
        judging=judgement.judging, rows=tuple(counted(rows) for rows in judgement.rows)
    )
    watched.states()
    watched.overall()
    watched.counts()
    assert said == []
    assert len(watched.obstacles(limit=7)) == len(said) == 7
    assert watched.obstacles(limit=0).attrs["total"] == 50


def test_the_running_year_is_no_mistake_and_tomorrow_is_one() -> None:
    rows = [
        {"built_on": f"{TODAY.year}-12-31", "built_on_is_year": True},
        {"built_on": TODAY.isoformat()},
        {"built_on": (TODAY + dt.timedelta(days=1)).isoformat()},
    ]
    judgement = judge(compounds(rows), profiles()["chuxiong-2020"], today=TODAY)
    assert judgement.rule_rows("build_date").states.tolist() == ["不符合", "不符合", "需论证"]

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from errors import RecordError
from policy.judging import judge
from policy.profiles import Profile, Value, profiles
from policy.programme import TIERS, deadline_state, priority_score, suggested_tier, tier_of
from policy.reader import read_rules

SCENARIOS = read_rules(Path(__file__).with_name("programme_scenarios.yaml"))["deadlines"]
LIUZHOU = profiles()["liuzhou-2022"]


def find_rule(key: str):
    profile, _, name = key.partition("/")
    return profiles()[profile].rules[name]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[s["name"] for s in SCENARIOS])
def test_deadlines_in_words(scenario) -> None:
    found = deadline_state(
        find_rule(scenario["rule"]), for_year=scenario["for_year"], today=scenario["today"]
    )
    wanted = (scenario["due_on"], scenario["days_left"], scenario["state"])
    assert (found.due_on, found.days_left, found.state) == wanted
    assert scenario["says"] in found.message
    assert "〔" in found.message


def test_a_deadline_of_the_same_year_is_not_put_a_year_before() -> None:
    rule = find_rule("city-pilot/deadline_start")
    changed = {"by": Value(value=(6, 30), unit="月日"), "what": Value(value="开工", unit="文字")}
    filled = replace(rule, values=changed)
    assert deadline_state(filled, for_year=2026, today=dt.date(2026, 1, 1)).due_on == dt.date(
        2026, 6, 30
    )


def test_the_29th_of_february_of_a_common_year_is_the_28th() -> None:
    rule = replace(
        find_rule("liuzhou-2022/deadline"),
        values={"by": Value(value=(2, 29), unit="月日"), "what": Value(value="申报", unit="文字")},
    )
    today = dt.date(2026, 1, 1)
    assert deadline_state(rule, for_year=2027, today=today).due_on == dt.date(2027, 2, 28)
    assert deadline_state(rule, for_year=2028, today=today).due_on == dt.date(2028, 2, 29)


@pytest.mark.parametrize("year", [1999, 2099, True, "2026", None])
def test_a_year_that_is_none_of_these_plans_is_refused(year) -> None:
    with pytest.raises(RecordError, match="申报年度"):
        deadline_state(
            find_rule("liuzhou-2022/deadline"), for_year=year, today=dt.date(2026, 11, 21)
        )


def compounds(**rows: dict) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": list(rows),
            "built_on": [row.pop("built_on", "1990-12-31") for row in rows.values()],
            "extra": list(rows.values()),
        },
        index=pd.Index(list(rows), name="uid"),
    )


def test_tiers_are_what_the_planner_gave_and_none_where_nobody_did() -> None:
    frame = compounds(
        a={"实施批次": "实施一批"},
        b={"批次": "谋划"},
        c={"实施批次": "储备"},
        d={},
        e={"批次": "以后"},
    )
    tiers = tier_of(frame)
    assert tiers.tolist() == ["实施", "谋划", "储备", None, None]
    assert tiers.name == "tier_of"
    assert list(tiers.index) == ["a", "b", "c", "d", "e"]
    assert set(TIERS) == {"实施", "谋划", "储备"}


def plan(*names: str) -> Profile:
    """柳州 with a few of its rules only."""
    return replace(LIUZHOU, rules={name: LIUZHOU.rules[name] for name in names})


def test_a_tier_is_suggested_from_the_verdicts_with_the_rules_that_stand_in_the_way() -> None:
    frame = compounds(
        late={"built_on": "2006-01-01"}, unknown={"built_on": None}, early={"实施批次": "实施"}
    )
    found = suggested_tier(judge(frame, plan("build_date", "consent")))
    assert found["suggested"].tolist() == [None, "储备", "谋划"]
    assert "建议不列入：准入规则“" in found.loc["late", "reason"]
    assert "还不能判断，先补资料" in found.loc["unknown", "reason"]
    assert "“业主表决”需论证，办好后再实施" in found.loc["early", "reason"]
    assert found["differs"].tolist() == [False, False, True]


def test_where_all_rules_hold_the_tier_is_now_and_every_reason_is_a_suggestion() -> None:
    found = suggested_tier(judge(compounds(a={}, b={"实施批次": "实施"}), plan("build_date")))
    assert found["suggested"].tolist() == ["实施", "实施"]
    assert found["reason"].str.startswith("建议").all()
    assert found["tier"].tolist() == [None, "实施"]
    assert not found["differs"].any()


def test_a_plan_without_judged_rules_and_a_frame_without_compounds_give_no_error() -> None:
    assert suggested_tier(judge(compounds(a={}), plan("tiers")))["suggested"].tolist() == ["实施"]
    empty = compounds(a={})[:0]
    assert suggested_tier(judge(empty, plan("build_date"))).empty
    assert priority_score(empty, LIUZHOU.rules["priority"]).empty


def test_priority_counts_what_holds_and_names_what_is_unknown() -> None:
    frame = compounds(
        all={"有基层党组织": "是", "群众参与度高": "是", "已成立业委会或自管小组": "是"},
        some={"有基层党组织": "有", "群众参与度高": "否"},
        none={},
    )
    found = priority_score(frame, LIUZHOU.rules["priority"])
    assert found["score"].tolist() == [3, 1, 0]
    assert found["unknown"].tolist() == [0, 1, 3]
    assert (found["of"] == 3).all()
    assert found.loc["some", "reasons"] == (
        "优先条件满足：有基层党组织；未填写：已成立业委会或自管小组〔柳政规〔2022〕3号 三(一)1〕。"
    )
    assert found.loc["none", "reasons"].startswith("没有满足的优先条件；未填写：")


def test_order_of_rows_changes_nothing_and_input_is_kept() -> None:
    frame = compounds(
        **{f"c{k}": {"有基层党组织": "是" if k % 2 else "否"} for k in range(6)},
    )
    before = frame.copy(deep=True)
    mixed = frame.iloc[np.random.default_rng(1).permutation(6)]
    rule, profile = LIUZHOU.rules["priority"], plan("build_date", "consent")
    pd.testing.assert_frame_equal(
        priority_score(frame, rule), priority_score(mixed, rule).loc[frame.index]
    )
    pd.testing.assert_frame_equal(
        suggested_tier(judge(frame, profile)),
        suggested_tier(judge(mixed, profile)).loc[frame.index],
    )
    pd.testing.assert_frame_equal(frame, before)

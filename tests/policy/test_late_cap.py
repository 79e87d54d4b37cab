"""The cap on late compounds: exact at the threshold, and what one compound is told of it."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.judging import judge
from tests.policy.eligibility_cases import TODAY, changed, compounds

CAP = Fraction(3, 20)


def cap_of(rows, values=None, task=None):
    profile = changed("yangjiang-2021", "build_date", values)
    return judge(compounds(rows), profile, task=task, today=TODAY).cap


def task_of(early, late):
    return [
        {"built_on": "1995-06-30", "households": early},
        {"built_on": "2003-06-30", "households": late},
    ]


@given(early=st.integers(0, 10**7), late=st.integers(0, 10**7))
def test_what_could_still_be_admitted_keeps_the_cap_and_one_more_breaks_it(early, late) -> None:
    cap = cap_of(task_of(early, late))
    total = early + late
    if total == 0:
        assert cap.kept is None
        return
    assert cap.kept is (Fraction(late, total) <= CAP)
    if cap.kept:
        assert Fraction(late + cap.more, total + cap.more) <= CAP
        assert Fraction(late + cap.more + 1, total + cap.more + 1) > CAP
        assert Fraction(late + cap.more_within, total) <= CAP
        assert Fraction(late + cap.more_within + 1, total) > CAP
        assert cap.excess == 0
    else:
        assert cap.more == cap.more_within == 0
        assert Fraction(late - cap.excess, max(1, total - cap.excess)) <= CAP
        assert Fraction(late - cap.excess + 1, total - cap.excess + 1) > CAP


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.integers(0, 99))
def test_areas_are_summed_as_they_are_written(hundredths, seed) -> None:
    rows = [
        {"built_on": "2003-01-01" if k % 3 == seed % 3 else "1990-01-01", "floor_area_m2": n / 100}
        for k, n in enumerate(hundredths)
    ]
    cap = cap_of(rows, {"late_counted_by": "建筑面积"})
    assert cap.total == Fraction(sum(hundredths), 100)


def test_a_late_compound_is_told_what_is_used_and_whether_it_fits() -> None:
    rows = [*task_of(900, 100), {"built_on": "2004-05-01", "households": 58}]
    rows += [{"built_on": "2004-05-01", "households": 59}, {"built_on": "2005-05-01"}]
    frame = compounds(rows)
    task = pd.Series([True, True], index=["u0", "u1"])
    judgement = judge(frame, changed("yangjiang-2021", "build_date", None), task=task, today=TODAY)
    told = [judgement.rule_rows("build_date").verdict(at) for at in range(1, 5)]
    assert {verdict.state for verdict in told} == {"需论证"}
    for verdict in told:
        used = "须占用15.0%名额：本年任务 1,000 户，已占 100 户（10.0%），还可增加 58 户（任务总量不变时 50 户）"
        assert used in verdict.message
    assert "本小区 100 户，已计入。" in told[0].message
    assert "本小区 58 户，名额够用。" in told[1].message
    assert "本小区 59 户，超出还可增加的数量。" in told[2].message
    assert "本小区户数未知，请补填。" in told[3].message


def test_by_default_the_task_is_the_tier_and_else_all_compounds() -> None:
    rows = task_of(900, 100)
    assert cap_of(rows).total == 1000
    rows[0]["extra"] = {"实施批次": "实施一批"}
    assert cap_of(rows).total == 900
    rows[1]["extra"] = {"批次": "储备"}
    assert (cap_of(rows).total, cap_of(rows).late) == (900, 0)
    rows[0]["extra"] = {"实施批次": "谋划"}
    assert cap_of(rows).share is None
    assert "本年任务里没有小区" in cap_of(rows).verdict.message


def test_a_task_without_any_known_figure_leaves_the_cap_open() -> None:
    cap = cap_of([{"built_on": "1995-01-01"}, {"built_on": "2003-01-01"}])
    assert (cap.state, cap.unknown, cap.unknown_late) == ("需论证", 2, 1)
    assert "户数未知" in cap.verdict.message
    assert "无法算出名额" in cap.verdict.message


def test_a_bare_year_across_a_limit_counts_as_without_a_date() -> None:
    rows = [*task_of(850, 150), {"built_on": "2005-12-31", "built_on_is_year": True}]
    rows[2]["households"] = 10
    assert cap_of(rows).late == 160
    cap = cap_of(rows, {"late_limit": "2005-06-30"})
    assert (cap.late, cap.undated, cap.undated_compounds) == (150, 10, 1)


@pytest.mark.parametrize("share", [None, "100%"])
def test_a_blank_cap_and_one_of_everything(share) -> None:
    cap = cap_of(task_of(10, 90), {"late_share": share})
    assert cap.more is None
    assert cap.state == ("需论证" if share is None else "符合")
    assert ("原文留空" in cap.verdict.message) is (share is None)


def test_only_a_profile_with_a_cap_has_one() -> None:
    frame = compounds(task_of(1, 1))
    for name in ("chuxiong-2020", "liuzhou-2022"):
        assert judge(frame, changed(name, "build_date", None), today=TODAY).cap is None
    blank = {"limit": None}
    assert cap_of(task_of(1, 1), blank) is None


def test_negative_and_unreadable_figures_are_unknown() -> None:
    frame = compounds(task_of(900, 100)).astype({"households": object})
    frame.loc["u0", "households"] = "九百"
    frame.loc["u1", "households"] = -100
    cap = judge(frame, changed("yangjiang-2021", "build_date", None), today=TODAY).cap
    assert (cap.total, cap.unknown) == (0, 2)

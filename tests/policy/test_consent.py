import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from data.schema import RECORD_TABLES
from errors import PolicyError, RecordError
from policy.consent import check_vote, civil_code, consent_rules, counting_rule, tally
from policy.consent_measures import M2, Measure
from policy.consent_reading import NAMES, read_day, read_number
from policy.judged import VOTE_COLUMNS
from policy.profiles import Profile, Rule, profiles

SCENARIOS = yaml.safe_load(
    (Path(__file__).parent / "consent_scenarios.yaml").read_text(encoding="utf-8")
)
SPECIAL = civil_code("特别")
GOOD = {
    "owners_total": 200,
    "owners_voted": 134,
    "owners_agreed": 101,
    "area_total_m2": 20000,
    "area_voted_m2": 13400,
    "area_agreed_m2": 10050,
    "round": 1,
    "held_on": "2024-10-20",
    "notice_from": "2024-09-30",
    "notice_to": "2024-10-12",
}


def rule_of(key: str) -> Rule:
    profile, name = key.split("/")
    if profile == "civil-code":
        return civil_code({"general": "一般", "special": "特别"}[name])
    return profiles()[profile].rules[name]


def vote_of(owners=(None,) * 3, area=(None,) * 3) -> dict[str, object]:
    names = ("total", "voted", "agreed")
    return {
        **{f"owners_{name}": figure for name, figure in zip(names, owners, strict=True)},
        **{f"area_{name}_m2": figure for name, figure in zip(names, area, strict=True)},
    }


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda case: case["name"])
def test_the_vote_before_at_and_after_each_threshold(case) -> None:
    found = tally(rule_of(case["rule"]), vote_of(case["owners"], case.get("area", (None,) * 3)))
    assert found.verdict.state == case["state"]
    short = {m.name: m.more_needed for m in found.measures if not m.passes}
    wanted = {k: v if v is None else Fraction(str(v)) for k, v in case["short"].items()}
    assert short == wanted
    for part in case.get("says", ()):
        assert part in found.verdict.message


def test_every_rule_on_votes_has_its_scenarios() -> None:
    of_plans = {r.id for p in profiles().values() for r in p.of_kind("consent")}
    assert {case["rule"] for case in SCENARIOS} == {
        *of_plans,
        "civil-code/general",
        "civil-code/special",
    }
    assert len({case["name"] for case in SCENARIOS}) == len(SCENARIOS)


def test_a_verdict_carries_rule_clause_figures_and_limit() -> None:
    verdict = tally(SPECIAL, GOOD).verdict
    assert verdict.rule == "civil-code/special"
    assert verdict.clause == "〔民法典 第二百七十八条〕"
    assert verdict.found.startswith("参与人数 134/200 人，同意人数 101/134 人，参与面积")
    assert verdict.limit == "参与人数、参与面积≥全体的 2/3，同意人数、同意面积≥参与者的 3/4"
    general = tally(civil_code("一般"), GOOD).verdict
    assert general.limit.endswith("同意人数、同意面积>参与者的 1/2")


def test_nothing_recorded_is_open_and_names_everything() -> None:
    verdict = tally(SPECIAL, {}).verdict
    assert verdict.state == "需论证"
    assert verdict.message == (
        "未录入参与人数、业主总人数、同意人数、参与面积、专有部分总面积、同意面积，请补录后再判断。"
    )


def test_owners_are_not_asked_where_all_is_rented() -> None:
    verdict = tally(SPECIAL, GOOD, tenure="公租房").verdict
    assert verdict.state == "需论证"
    assert "没有业主" in verdict.message
    assert tally(SPECIAL, GOOD, tenure="房改房").verdict.state == "符合"
    residents = rule_of("chuxiong-2020/consent_first")
    assert tally(residents, GOOD, tenure="公租房").verdict.state == "不符合"


def changed(rule: Rule, **figures: object) -> Rule:
    """Give the rule with other shares; None leaves the figure blank, ... leaves it out."""
    values = dict(rule.values)
    for name, figure in figures.items():
        if figure is ...:
            del values[name]
        else:
            values[name] = type(values[name])(value=figure, unit=values[name].unit)
    return Rule(**{**vars(rule), "values": values})


def test_a_share_that_the_plan_leaves_blank_or_has_not_is_told_apart() -> None:
    blank = tally(changed(SPECIAL, approve_area=None), GOOD)
    assert blank.verdict.state == "需论证"
    assert "原文没有写明同意面积的比例" in blank.verdict.message
    assert "原文留空" in blank.verdict.limit
    without = tally(changed(SPECIAL, approve_area=...), GOOD)
    assert without.verdict.state == "符合"
    assert [m.name for m in without.measures] == ["参与人数", "同意人数", "参与面积"]
    names = ("quorum_owners", "quorum_area", "approve_owners", "approve_area")
    none = tally(changed(SPECIAL, **dict.fromkeys(names, ...)), GOOD).verdict
    assert (none.state, none.limit) == ("需论证", "")
    assert "没有写明表决比例" in none.message


def test_shares_of_a_planner_are_written_as_they_are_read() -> None:
    limit = tally(
        changed(
            SPECIAL, approve_area=Fraction("66.5%".rstrip("%")) / 100, approve_owners=Fraction(1)
        ),
        GOOD,
    ).verdict.limit
    assert "同意人数≥参与者的 100%" in limit
    assert "同意面积≥参与者的 66.5%" in limit


# Properties ------------------------------------------------------------------------------------------------

shares = st.sampled_from(
    [Fraction(1, 2), Fraction(2, 3), Fraction(3, 4), Fraction(3, 5), Fraction(1)]
)


@st.composite
def votes(draw):
    total = draw(st.integers(1, 3000))
    voted = draw(st.integers(0, total))
    return total, voted, draw(st.integers(0, voted))


def counted(owners, share, *, strictly=False) -> tuple[Measure, Measure]:
    rule = changed(SPECIAL, quorum_owners=share, approve_owners=share, strictly=strictly)
    participation, agreement, *_ = tally(rule, vote_of(owners)).measures
    return participation, agreement


@given(votes(), shares)
def test_so_many_more_taking_part_pass_and_one_fewer_do_not(owners, share) -> None:
    total, voted, agreed = owners
    more = int(counted(owners, share)[0].more_needed)
    assert counted((total, voted + more, agreed), share)[0].passes
    if more:
        assert counted((total, voted + more - 1, agreed), share)[0].passes is False


@given(votes(), shares, st.booleans())
def test_so_many_more_agreeing_pass_and_one_fewer_do_not(owners, share, strictly) -> None:
    total, voted, agreed = owners
    more = counted(owners, share, strictly=strictly)[1].more_needed
    if more is None:  # nobody takes part, or more than all of them would have to agree
        assert voted == 0 or (strictly and share == 1)
        return
    assert counted((total, voted, agreed + int(more)), share, strictly=strictly)[1].passes
    if more:
        fewer = (total, voted, agreed + int(more) - 1)
        assert counted(fewer, share, strictly=strictly)[1].passes is False


@given(votes(), shares, st.booleans())
def test_so_many_newcomers_pass_and_one_fewer_do_not(owners, share, strictly) -> None:
    total, voted, agreed = owners
    joining = counted(owners, share, strictly=strictly)[1].more_joining
    if joining is None:
        return
    k = int(joining)
    assert 0 < k <= total - voted
    assert counted((total, voted + k, agreed + k), share, strictly=strictly)[1].passes
    fewer = (total, voted + k - 1, agreed + k - 1)
    assert counted(fewer, share, strictly=strictly)[1].passes is False


@given(votes(), shares)
def test_exactly_the_missing_area_passes_and_a_square_millimetre_less_does_not(
    areas, share
) -> None:
    rule = changed(SPECIAL, quorum_area=share, approve_area=share)
    total, voted, agreed = areas
    *_, participation, agreement = tally(rule, vote_of(area=areas)).measures
    speck = Fraction(1, 10**6)
    missing = participation.more_needed
    if missing:
        for more, passes in ((missing, True), (missing - speck, False)):
            found = tally(rule, vote_of(area=(total, voted + more, agreed))).measures[2]
            assert found.passes is passes
    if agreement.more_needed:
        for more, passes in ((agreement.more_needed, True), (agreement.more_needed - speck, False)):
            found = tally(rule, vote_of(area=(total, voted, agreed + more))).measures[3]
            assert found.passes is passes


@given(votes(), st.sampled_from(["一般", "特别"]), st.fractions(Fraction(1, 1000), 1000))
def test_another_unit_of_area_does_not_change_the_result(areas, majority, factor) -> None:
    rule = civil_code(majority)
    plain = [m for m in tally(rule, vote_of(area=areas)).measures if m.unit == M2]
    scaled_areas = [figure * factor for figure in areas]
    scaled = [m for m in tally(rule, vote_of(area=scaled_areas)).measures if m.unit == M2]
    assert [m.passes for m in plain] == [m.passes for m in scaled]
    assert [None if m.more_needed is None else m.more_needed * factor for m in plain] == [
        m.more_needed for m in scaled
    ]


@given(st.integers(1, 10**9), st.sampled_from([float, str, Decimal, np.float64]))
def test_areas_at_the_threshold_are_exact_however_they_are_written(thirds, kind) -> None:
    def area(hundredths: int) -> object:
        text = f"{hundredths // 100}.{hundredths % 100:02d}"
        return kind(text)

    total, two_thirds = area(3 * thirds), area(2 * thirds)
    vote = {"area_total_m2": total, "area_voted_m2": two_thirds}
    assert tally(SPECIAL, vote).measures[2].passes
    vote["area_voted_m2"] = area(2 * thirds - 1)
    below = tally(SPECIAL, vote).measures[2]
    assert (below.passes, below.more_needed) == (False, Fraction(1, 100))


def test_the_binary_neighbours_of_a_tenth_do_no_harm() -> None:
    # 0.2 of 0.3 in floats is just above two thirds, 0.1 + 0.2 just above 0.3.
    assert tally(SPECIAL, {"area_total_m2": 0.3, "area_voted_m2": 0.2}).measures[2].passes
    assert tally(SPECIAL, {"area_total_m2": 0.9, "area_voted_m2": 0.6}).measures[2].passes
    assert tally(SPECIAL, {"area_total_m2": 4.35, "area_voted_m2": 2.9}).measures[2].passes
    with pytest.raises(
        RecordError, match=r"参与面积 0\.30000000000000004 ㎡多于专有部分总面积 0\.3 ㎡"
    ):
        tally(SPECIAL, {"area_total_m2": 0.3, "area_voted_m2": 0.1 + 0.2})


# The civil code and the fallback ---------------------------------------------------------------------------


def test_the_civil_code_asks_for_what_its_clause_says() -> None:
    general, special = civil_code("一般"), civil_code("特别")
    for rule in (general, special):
        assert rule.get("quorum_owners") == rule.get("quorum_area") == Fraction(2, 3)
        assert (rule.document, rule.section) == ("civil-code", "第二百七十八条")
        assert rule.get("approve_of") == "参与者"
    assert (general.get("approve_owners"), general.get("strictly")) == (Fraction(1, 2), True)
    assert (special.get("approve_owners"), special.get("strictly")) == (Fraction(3, 4), False)
    assert counting_rule().clause == "〔民法典 第二百零一条〕"
    with pytest.raises(PolicyError, match="可选：一般、特别"):
        civil_code("全体")


def test_a_plan_without_a_majority_of_its_own_gets_the_civil_codes_and_is_told() -> None:
    own = profiles()["chuxiong-2020"]
    assert [rule.name for rule in consent_rules(own)] == ["consent_first", "consent_second"]
    none = Profile(**{**vars(own), "rules": {}})
    (rule,) = consent_rules(none)
    assert rule.id == "civil-code/general"
    assert "本方案未作规定" in tally(rule, GOOD).verdict.title
    assert own.title in rule.text
    assert civil_code("一般").title not in rule.title


def test_only_a_rule_on_votes_counts_votes() -> None:
    with pytest.raises(PolicyError, match="不是表决规则"):
        tally(profiles()["liuzhou-2022"].rules["build_date"], GOOD)


# Bad input -------------------------------------------------------------------------------------------------


def test_a_vote_that_can_be_is_let_through() -> None:
    check_vote(GOOD, "甲小区")
    check_vote({"notice_from": dt.date(2024, 10, 8), "notice_to": None}, "甲小区")
    check_vote({"owners_total": "1,061", "owners_agreed": np.int64(900)}, "甲小区")
    check_vote(
        {**GOOD, "area_total_m2": pd.NA, "area_voted_m2": float("nan"), "area_agreed_m2": ""}, ""
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"owners_agreed": 135}, "同意人数 135 人多于参与人数 134 人"),
        ({"owners_voted": 201}, "参与人数 201 人多于业主总人数 200 人"),
        ({"owners_voted": None, "owners_agreed": 201}, "同意人数 201 人多于业主总人数 200 人"),
        ({"owners_agreed": -1}, "同意人数 -1 小于 0"),
        ({"owners_voted": 133.5}, "参与人数 133.5 不是整数"),
        ({"owners_total": True}, "业主总人数“True”不是数"),
        ({"owners_total": "二百"}, "业主总人数“二百”不是数"),
        ({"owners_total": [200]}, "业主总人数“[200]”不是数"),
        ({"owners_total": float("inf")}, "业主总人数“inf”不是数"),
        ({"owners_total": "1e999999999"}, "不是数"),
        ({"owners_total": "9" * 10_000}, "不是数"),
        ({"owners_total": 10**5000}, "不是数"),
        ({"owners_total": None}, "未填业主总人数"),
        ({"owners_total": 0, "owners_voted": 0, "owners_agreed": 0}, "业主总人数是 0"),
        ({"area_agreed_m2": "13400.01"}, "同意面积 13400.01 ㎡多于参与面积 13400 ㎡"),
        ({"area_voted_m2": 20000.5}, "参与面积 20000.5 ㎡多于专有部分总面积 20000 ㎡"),
        ({"area_agreed_m2": -0.5}, "同意面积 -0.5 小于 0"),
        ({"area_total_m2": ""}, "未填专有部分总面积"),
        ({"area_total_m2": 0}, "专有部分总面积是 0"),
        ({"notice_to": "2024-09-29"}, "公示结束日期 2024-09-29 早于公示开始日期 2024-09-30"),
        ({"notice_from": None}, "没有公示开始日期"),
        ({"held_on": "2099-01-01"}, "表决日期是 2099-01-01，不在 1949—2060 年之间"),
        ({"held_on": "明天"}, "表决日期是“明天”，不是日期"),
        ({"held_on": "2024-02-30"}, "不是日期"),
        ({"held_on": 20241020}, "不是日期"),
        ({"held_on": "2024-10-21"}, "在今天（2024-10-20）之后"),
        ({"round": 0}, "轮次“0”应是 1 到 9 的整数"),
        ({"round": "第二轮"}, "轮次“第二轮”"),
        (dict.fromkeys(GOOD), "没有表决结果，也没有公示日期"),
    ],
)
def test_a_vote_that_can_not_be_is_refused(values, told) -> None:
    with pytest.raises(RecordError) as caught:
        check_vote({**GOOD, **values}, "甲小区第一轮", today=dt.date(2024, 10, 20))
    assert told in "\n".join(caught.value.problems)
    assert str(caught.value).startswith("甲小区第一轮：")
    assert all(len(problem) < 200 for problem in caught.value.problems)


def test_figures_are_named_as_on_the_form() -> None:
    titles = {field.name: field.title for field in RECORD_TABLES["votes"].fields}
    assert {key: titles[key] for key in NAMES} == NAMES
    assert set(VOTE_COLUMNS) <= set(titles)


def test_all_that_is_wrong_is_told_at_once() -> None:
    bad = {
        "owners_total": 100,
        "owners_voted": 120,
        "owners_agreed": 130,
        "area_voted_m2": -1,
        "held_on": "2099-01-01",
        "notice_from": "2024-10-08",
        "notice_to": "2024-10-01",
    }
    with pytest.raises(RecordError) as caught:
        check_vote(bad, "第 3 行")
    assert len(caught.value.problems) == 7


def test_tally_refuses_figures_that_contradict_each_other() -> None:
    with pytest.raises(RecordError, match="同意人数 135 人多于参与人数 134 人"):
        tally(SPECIAL, {**GOOD, "owners_agreed": 135})


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (0.1, Fraction(1, 10)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.int64(7), Fraction(7)),
        (Decimal("0.125"), Fraction(1, 8)),
        (Fraction(1, 3), Fraction(1, 3)),
        ("１２３．５", Fraction(247, 2)),
        (" 1,061.5 ", Fraction(2123, 2)),
        (1e16, Fraction(10**16)),
        (None, None),
        (pd.NA, None),
        (pd.NaT, None),
        (Decimal("NaN"), None),
        ("", None),
    ],
)
def test_figures_are_read_as_they_print(raw, read) -> None:
    assert read_number(raw) == read


def test_days_are_read_from_dates_times_and_iso_texts() -> None:
    day = dt.date(2024, 10, 8)
    for raw in (
        day,
        dt.datetime(2024, 10, 8, 9),
        pd.Timestamp(day),
        "2024-10-08",
        "2024-10-08T09:00",
    ):
        assert read_day(raw) == day
    assert read_day(pd.NaT) is None

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.schema import FIELDS, RECORD_TABLES
from errors import PolicyError, RecordError
from policy.facts import facts
from policy.judged import VOTE_COLUMNS
from policy.profiles import Profile, profiles
from policy.programme import TIERS
from policy.progress import PROGRESS_COLUMNS
from policy.schedule import Period, date_findings, schedule, schedule_findings
from policy.stage_list import read_stages, stage_fields
from policy.stages import NO_STAGES, STAGE_COLUMNS, find_stage, missing_to_leave, stages

# domain.md 7.3
UNION = [
    *("储备", "谋划", "摸底", "征求意见一", "公示", "可研初设", "征求意见二", "审核"),
    *("计划下达", "招投标", "施工", "竣工验收", "移交管养"),
]
CHUXIONG, LIUZHOU = profiles()["chuxiong-2020"], profiles()["liuzhou-2022"]


def words(plan: str, section: str = "") -> list[str]:
    named = [stage.named[0] for stage in stages(plan)]
    return [one.word for one in named if one.section.startswith(section)]


def test_the_union_holds_the_stages_of_the_domain_in_their_order() -> None:
    titles = [stage.title for stage in stages()]
    assert [title for title in titles if title in UNION] == UNION
    assert len(titles) == len(set(titles))


def test_yangjiang_has_its_eight_steps_before_and_eight_of_the_works() -> None:
    assert words("yangjiang-2021", "六(一)") == [
        *("底数摸查", "项目评估", "编制实施方案", "征求意见"),
        *("专家评审", "实施方案公示", "方案审定", "计划申报"),
    ]
    assert len(words("yangjiang-2021", "六(二)")) == 8
    assert words("yangjiang-2021", "六(三)") == ["后期管养"]


def test_chuxiong_goes_through_its_six_sections_with_two_votes_and_two_notices() -> None:
    sections = [stage.named[0].section for stage in stages("chuxiong-2020")]
    assert list(dict.fromkeys(sections)) == [f"六({k})" for k in "一二三四五六"]
    ids = [stage.id for stage in stages("chuxiong-2020")]
    assert ids.index("consultation_first") < ids.index("feasibility")
    assert ids.index("feasibility") < ids.index("consultation_second")


def test_each_stage_names_a_section_that_the_profile_of_its_plan_has_too() -> None:
    for plan, steps in read_stages()[1].items():
        known = {rule.section for rule in profiles()[plan].rules.values()}
        assert {named.section for _, named in steps} <= known, plan


def test_needs_ask_for_columns_facts_and_tiers_that_there_are() -> None:
    for stage in stages():
        for need in stage.needs:
            if need.kind == "facts":
                assert set(need.of) <= set(facts()), stage.id
            if need.kind == "tier":
                assert set(need.of) <= set(TIERS), stage.id
    assert stage_fields() == {key: FIELDS[key].title for key in stage_fields()}


def test_records_have_the_columns_of_the_plan_file() -> None:
    for table, columns in (("stages", STAGE_COLUMNS), ("progress", PROGRESS_COLUMNS)):
        assert [field.name for field in RECORD_TABLES[table].fields][1:] == list(columns)


def test_a_plan_without_stages_has_none_and_an_unknown_one_is_refused() -> None:
    assert stages("sanjiu-dongguan") == ()
    with pytest.raises(PolicyError, match="没有登记文件“nowhere”"):
        stages("nowhere")


def test_a_stage_is_found_by_id_or_title_and_an_unknown_one_is_refused_with_the_list() -> None:
    assert find_stage("tender") == find_stage("招投标")
    with pytest.raises(RecordError, match="没有“开张”这个阶段，可用的有：储备、谋划"):
        find_stage("开张")


GOOD = Path("policy/standards/stages.yaml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("need: vote", "need: votes", "need 是“votes”，可用的是"),
        ("of: [works_text, investment_yuan]", "of: [works]", "不认识的列 works"),
        ("id: tender", "id: review", "重复的 id"),
        ("stage: tender", "stage: party", "stage 是“party”，stages 里没有"),
        ("section: 五(一), ", "", "缺少 section"),
        ("round: 1", "round: 一", "round 应是整数"),
        ("yuncheng-2024:", "somewhere:", "没有登记文件“somewhere”"),
        ("checked_on: 2026-11-21", "checked_on: 昨天", "checked_on 应是日期"),
        (
            "  - {id: publicity",
            "  - {id: idle, title: 闲, needs: []}\n  - {id: publicity",
            "没有方案提到阶段 idle",
        ),
    ],
)
def test_a_malformed_file_is_refused_with_file_and_key(tmp_path, old, new, message) -> None:
    good = (Path(__file__).parents[2] / GOOD).read_text(encoding="utf-8")
    assert old in good
    path = tmp_path / "stages.yaml"
    path.write_text(good.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError, match=message):
        read_stages(path)


def compound(**held: object) -> pd.Series:
    extra = held.pop("extra", {})
    return pd.Series({"name": "甲", "extra": extra, **held}, name="c1", dtype=object)


def lacking(stage: str, row: pd.Series, profile: Profile, **records: pd.DataFrame) -> list[str]:
    return [one.what for one in missing_to_leave(stage, row, profile=profile, **records)]


def vote(**held: object) -> pd.DataFrame:
    values = dict.fromkeys(VOTE_COLUMNS) | {"compound_uid": "c1", "round": 1} | held
    return pd.DataFrame([values], index=["v1"])


AGREED = {
    **{"owners_total": 300, "owners_voted": 300, "owners_agreed": 300},
    **{"area_total_m2": 30_000, "area_voted_m2": 30_000, "area_agreed_m2": 30_000},
    "held_on": "2026-06-01",
}


def test_consultation_is_left_with_a_vote_of_its_round_that_passed() -> None:
    stage = "征求意见一"
    none = missing_to_leave(stage, compound(), profile=CHUXIONG)
    assert [one.clause for one in none] == ["〔楚市政办通〔2020〕5号 六(二)〕"]
    assert none[0].where == "表决记录"
    assert lacking(stage, compound(), CHUXIONG, votes=vote(**AGREED)) == []
    second = vote(**AGREED, round=2)
    assert len(lacking(stage, compound(), CHUXIONG, votes=second)) == 1
    assert lacking("征求意见二", compound(), CHUXIONG, votes=second) == []
    few = vote(**{**AGREED, "owners_agreed": 199, "area_agreed_m2": 19_900})
    assert len(lacking(stage, compound(), CHUXIONG, votes=few)) == 1


def test_notice_is_left_when_it_was_long_enough() -> None:
    # Monday to Friday are four working days: the day on which a notice goes up does not count.
    four = vote(notice_from="2026-06-01", notice_to="2026-06-05")
    five = vote(notice_from="2026-06-01", notice_to="2026-06-08")
    assert len(lacking("公示", compound(), LIUZHOU, votes=four)) == 1
    assert lacking("公示", compound(), LIUZHOU, votes=five) == []
    assert len(lacking("初步设计公示", compound(), CHUXIONG, votes=five)) == 1
    assert lacking("初步设计公示", compound(), CHUXIONG, votes=five.assign(round=2)) == []


def test_application_is_left_with_all_papers_and_says_which_are_missing() -> None:
    review = profiles()["provincial-review"]
    row = compound(works_text="路灯", investment_yuan=1, extra={"申请函": "无"})
    found = lacking("申报", row, review)
    assert len(found) == 1
    assert found[0].startswith("缺申请函；未填写是否已有小区概况、")


def test_review_is_left_with_a_number_that_nobody_else_has() -> None:
    review = profiles()["provincial-review"]
    frame = pd.DataFrame([compound(review_number="A"), compound(review_number="A").rename("c2")])
    assert "未取得审核编号" in lacking("审核", compound(), review)[0]
    assert lacking("审核", frame.iloc[0], review) == []
    assert "重复" in lacking("审核", frame.iloc[0], review, frame=frame)[0]
    assert lacking("审核", compound(), LIUZHOU) == []


@pytest.mark.parametrize(
    ("money", "said"),
    [
        ({}, "预计投资额或资金来源未知"),
        ({"investment_yuan": 1_100_000, "grant_central_yuan": 1_000_000}, "资金缺口 10.0 万元"),
        ({"investment_yuan": 400_000, "grant_central_yuan": 400_001}, "多 0.0001 万元"),
    ],
)
def test_funding_is_left_when_the_sources_cover_the_investment(money, said) -> None:
    yuncheng = profiles()["yuncheng-2024"]
    found = missing_to_leave("资金落实", compound(**money), profile=yuncheng)
    assert said in found[0].what
    assert found[0].clause == yuncheng.rules["sources"].clause
    row = compound(investment_yuan=400_000, grant_central_yuan=400_000)
    assert lacking("资金落实", row, yuncheng) == []


def test_acceptance_is_left_with_its_date_and_works_when_they_are_done() -> None:
    reached = pd.DataFrame([("c1", "acceptance", None, "2026-11-20", None)], columns=STAGE_COLUMNS)
    planned = reached.assign(planned_on="2026-11-20", reached_on=None)
    assert lacking("竣工验收", compound(), LIUZHOU) == ["未填写“竣工验收”的完成日期。"]
    assert len(lacking("竣工验收", compound(), LIUZHOU, stages_reached=planned)) == 1
    assert lacking("竣工验收", compound(), LIUZHOU, stages_reached=reached) == []
    titled = reached.assign(stage="竣工验收")
    assert lacking("竣工验收", compound(), LIUZHOU, stages_reached=titled) == []
    works = pd.DataFrame([("c1", "2026-11", 0.9, 1, None)], columns=PROGRESS_COLUMNS)
    assert lacking("施工", compound(), LIUZHOU) == ["工程进度未知，完工（100%）后才能验收。"]
    assert "工程进度90.0%" in lacking("施工", compound(), LIUZHOU, progress=works)[0]
    assert lacking("施工", compound(), LIUZHOU, progress=works.assign(progress=1.0)) == []


def test_tiers_are_left_for_the_next_and_the_survey_with_its_figures() -> None:
    assert "列入“谋划”或“实施”后" in lacking("储备", compound(), LIUZHOU)[0]
    assert lacking("储备", compound(extra={"实施批次": "谋划"}), LIUZHOU) == []
    assert len(lacking("谋划", compound(extra={"实施批次": "谋划"}), LIUZHOU)) == 1
    row = compound(built_on="1990-12-31", households=10, building_count=1, floor_area_m2=1.0)
    assert lacking("摸底", row, CHUXIONG) == ["未填写配套设施不足、居民改造意愿强烈。"]
    assert lacking("摸底", compound(), CHUXIONG)[0] == (
        "未填写建成日期、居民户数、楼栋数、住宅建筑面积。"
    )


def test_project_approval_is_left_when_it_is_settled_what_is_needed() -> None:
    pilot = profiles()["city-pilot"]
    open_ = [one.what for one in missing_to_leave("立项", compound(), profile=pilot)]
    assert any(what.startswith("环境影响评价：未填写") for what in open_)
    assert "未填写“立项”的完成日期。" in open_


def test_what_a_plan_does_not_name_it_does_not_ask_for() -> None:
    assert lacking("结算审计", compound(), profiles()["yuncheng-2024"]) == []
    assert lacking("计划下达", compound(), profiles()["city-pilot"]) == []
    assert lacking("征求意见一", compound(), profiles()["yangjiang-2021"]) == []


def test_everything_missing_says_on_what_it_rests_and_where_it_is_filled_in() -> None:
    for profile in profiles().values():
        for stage in stages():
            for one in missing_to_leave(stage, compound(), profile=profile):
                assert one.clause.startswith("〔"), (profile.id, stage.id)
                assert one.what.endswith("。")
                assert one.where


LITONG = profiles()["litong-parking"].rules["schedule"]


def test_litong_s_dates_overlap_leave_gaps_and_leave_out_the_second_stage() -> None:
    found = schedule_findings(schedule(LITONG, year=2024))
    assert [(one.kind, one.subject, one.first, one.last, one.days) for one in found] == [
        ("缺项", "(二)", None, None, 0),
        (
            "重叠",
            "(一)宣传发动、(三)制订改造规划方案",
            dt.date(2024, 6, 20),
            dt.date(2024, 6, 30),
            11,
        ),
        (
            "空档",
            "(三)制订改造规划方案、(四)组织施工建设",
            dt.date(2024, 7, 16),
            dt.date(2024, 7, 16),
            1,
        ),
        (
            "空档",
            "(四)组织施工建设、(五)竣工验收",
            dt.date(2024, 9, 1),
            dt.date(2024, 10, 31),
            61,
        ),
    ]
    assert "重叠 11 天，请确认是否同时进行〔" in found[1].message


@pytest.mark.parametrize("year", [None, 1999, 2099, "2024"])
def test_a_schedule_without_a_year_of_these_plans_is_refused(year) -> None:
    with pytest.raises(RecordError, match="请填写 2000—2060 之间的一年"):
        schedule(LITONG, year=year)


def period(first: str, last: str, title: str = "甲") -> Period:
    return Period(title=title, first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))


def test_a_stage_that_ends_before_it_begins_and_one_that_begins_too_early_are_named() -> None:
    found = schedule_findings(
        [period("2026-05-10", "2026-05-01"), period("2026-04-01", "2026-04-30", "乙")]
    )
    assert [(one.kind, one.days) for one in found] == [("颠倒", 9), ("颠倒", 39)]


days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@settings(max_examples=60)
@given(st.lists(days, min_size=2, max_size=6, unique=True).map(sorted))
def test_stages_that_follow_each_other_day_by_day_are_without_a_finding(ends) -> None:
    day = dt.timedelta(days=1)
    periods = [
        Period(title=f"第{k}步", first=before + day, last=last)
        for k, (before, last) in enumerate(pairwise(ends))
    ]
    assert schedule_findings(periods) == []
    for k in range(len(periods) - 1):
        later = replace(periods[k + 1], first=periods[k + 1].first + day)
        earlier = replace(periods[k + 1], first=periods[k + 1].first - day)
        if later.first <= later.last:
            assert [one.kind for one in schedule_findings([periods[k], later])] == ["空档"]
        assert [one.kind for one in schedule_findings([periods[k], earlier])] == ["重叠"]


def test_records_of_a_compound_out_of_order_are_named_by_compound() -> None:
    records = pd.DataFrame(
        [
            ("c1", "consultation_first", None, "2026-03-01", None),
            ("c1", "可研初设", None, "2026-02-01", None),
            ("c2", "consultation_first", "2026-03-01", None, None),
            ("c2", "feasibility", "2026-04-01", None, None),
            ("c2", "nowhere", None, "1999-01-01", None),
        ],
        columns=STAGE_COLUMNS,
    )
    found = date_findings(records, "chuxiong-2020")
    assert [(one.subject, one.days) for one in found] == [("c1", 28)]
    assert (
        "“可研初设”的日期 2026年2月1日早于前一阶段“征求意见一”的 2026年3月1日" in found[0].message
    )
    assert date_findings(NO_STAGES, "chuxiong-2020") == []

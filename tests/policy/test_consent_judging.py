import pandas as pd
import pytest

from policy.consent import notice_verdict, tally
from policy.consent_judging import judge_consent, judge_notice
from policy.judged import NO_VOTES, VOTE_COLUMNS, Judging
from policy.judging import JUDGES
from policy.profiles import profiles

LIUZHOU = profiles()["liuzhou-2022"]
CHUXIONG = profiles()["chuxiong-2020"]
CONSENT, NOTICE = LIUZHOU.rules["consent"], LIUZHOU.rules["notice"]

PASSED = {
    "owners_total": 200,
    "owners_voted": 134,
    "owners_agreed": 101,
    "area_total_m2": 20000.0,
    "area_voted_m2": 13400.0,
    "area_agreed_m2": 10050.0,
}
FAILED = {**PASSED, "owners_agreed": 100}
TYPES = {
    **dict.fromkeys(("round", "owners_total", "owners_voted", "owners_agreed"), "Int64"),
    **dict.fromkeys(("area_total_m2", "area_voted_m2", "area_agreed_m2"), "Float64"),
}


def frame(*uids: str, extra=None) -> pd.DataFrame:
    return pd.DataFrame({"extra": [(extra or {}).get(uid) for uid in uids]}, index=list(uids))


def votes(*rows: dict[str, object]) -> pd.DataFrame:
    uids = [row.pop("uid", f"v{k}") for k, row in enumerate(rows)]
    return pd.DataFrame(list(rows), columns=list(VOTE_COLUMNS), index=uids).astype(TYPES)


def judging(compounds, recorded, profile=LIUZHOU) -> Judging:
    task = pd.Series(data=True, index=compounds.index)
    return Judging(frame=compounds, profile=profile, votes=recorded, task=task)


def vote(compound: str, figures: dict[str, object], **more: object) -> dict[str, object]:
    return {"compound_uid": compound, "round": 1, "held_on": "2024-10-20", **figures, **more}


def test_each_compound_has_the_verdict_of_its_own_vote() -> None:
    recorded = votes(vote("b", FAILED), vote("a", PASSED), vote("gone", FAILED))
    rows = judge_consent(CONSENT, judging(frame("a", "b", "c"), recorded))
    assert rows.states.to_dict() == {"a": "符合", "b": "不符合", "c": "需论证"}
    assert rows.verdict(1) == tally(CONSENT, FAILED).verdict
    assert rows.verdict(2).found == "未录入"
    assert "未录入表决结果" in rows.verdict(2).message
    assert rows.limit == rows.verdict(1).limit != ""


def test_without_votes_all_is_open() -> None:
    rows = judge_consent(CONSENT, judging(frame("a", "b"), NO_VOTES))
    assert rows.states.tolist() == ["需论证", "需论证"]
    notices = judge_notice(NOTICE, judging(frame("a", "b"), NO_VOTES))
    assert notices.states.tolist() == ["需论证", "需论证"]
    assert "未录入" in notices.verdict(0).message
    assert judge_consent(CONSENT, judging(frame(), NO_VOTES)).states.empty


def test_records_may_come_as_the_plan_file_gives_them_with_an_index_called_uid() -> None:
    recorded = votes(vote("a", FAILED, held_on="2024-05-01"), vote("a", PASSED)).rename_axis("uid")
    assert judge_consent(CONSENT, judging(frame("a"), recorded)).states.tolist() == ["符合"]
    assert judge_notice(NOTICE, judging(frame("a"), recorded)).states.tolist() == ["需论证"]


@pytest.mark.parametrize("turn", [1, -1])
def test_the_latest_vote_counts_whatever_the_order_of_rows(turn) -> None:
    rows = [
        vote("a", FAILED, held_on="2024-05-01", uid="v1"),
        vote("a", PASSED, held_on="2024-10-01", uid="v2"),
        vote("b", PASSED, held_on=None, uid="v3"),
        vote("b", FAILED, held_on="2019-10-01", uid="v4"),
        vote("c", PASSED, uid="v5"),
        vote("c", FAILED, uid="v6"),
    ]
    recorded = votes(*rows[::turn])
    found = judge_consent(CONSENT, judging(frame("a", "b", "c"), recorded)).states
    assert found.to_dict() == {"a": "符合", "b": "不符合", "c": "不符合"}


def test_rounds_are_kept_apart_and_no_round_is_the_first() -> None:
    agreed = {"owners_total": 210, "owners_agreed": 140}
    refused = {"owners_total": 210, "owners_agreed": 139}
    recorded = votes(vote("a", agreed), vote("a", refused, round=2), vote("b", agreed, round=None))
    case = judging(frame("a", "b"), recorded, CHUXIONG)
    first = judge_consent(CHUXIONG.rules["consent_first"], case)
    second = judge_consent(CHUXIONG.rules["consent_second"], case)
    assert first.states.tolist() == ["符合", "符合"]
    assert second.states.tolist() == ["不符合", "需论证"]


def test_a_record_that_contradicts_itself_is_open_and_says_what_is_wrong() -> None:
    recorded = votes(
        vote(
            "a", {**PASSED, "owners_agreed": 135}, notice_from="2024-10-08", notice_to="2024-10-01"
        )
    )
    rows = judge_consent(CONSENT, judging(frame("a"), recorded))
    assert rows.states.tolist() == ["需论证"]
    assert "同意人数 135 人多于参与人数 134 人" in rows.verdict(0).message
    notices = judge_notice(NOTICE, judging(frame("a"), recorded))
    assert notices.states.tolist() == ["需论证"]
    assert "早于开始日期" in notices.verdict(0).message


def test_a_rented_compound_has_no_owners_to_vote() -> None:
    extra = {uid: {"产权类型": "公租房"} for uid in ("a", "b")} | {"c": {"产权类型": "房改房"}}
    recorded = votes(vote("a", PASSED), vote("c", PASSED))
    compounds = frame("a", "b", "c", extra=extra)
    rows = judge_consent(CONSENT, judging(compounds, recorded))
    assert rows.states.tolist() == ["需论证", "需论证", "符合"]
    assert "没有业主" in rows.verdict(0).message
    assert rows.verdict(0).message == rows.verdict(1).message
    residents = judge_consent(
        CHUXIONG.rules["consent_first"], judging(compounds, recorded, CHUXIONG)
    )
    assert residents.states.tolist() == ["不符合", "需论证", "不符合"]


def test_a_notice_may_stand_with_the_vote_or_alone_but_not_with_an_older_vote() -> None:
    good = {"notice_from": "2024-09-30", "notice_to": "2024-10-12"}
    short = {"notice_from": "2024-09-30", "notice_to": "2024-10-11"}
    recorded = votes(
        vote("with", PASSED, **good),
        vote("alone", good, held_on=None),
        vote("alone", PASSED),
        vote("again", PASSED, held_on="2023-10-20", **good),
        vote("again", PASSED),
        vote("short", PASSED, **short),
    )
    case = judging(frame("with", "alone", "again", "short"), recorded)
    rows = judge_notice(NOTICE, case)
    assert rows.states.tolist() == ["符合", "符合", "需论证", "不符合"]
    assert rows.verdict(3) == notice_verdict(NOTICE, short)
    assert judge_consent(CONSENT, case).states.tolist() == ["符合"] * 4


def test_the_judges_are_known_to_the_judgement() -> None:
    assert JUDGES["consent"] is judge_consent
    assert JUDGES["notice"] is judge_notice


def test_a_city_of_many_compounds_with_few_votes_is_judged_at_once() -> None:
    uids = [f"u{k}" for k in range(220_000)]
    compounds = pd.DataFrame({"extra": [None] * len(uids)}, index=uids)
    recorded = votes(
        *(vote(uid, PASSED if k % 2 else FAILED) for k, uid in enumerate(uids[::2000]))
    )
    counts = judge_consent(CONSENT, judging(compounds, recorded)).states.value_counts()
    assert counts.to_dict() == {"需论证": 219_890, "符合": 55, "不符合": 55}

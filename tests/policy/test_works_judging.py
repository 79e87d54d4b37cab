import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from errors import PolicyError
from policy.judged import NO_VOTES, Judging
from policy.judging import judge
from policy.own_rules import own_profile
from policy.profiles import Profile, Rule, Value, profiles
from policy.reader import read_rules
from policy.verdicts import Verdict
from policy.works import classes
from policy.works_judging import check_works, judge_works

YUNCHENG = read_rules(Path(__file__).parent / "works_texts.yaml")["yuncheng"]


def profile(document: str, *, closed: bool) -> Profile:
    """A source plan with nothing but a rule on its list of works."""
    base = profiles()[document] if document in profiles() else profiles()["chuxiong-2020"]
    some = next(iter(base.rules.values()))
    rule = replace(
        some,
        id=f"{document}/works_list",
        name="works_list",
        kind="works_list",
        values={"closed": Value(value=closed, unit="是否")},
        document=document,
        section="四",
    )
    return replace(base, id=document, document=document, rules={"works_list": rule})


def verdicts(texts, document: str = "chuxiong-2020", *, closed: bool = True) -> list[Verdict]:
    frame = pd.DataFrame({"works_text": pd.Series(texts, dtype=object)})
    frame.index = pd.Index([f"c{k}" for k in range(len(frame))])
    judged = judge(frame, profile(document, closed=closed))
    return [judged.verdicts(uid)[0] for uid in frame.index]


def one(text, document: str = "chuxiong-2020", *, closed: bool = True) -> Verdict:
    return verdicts([text], document, closed=closed)[0]


def test_the_list_of_each_plan_stands_where_its_profile_says_and_only_chuxiong_closes_it() -> None:
    found = {key: plan.one("works_list") for key, plan in profiles().items()}
    rules = {key: rule for key, rule in found.items() if rule is not None}
    assert set(rules) == set(classes())
    for key, rule in rules.items():
        slots = [slot for slot in classes()[key].values() if slot is not None]
        assert {slot.section for slot in slots} == {rule.section}, key
    assert [key for key, rule in rules.items() if rule.get("closed")] == ["chuxiong-2020"]


def test_works_of_the_closed_list_hold() -> None:
    found = one("疏通消防通道、屋面防水、楼道粉刷、加装电梯、公厕提升")
    assert found.state == "符合"
    assert found.message == "5 项改造内容都在清单内。"
    assert found.limit == "安全工程、功能提升、环境整治，清单以外不得改造"


def test_a_work_outside_the_closed_list_fails_and_is_named() -> None:
    found = one("路灯、党建宣传栏、充电桩、外墙修缮")
    assert found.state == "不符合"
    assert found.found == "清单以外：党建宣传栏、充电桩"
    assert found.message.startswith("党建宣传栏、充电桩不在清单内")
    assert found.rule == "chuxiong-2020/works_list"


def test_unread_words_leave_it_open_and_are_named() -> None:
    for document, closed in (("chuxiong-2020", True), ("yuncheng-2024", False)):
        found = one("路灯、安装许愿池", document, closed=closed)
        assert found.state == "需论证"
        assert "安装许愿池" in found.message
        assert found.found == "1 项改造内容，1 处未读懂"
    assert one("许愿池").state == "需论证"


def test_outside_and_unread_together_fail_and_both_are_named() -> None:
    found = one("党建宣传栏、许愿池")
    assert found.state == "不符合"
    assert "党建宣传栏" in found.message
    assert "许愿池" in found.message


@pytest.mark.parametrize("text", [None, "", "/", " \n", float("nan"), pd.NA])
def test_no_text_leaves_it_open_under_any_list(text) -> None:
    for document, closed in (("chuxiong-2020", True), ("yuncheng-2024", False)):
        found = one(text, document, closed=closed)
        assert (found.state, found.found) == ("需论证", "")
        assert "没有填写" in found.message


def test_a_frame_without_the_column_knows_no_works() -> None:
    judged = judge(pd.DataFrame(index=["a"]), profile("chuxiong-2020", closed=True))
    assert judged.verdicts("a")[0].state == "需论证"


def test_an_open_list_never_fails_a_compound_and_says_what_it_does_not_list() -> None:
    found = one("路灯、党建宣传栏", "yuncheng-2024", closed=False)
    assert found.state == "符合"
    assert "党建宣传栏未列入清单" in found.message
    assert "可以增列" in found.limit


@pytest.mark.parametrize("row", YUNCHENG.values(), ids=YUNCHENG)
def test_the_five_rows_of_yuncheng_hold_under_their_own_plan(row) -> None:
    assert one(row["text"], "yuncheng-2024", closed=False).state == "符合"


def test_the_rows_of_yuncheng_with_a_notice_board_fail_under_chuxiong_and_the_other_holds() -> None:
    found = dict(zip(YUNCHENG, verdicts([row["text"] for row in YUNCHENG.values()]), strict=True))
    assert found["云城财政所宿舍"].state == "符合"
    for name in YUNCHENG.keys() - {"云城财政所宿舍"}:
        assert (found[name].state, found[name].found) == ("不符合", "清单以外：党建宣传栏")


def test_what_is_put_under_a_closed_list_by_us_is_said() -> None:
    found = one("围墙翻新、路灯")
    assert found.state == "符合"
    assert "围墙翻新不是清单原词" in found.message
    assert "不是清单原词" not in one("路灯").message


def test_a_copy_is_judged_by_its_parents_list_and_may_open_it() -> None:
    parent = profile("chuxiong-2020", closed=True)
    changes = {"works_list": {"values": {"closed": False}, "why": "县里会议纪要"}}
    mine = own_profile(
        "own-1",
        {"title": "我市方案", "parent": "chuxiong-2020", "changes": changes},
        {"chuxiong-2020": parent},
    )
    frame = pd.DataFrame({"works_text": ["党建宣传栏"]}, index=["a"])
    assert judge(frame, mine).verdicts("a")[0].state == "符合"
    assert judge(frame, parent).verdicts("a")[0].state == "不符合"


def test_a_plan_without_a_list_can_not_close_it_and_open_limits_nothing() -> None:
    with pytest.raises(PolicyError, match="没有改造内容清单"):
        one("路灯", "litong-parking", closed=True)
    found = one("路灯", "litong-parking", closed=False)
    assert (found.state, found.limit) == ("符合", "方案未列清单")
    assert "不作限制" in found.message


def test_the_compounds_own_name_is_a_place() -> None:
    frame = pd.DataFrame({"works_text": ["停车花苑：路灯"], "name": ["停车花苑"]}, index=["a"])
    assert judge(frame, profile("chuxiong-2020", closed=True)).verdicts("a")[0].found == (
        "1 项改造内容"
    )


def test_a_long_text_makes_a_short_sentence() -> None:
    found = one("、".join(f"甲乙{'丙' * 90}{k}" for k in range(100)))
    assert "等 100 处" in found.message
    assert len(found.message) < 500


def test_each_distinct_text_is_judged_once_and_a_city_takes_no_time(monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(
        "policy.works_judging.check_works",
        lambda text, *args, **kw: (seen.append(text), check_works(text, *args, **kw))[1],
    )
    texts = ["路灯、安防", "党建宣传栏", "许愿池", None]
    frame = pd.DataFrame({"works_text": texts * 55_000, "name": "某小区"})
    plan = profile("chuxiong-2020", closed=True)
    before = frame.copy()
    rule: Rule = plan.rules["works_list"]
    task = pd.Series(True, index=frame.index)
    begun = time.process_time()
    rows = judge_works(rule, Judging(frame=frame, profile=plan, votes=NO_VOTES, task=task))
    assert time.process_time() - begun < 5
    assert sorted(map(str, seen)) == sorted([*map(str, texts)])
    assert rows.codes[:4].tolist() == [0, 2, 1, 1]
    assert rows.states.iloc[-4:].tolist() == ["符合", "不符合", "需论证", "需论证"]
    pd.testing.assert_frame_equal(frame, before)

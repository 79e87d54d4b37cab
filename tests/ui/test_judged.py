"""Verdicts on the pages: judged once for a revision, by the plan's own rules, and never a dead page."""

from __future__ import annotations

import datetime as dt

import pytest

from errors import PolicyError
from policy.judging import judge
from policy.verdicts import STATES
from ui import judged
from ui.handover import SheetOrder, make_sheet
from ui.pianqu_scene import PianquScene
from ui.scene import Scene
from ui.workspace import Workspace

OWN = {
    "own-1": {
        "title": "我市方案",
        "parent": "chuxiong-2020",
        "changes": {"build_date": {"values": {"limit": "2010-12-31"}, "why": "市里会议"}},
    }
}


def scene(plan, kind=Scene, **state) -> Scene:
    return kind(Workspace(wid="w", **state), plan, plan.view())


def settle(plan, **settings) -> None:
    with plan.plan.edit("甲", "设置") as tx:
        for key, value in settings.items():
            tx.set_setting(key, value)


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """Profiles that were judged by, in their order."""
    done: list[str] = []

    def counting(frame, profile, **options):
        done.append(profile.id)
        return judge(frame, profile, **options)

    monkeypatch.setattr(judged, "judge", counting)
    return done


def built(plan, uid: str, day: str) -> None:
    version = int(plan.plan.read("compounds", uids=[uid])["version"].item())
    with plan.plan.edit("甲", "改") as tx:
        tx.update("compounds", uid, version, {"built_on": day})


def test_one_revision_is_judged_once_whatever_is_looked_at(plan, counted) -> None:
    settle(plan, rules="chuxiong-2020")
    for _ in range(3):
        run = scene(plan, theme="verdict", filters={"verdict": {"rule": "", "states": ["需论证"]}})
        assert run.painted.classes.shape == run.shown.shape
        assert judged.judgement(run).profile.id == "chuxiong-2020"
    other = scene(plan, theme="verdict", theme_options={"rule": "build_date"})
    assert other.painted.title.startswith("建成时间")
    assert counted == ["chuxiong-2020"]


def test_an_edit_a_vote_or_other_rules_are_judged_anew(plan, counted) -> None:
    settle(plan, rules="chuxiong-2020")
    uid = plan.view().frame.index[0]
    assert judged.judgement(scene(plan)).rule_rows("build_date").states[uid] == "需论证"
    built(plan, uid, "1999-12-31")
    assert judged.judgement(scene(plan)).rule_rows("build_date").states[uid] == "符合"
    with plan.plan.edit("甲", "录入表决") as tx:
        tx.add_record(
            "votes",
            {
                "compound_uid": uid,
                "round": 1,
                "owners_total": 3,
                "owners_voted": 3,
                "owners_agreed": 1,
            },
        )
    assert judged.judgement(scene(plan)).rule_rows("consent_first").states[uid] == "不符合"
    settle(plan, rules="liuzhou-2022")
    assert judged.judgement(scene(plan)).profile.id == "liuzhou-2022"
    assert counted == ["chuxiong-2020"] * 3 + ["liuzhou-2022"]


def test_a_plan_may_be_judged_by_another_profile_side_by_side(plan) -> None:
    uid = plan.view().frame.index[0]
    built(plan, uid, "2000-06-30")
    states = {
        key: judged.judgement(scene(plan), key).rule_rows("build_date").states[uid]
        for key in ("chuxiong-2020", "yangjiang-2021", "liuzhou-2022")
    }
    assert states == {
        "chuxiong-2020": "不符合",
        "yangjiang-2021": "符合",
        "liuzhou-2022": "符合",
    }
    with pytest.raises(PolicyError, match="可选"):
        judged.judgement(scene(plan), "nowhere")


def test_a_planners_own_rules_judge_and_stand_in_the_title(plan) -> None:
    settle(plan, own_rules=OWN, rules="own-1")
    uid = plan.view().frame.index[0]
    built(plan, uid, "2005-06-30")
    run = scene(plan, theme="verdict:build_date")
    assert run.painted.classes[0] == STATES.index("符合")
    assert "我市方案" in run.painted.title
    # The classes of works are those of the parent.
    assert run.theme_options["rules"] == "chuxiong-2020"


@pytest.mark.parametrize("rules", ["nowhere", "own-1"])
def test_rules_that_can_not_be_read_leave_the_page_alive(plan, rules) -> None:
    settle(plan, rules=rules, own_rules={"own-1": {"title": "坏"}})
    run = scene(plan, theme="verdict", filters={"verdict": {"rule": "", "states": ["符合"]}})
    assert run.painted.legend[-1].label == "规则方案读不出，不能判定"
    assert run.shown.all()
    assert run.rules == {}


def test_a_rule_of_another_profile_is_let_go(plan) -> None:
    settle(plan, rules="provincial-review")
    state = {
        "theme": "verdict",
        "theme_options": {"rule": "consent_first"},
        "filters": {"verdict": {"rule": "consent_first", "states": ["符合"]}},
    }
    run = scene(plan, **state)
    assert run.painted.legend[-1].label == "本方案没有准入规则"
    assert run.shown.all()
    assert scene(plan, PianquScene, **state).shown.all()


def test_the_choice_of_rules_is_those_with_a_verdict(plan) -> None:
    settle(plan, rules="chuxiong-2020")
    rules = scene(plan).rules
    assert next(iter(rules)) == "build_date"
    assert {rule.kind for rule in rules.values()} >= {"build_date", "condition", "consent"}
    assert not {rule.kind for rule in rules.values()} & {"duties", "stages", "statement"}


def test_a_sheet_of_some_compounds_is_judged_on_the_whole_plan(plan, monkeypatch) -> None:
    settle(plan, rules="yangjiang-2021")
    seen: list[int] = []

    def counting(frame, profile, **options):
        seen.append(len(frame))
        return judge(frame, profile, **options)

    monkeypatch.setattr(judged, "judge", counting)
    order = SheetOrder(
        title="准入",
        theme="verdict",
        made_on=dt.date(2026, 11, 21),
        uids=tuple(plan.view().frame.index[:2]),
        options=tuple(
            sorted(scene(plan, theme_options={"rule": "build_date"}).theme_options.items())
        ),
    )
    assert make_sheet(plan.plan, order).pdf.startswith(b"%PDF")
    # Once for the PDF, once for its picture.
    assert seen == [5, 5]

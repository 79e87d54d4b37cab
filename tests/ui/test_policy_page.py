"""政策 without a browser: what each tab says in each state, and what its buttons write."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store import create_plan, open_plan
from policy.facts import fact_value
from tests.ui import screen
from tests.ui.screen import texts
from ui import loaded, rule_profiles

OWN = {"title": "某市方案", "parent": "liuzhou-2022", "changes": {}}


@pytest.fixture
def sample(sample: Path) -> Path:
    with open_plan(sample) as plan, plan.edit("甲", "选") as tx:
        tx.set_setting("rules", "chuxiong-2020")
    return sample


def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return screen.opened(path, "policy", monkeypatch)


def turn(page: AppTest, tab: str, **kept: object) -> AppTest:
    page.session_state["workspace"].pages.setdefault("policy", {}).update(tab=tab, **kept)
    page.run()
    assert not page.exception
    return page


def uids(page: AppTest) -> list[str]:
    return [str(uid) for uid in page.session_state["scene"].view.frame.index]


def select(page: AppTest, count: int) -> list[str]:
    chosen = uids(page)[:count]
    page.session_state["workspace"].selection = chosen
    return chosen


def press(page: AppTest, words: str) -> None:
    next(button for button in page.button if words in button.label).click().run()
    assert not page.exception


def set_own(path: Path, entry: object) -> None:
    with open_plan(path) as plan, plan.edit("甲", "改") as tx:
        tx.set_setting("own_rules", {"own-1": entry})
        tx.set_setting("rules", "own-1")


def test_every_tab_of_an_empty_plan_says_the_next_step(folder, monkeypatch):
    path = folder / "空.gpkg"
    create_plan(path, name="空", actor="甲").close()
    page = opened(path, monkeypatch)
    for tab in ("核对", "不符合原因", "表单"):
        assert "到“数据”页导入" in texts(turn(page, tab)), tab
    turn(page, "规则")
    assert "还没有选：暂按云城区2024年方案判定" in page.selectbox[0].proto.placeholder


def test_every_view_of_the_sample_opens_for_none_one_and_many(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    page.session_state["workspace"].table_open = True
    for count in (0, 1, 3):
        select(page, count)
        for view in ("判定", "几套对照", "小区情况", "表决公示"):
            assert not turn(page, "核对", check=view).error, (count, view)
        for form in ("责任分工", "申报清单", "月报"):
            assert not turn(page, "表单", form=form).error, (count, form)
        for state in ("不符合", "需论证"):
            assert not turn(page, "不符合原因", why_state=state, why_group="").error


def test_every_profile_opens_with_all_its_headings(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    for profile in rule_profiles.titles({}):
        with open_plan(sample) as plan, plan.edit("甲", "选") as tx:
            tx.set_setting("rules", profile)
        for group in ("准入", "表决", "内容", "资金", "程序", "片区", "职责", "其他"):
            turn(page, "规则", group=group)
            assert not page.error, (profile, group)
        turn(page, "表单")


def test_a_verdict_carries_sign_found_limit_and_clause(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    select(page, 1)
    said = texts(turn(page, "核对", check="判定"))
    assert "现为 未知；要求 早于2000年1月1日" in said
    assert "〔楚市政办通〔2020〕5号 三(一)〕" in said
    assert ">?</span>建成时间" in said


def test_a_fact_of_many_is_written_in_one_edit_that_undo_takes_back(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    chosen = select(page, 3)
    turn(page, "核对", check="小区情况", fact="urban_village")
    press(page, "把 3 个小区改为“是”")
    plan = loaded.load(sample).plan
    frame = plan.read("compounds").loc[chosen]
    assert [fact_value(extra, "urban_village") for extra in frame["extra"]] == [True] * 3
    plan.undo("甲")
    again = plan.read("compounds").loc[chosen]
    assert [fact_value(extra, "urban_village") for extra in again["extra"]] == [None] * 3


def test_what_is_already_so_is_not_written_again(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    chosen = select(page, 2)
    with open_plan(sample) as plan, plan.edit("乙", "填") as tx:
        tx.update("compounds", chosen[0], 1, {"extra": {"城中村": "是"}})
    said = texts(turn(page, "核对", check="小区情况", fact="urban_village"))
    assert "把 1 个小区改为“是”" in said
    assert "其中 1 个不变" in said


def test_a_fact_that_somebody_has_changed_meanwhile_is_not_overwritten(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    chosen = select(page, 2)
    turn(page, "核对", check="小区情况", fact="urban_village")
    with open_plan(sample) as plan, plan.edit("乙", "填") as tx:
        tx.update("compounds", chosen[0], 1, {"extra": {"城中村": "否"}})
    press(page, "把 2 个小区改为“是”")
    assert any("乙" in error.value and "没有保存" in error.value for error in page.error)
    held = loaded.load(sample).plan.read("compounds").loc[chosen[0], "extra"]
    assert held == {"城中村": "否"}


def test_rules_of_the_plan_itself_are_judged_by(sample, monkeypatch):
    changes = {"min_share": {"values": {"share": "25%"}, "why": "纪要"}}
    set_own(sample, {**OWN, "changes": changes})
    page = opened(sample, monkeypatch)
    said = texts(turn(page, "规则", group="资金"))
    assert "改了 1 处" in said
    assert "<s>20.0%</s>" in said
    assert "我市改动" in said


def test_own_rules_that_can_not_be_read_do_not_lock_the_page(sample, monkeypatch):
    set_own(sample, {"title": "坏", "parent": "没有", "changes": {}})
    page = opened(sample, monkeypatch)
    said = texts(turn(page, "核对"))
    assert "没有“没有”这个规则方案可以复制" in said
    assert "请在这里另选一套" in said
    assert not page.error
    page.selectbox[0].set_value("liuzhou-2022").run()
    assert not page.exception
    assert loaded.load(sample).plan.settings()["rules"] == "liuzhou-2022"


def test_hostile_names_are_shown_as_text(sample, monkeypatch):
    name = "<img src=x onerror=alert(1)>*粗*"
    set_own(sample, {**OWN, "title": name})
    page = opened(sample, monkeypatch)
    uid = uids(page)[0]
    with open_plan(sample) as plan, plan.edit("甲", "改") as tx:
        tx.update("compounds", uid, 1, {"name": name})
    page.session_state["workspace"].selection = [uid]
    for tab in ("规则", "核对", "不符合原因", "表单"):
        turn(page, tab)
        html = "".join(one.body for one in page.get("html"))
        assert "<img" not in html, tab
        assert "*粗*" not in "".join(one.value for one in page.markdown), tab


def test_a_copy_of_a_copy_keeps_the_changes_and_the_first_parent(sample, monkeypatch):
    set_own(sample, {**OWN, "changes": {"min_share": {"values": {"share": "25%"}}}})
    page = opened(sample, monkeypatch)
    turn(page, "规则")
    next(f for f in page.text_input if f.placeholder.startswith("如：某市")).set_value("第二份")
    press(page, "另存并采用")
    held = loaded.load(sample).plan.settings()
    assert held["rules"] == "own-2"
    assert held["own_rules"]["own-2"]["parent"] == "liuzhou-2022"
    assert held["own_rules"]["own-2"]["changes"] == {"min_share": {"values": {"share": "1/4"}}}


def test_a_plan_whose_copy_is_deleted_goes_by_the_parent(sample, monkeypatch):
    from ui import policy_edits

    set_own(sample, OWN)
    page = opened(sample, monkeypatch)
    scene = page.session_state["scene"]
    monkeypatch.setattr(policy_edits.visit, "current", lambda: scene.workspace)
    monkeypatch.setattr(policy_edits.messages, "done", lambda _: None)
    policy_edits.remove_profile(scene, "own-1")
    held = loaded.load(sample).plan.settings()
    assert (held["rules"], held["own_rules"]) == ("liuzhou-2022", {})

"""The 总图 page without a browser: what stands on it in each state, and what its buttons write."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.pianqu import make_pianqu
from data.store import create_plan, open_plan
from tests.ui.screen import texts
from ui import loaded, settings

START = Path(__file__).parents[2] / "ui" / "entry" / "start.py"


def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv(settings.PLAN, str(path))
    page = AppTest.from_file(str(START), default_timeout=60).run()
    assert not page.exception
    return page


def test_without_a_plan_the_choice_of_plans_is_shown(folder):
    page = AppTest.from_file(str(START), default_timeout=60).run()
    assert not page.exception
    assert "选择一个计划" in texts(page)
    assert "还没有计划" in texts(page)


def test_an_empty_plan_can_be_made_by_its_name(folder):
    page = AppTest.from_file(str(START), default_timeout=60).run()
    page.text_input[0].set_value('甲/乙:"2025"')
    page.button[0].click().run()
    assert not page.exception
    assert [path.name for path in folder.glob("*.gpkg")] == ["甲_乙__2025_.gpkg"]
    assert "这个计划里还没有小区" in texts(show(page, "待画"))


def test_a_plan_without_a_name_is_not_made(folder):
    page = AppTest.from_file(str(START), default_timeout=60).run()
    page.button[0].click().run()
    assert "请先填写计划名称" in texts(page)
    assert not list(folder.glob("*.gpkg"))


def test_a_file_that_is_no_plan_is_told_and_the_choice_comes_back(folder, monkeypatch):
    path = folder / "坏.gpkg"
    path.write_bytes(b"not a plan")
    page = opened(path, monkeypatch)
    assert page.error
    assert "选择一个计划" in texts(page)


def show(page: AppTest, panel: str) -> AppTest:
    page.session_state["workspace"].panel = panel
    return page.run()


def test_the_sample_shows_its_totals(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    assert "规则：云城区2024年方案" in texts(page)
    totals = "".join(html.body for html in page.get("html"))
    assert "1,061 户" in totals
    assert "515.0 万元" in totals


def test_the_selection_is_summed_in_the_strip(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    page.session_state["workspace"].selection = list(page.session_state["scene"].view.frame.index)
    assert "已选 5 个小区 · 1,061 户 · 515.0 万元" in texts(page.run())


def test_every_panel_opens(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    uid = str(page.session_state["scene"].view.frame.index[0])
    page.session_state["workspace"].selection = [uid]
    page.session_state["workspace"].card = uid
    page.session_state["workspace"].table_open = True
    for panel in ("着色", "筛选", "小区", "所选", "待画"):
        assert not show(page, panel).exception, panel
        assert not page.error, panel


def form(page: AppTest, uid: str) -> AppTest:
    page.session_state["workspace"].card = uid
    show(page, "小区")
    page.button(key="record_edit").click().run()
    assert not page.exception
    return page


def test_an_edit_is_saved_with_money_in_wan_and_a_bare_year(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    uid = str(page.session_state["scene"].view.frame.index[0])
    form(page, uid)
    page.text_input(key="w:record:investment_yuan").set_value("41.25")
    page.text_input(key="w:record:built_on").set_value("1998")
    page.text_input(key="w:record:households").set_value("")
    press(page, "保存")
    record = loaded.load(sample).plan.read("compounds").loc[uid]
    assert record["investment_yuan"] == 412_500
    assert (record["built_on"], bool(record["built_on_is_year"])) == ("1998-12-31", True)
    assert record["households"] is not None
    assert loaded.load(sample).view().frame["households"].isna().sum() == 1
    history = loaded.load(sample).plan.history(limit=1)
    assert history["actor"].iloc[0] == "测试员"


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("households", "约三百", "不是数字"),
        ("households", "-5", "不小于 0"),
        ("households", "1.5", "整数"),
        ("investment_yuan", "四十", "不是数字"),
        ("investment_yuan", "-1", "负数"),
        ("built_on", "去年", "看不懂"),
        ("name", "  ", "不能为空"),
    ],
)
def test_what_can_not_be_read_is_told_and_nothing_is_saved(sample, monkeypatch, field, value, said):
    page = opened(sample, monkeypatch)
    uid = str(page.session_state["scene"].view.frame.index[0])
    form(page, uid)
    page.text_input(key=f"w:record:{field}").set_value(value)
    press(page, "保存")
    assert any(said in error.value for error in page.error)
    assert loaded.load(sample).plan.read("compounds").loc[uid, "version"] == 1


def test_a_stale_save_is_refused_and_nothing_is_overwritten(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    uid = str(page.session_state["scene"].view.frame.index[0])
    form(page, uid)
    with open_plan(sample) as plan, plan.edit("别人", "改") as tx:
        tx.update("compounds", uid, 1, {"households": 77})
    page.text_input(key="w:record:households").set_value("88")
    press(page, "保存")
    assert loaded.load(sample).plan.read("compounds").loc[uid, "households"] == 77
    conflict = page.session_state["conflict"]
    assert (conflict.mine["households"], conflict.theirs["households"]) == (88, 77)


def test_undo_takes_the_edit_back(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    uid = str(page.session_state["scene"].view.frame.index[0])
    before = page.session_state["scene"].view.frame.loc[uid, "households"]
    form(page, uid)
    page.text_input(key="w:record:households").set_value("9")
    press(page, "保存")
    page.button(key="strip:undo").click().run()
    assert loaded.load(sample).plan.read("compounds").loc[uid, "households"] == before


def test_compounds_without_a_boundary_are_listed_with_the_way_to_one(folder, monkeypatch):
    path = folder / "空.gpkg"
    with create_plan(path, name="空", actor="甲") as plan, plan.edit("甲", "加") as tx:
        tx.insert("compounds", [{"name": "没画的小区", "households": 10}])
    page = show(opened(path, monkeypatch), "待画")
    assert "没有边界的小区（1）" in texts(page)
    press(page, "在地图上画")
    tool = page.session_state["tool"]
    assert (tool.mode, tool.uid) == ("draw", page.session_state["workspace"].card)


def test_a_pianqu_is_made_of_the_selection(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    uids = [str(uid) for uid in page.session_state["scene"].view.frame.index[:3]]
    page.session_state["workspace"].selection = uids
    show(page, "所选")
    name = next(field for field in page.text_input if field.label == "片区名称")
    name.set_value("城北")
    press(page, "组成片区")
    view = loaded.load(sample).view()
    assert list(view.pianqu["name"]) == ["城北"]
    assert list(view.frame.index[view.frame["pianqu_uid"].notna()]) == uids


def test_what_is_in_no_pianqu_is_called_by_one_word(sample, monkeypatch):
    with open_plan(sample) as plan:
        first, *others = (str(uid) for uid in plan.read("compounds").index)
        make_pianqu(plan, "城北", others[:2], "甲")
    page = opened(sample, monkeypatch)
    page.session_state["workspace"].card = first
    card = "".join(html.body for html in show(page, "小区").get("html"))
    assert "<td>所属片区</td><td>未分组</td>" in card
    choice = next(one for one in show(page, "筛选").multiselect if one.label == "片区")
    assert choice.options == ["未分组", "城北"]
    page.session_state["workspace"].table_open = True
    page.run()
    assert sorted(page.dataframe[0].value["片区"].unique()) == ["城北", "未分组"]

"""The page 空间 without a browser: what stands on its tabs in each state, and what its forms write."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.ground_settings import GroundSettings
from data.pianqu import make_pianqu
from data.stall_settings import StallSettings
from data.store import create_plan, open_plan
from tests.ui import screen
from tests.ui.screen import texts
from ui import loaded


def shown(
    path: Path, monkeypatch: pytest.MonkeyPatch, *names: str, tab: str = "空地", **pages
) -> AppTest:
    """The page with compounds selected by name, on a tab."""
    page = screen.opened(path, "space", monkeypatch)
    workspace = page.session_state["workspace"]
    frame = loaded.load(path).view().frame
    workspace.selection = [str(uid) for uid in frame.index[frame["name"].isin(names)]]
    workspace.pages["space"] = {"tab": tab, **pages}
    return again(page)


def again(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label.startswith(label)).click()
    return again(page)


def field(page: AppTest, label: str):
    return next(one for one in page.number_input if one.label == label)


def test_without_a_selection_the_next_step_is_said(sample, monkeypatch):
    page = shown(sample, monkeypatch)
    assert "先选小区：在地图上点一个" in texts(page)
    assert "扣除" not in texts(page)


def test_without_boundaries_the_way_to_them_is_said(folder, monkeypatch):
    path = folder / "空.gpkg"
    with create_plan(path, name="空", actor="甲") as plan, plan.edit("甲", "加") as tx:
        tx.insert("compounds", [{"name": "没画的小区", "households": 10}])
    page = shown(path, monkeypatch, "没画的小区")
    assert "还没有边界" in texts(page)
    assert "另有 1 个小区没有边界" in texts(page)


def test_every_deduction_stands_with_its_area_its_rule_and_its_clause(sample, monkeypatch):
    page = shown(sample, monkeypatch, "玉皇路小区")
    said = texts(page)
    for words in ("建筑退距", "消防车道", "入户通道", "边界退距", "软件的起始值"):
        assert words in said
    assert "〔GB 50016-2014（2018年版） 7.1.8〕" in said
    assert "没有绿地数据" in said
    scene = page.session_state["scene"]
    # What lies over the map is what the table says.
    assert {one.name for one in scene.overlay.classes} >= {"buildings", "setback", "open"}
    areas = page.session_state["space_ground"].ground.ground.areas.iloc[0]
    assert areas.drop("area_m2").sum() == pytest.approx(areas["area_m2"], rel=1e-6)
    assert f"{areas['open_m2']:,.0f}" in said


def test_settings_of_ground_are_one_step_that_is_undone(sample, monkeypatch):
    page = shown(sample, monkeypatch, "玉皇路小区")
    before = page.session_state["space_ground"].ground.ground.areas.iloc[0]["open_m2"]
    field(page, "建筑退距（米）").set_value(3.0)
    press(page, "保存空地设置")
    plan = loaded.load(sample).plan
    assert GroundSettings.from_settings(plan.settings()).setback_m == 3.0
    assert plan.history(limit=1)["label"].iloc[0] == "空地设置"
    after = page.session_state["space_ground"].ground.ground.areas.iloc[0]["open_m2"]
    assert after < before
    assert "本计划取值，起始 1.5 米" in texts(page)
    plan.undo("测试员")
    again(page)
    assert field(page, "建筑退距（米）").value == 1.5
    assert page.session_state["space_ground"].ground.ground.areas.iloc[0]["open_m2"] == before


def test_a_compound_without_buildings_gets_no_figure_until_it_is_said_to_have_none(
    sample, monkeypatch
):
    with open_plan(sample) as plan, plan.edit("甲", "去掉建筑") as tx:
        rows = tx.read("buildings")
        tx.delete_many("buildings", [(u, int(v)) for u, v in rows["version"].items()])
    page = shown(sample, monkeypatch, "玉皇路小区")
    assert "没有建筑数据：玉皇路小区" in texts(page)
    assert "<div class='space-head'>" not in texts(page)
    press(page, "确认：1 个小区没有建筑")
    assert "<div class='space-head'>" in texts(page)
    press(page, "撤回“没有建筑”的声明")
    assert "没有建筑数据：玉皇路小区" in texts(page)
    assert "<div class='space-head'>" not in texts(page)


def test_a_pianqu_is_chosen_by_its_members_and_left_when_something_else_is_selected(
    sample, monkeypatch
):
    with open_plan(sample) as plan:
        frame = plan.read("compounds")
        members = [str(uid) for uid in frame.index[:2]]
        uid = make_pianqu(plan, "城北", members, "甲")
    page = shown(sample, monkeypatch)
    next(one for one in page.selectbox if one.label == "范围").set_value(uid)
    again(page)
    assert page.session_state["workspace"].selection == members
    walls = next(box for box in page.checkbox if box.label == "拆围墙合并")
    walls.set_value(True)
    again(page)
    assert page.session_state["workspace"].pages["space"]["walls_down"] is True
    page.session_state["workspace"].selection = members[:1]
    again(page)
    assert not [box for box in page.checkbox if box.label == "拆围墙合并"]


def test_need_follows_the_target_and_stalls_that_are_unknown_can_be_filled_in(sample, monkeypatch):
    page = shown(sample, monkeypatch, "玉皇路小区", tab="需求")
    assert "1 个小区的现状停车位未知" in texts(page)
    assert "465" in texts(page)  # 581 households × 0.8
    next(one for one in page.selectbox if one.label == "户均指标取自").set_value("jiangmen_outer")
    again(page)
    assert "407" in texts(page)
    field(page, "玉皇路小区").set_value(100)
    press(page, "保存现状停车位")
    assert "307" in texts(page)
    plan = loaded.load(sample).plan
    assert plan.history(limit=1)["label"].iloc[0] == "填现状停车位（1 个小区）"
    # The draft is the window's own until it is made the plan's.
    assert StallSettings.from_settings(plan.settings()).target == "existing"
    press(page, "存为本计划设置")
    assert StallSettings.from_settings(plan.settings()).target == "jiangmen_outer"
    plan.undo("测试员")
    assert StallSettings.from_settings(plan.settings()).target == "existing"


def test_the_map_shows_the_shortage_and_what_is_unknown_as_unknown(sample, monkeypatch):
    page = shown(sample, monkeypatch, tab="需求")
    scene = page.session_state["scene"]
    assert scene.painted.title == "车位缺口"
    assert set(scene.painted.classes) == {126}
    plan = loaded.load(sample).plan
    with plan.edit("甲", "填") as tx:
        uid, version = next(iter(tx.read("compounds")["version"].items()))
        tx.update("compounds", uid, int(version), {"stalls_existing": 3})
    again(page)
    assert sorted(set(page.session_state["scene"].painted.classes))[-1] == 126
    assert len(set(page.session_state["scene"].painted.classes)) == 2

"""相邻与阻隔 on the page 片区: what counts, how many pairs it cuts, and that 撤销 brings it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.barriers import BARRIER_SETTING, BarrierSettings
from data.pianqu import make_pianqu
from tests.ui.screen import opened, texts
from ui import loaded, session
from ui.loaded import LoadedPlan
from ui.pianqu_figures import barrier_settings, blocked_within, cut_most, pairs_within, pianqu_table

GAP_M = 60.0


def changed(plan: LoadedPlan, **settings: object) -> None:
    with plan.plan.edit("甲", "改阻隔") as tx:
        tx.set_setting(BARRIER_SETTING, BarrierSettings(**settings).to_settings())


def test_the_sketched_main_road_cuts_north_from_south(plan):
    blocked = blocked_within(plan, plan.view(), GAP_M)
    assert len(pairs_within(plan, plan.view(), GAP_M)) == 3
    assert cut_most(blocked).to_dict("records") == [
        {"name": "主干路（示意）", "kind": "main_road", "pairs": 4}
    ]
    changed(plan, kinds=())
    assert len(pairs_within(plan, plan.view(), GAP_M)) == 7
    assert blocked_within(plan, plan.view(), GAP_M).empty


def test_what_is_joined_follows_the_barriers(plan):
    view = plan.view()
    blocked = blocked_within(plan, view, GAP_M).iloc[0]
    uid = make_pianqu(plan.plan, "跨路", [blocked["i"], blocked["j"]], "甲")
    assert pianqu_table(plan, plan.view(), GAP_M).loc[uid, "parts"] == 2
    changed(plan, kinds=("river",))
    assert pianqu_table(plan, plan.view(), GAP_M).loc[uid, "parts"] == 1
    plan.plan.undo("甲")
    assert pianqu_table(plan, plan.view(), GAP_M).loc[uid, "parts"] == 2


def test_pairs_are_worked_out_once_until_boundaries_or_barriers_change(plan):
    found = pairs_within(plan, plan.view(), GAP_M)
    frame = plan.view().frame
    with plan.plan.edit("甲", "改户数") as tx:
        tx.update("compounds", frame.index[0], int(frame["version"].iloc[0]), {"households": 1})
    assert pairs_within(plan, plan.view(), GAP_M) is found
    roads = plan.plan.read("roads")
    road = roads.index[roads["kind"] == "主干路"][0]
    with plan.plan.edit("甲", "删路") as tx:
        tx.delete("roads", road, int(roads.loc[road, "version"]))
    assert len(pairs_within(plan, plan.view(), GAP_M)) > len(found)


def test_a_setting_that_can_not_be_read_is_as_in_a_new_plan(plan):
    with plan.plan.edit("甲", "写坏") as tx:
        tx.set_setting(BARRIER_SETTING, {"kinds": ["moat"]})
    assert barrier_settings(plan.view()) == BarrierSettings()
    assert len(pairs_within(plan, plan.view(), GAP_M)) == 3


def propose(path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    page = opened(path, "pianqu", monkeypatch)
    page.session_state["workspace"].pages.setdefault("pianqu", {})["tab"] = "自动方案"
    page.session_state[session.widget("pianqu_auto", "adjacency")] = True  # unfolded
    return page.run()


def pills(page: AppTest, label: str):
    return next(group for group in page.get("button_group") if group.label == label)


def test_kinds_are_switched_on_the_page_and_taken_back(plan_path, monkeypatch):
    page = propose(plan_path, monkeypatch)
    assert "被隔开 **1** 对" in texts(page)
    assert "主干路（示意）" in texts(page)
    pills(page, "计入的阻隔").set_value(["河流", "铁路"]).run()
    assert not page.exception
    assert "被隔开 **0** 对" in texts(page)
    plan = loaded.load(plan_path).plan
    assert plan.settings()[BARRIER_SETTING]["kinds"] == ["river", "railway"]
    assert plan.can_undo() == "相邻与阻隔设置"
    plan.undo("甲")
    assert "被隔开 **1** 对" in texts(page.run())


def test_width_reach_and_openings_are_kept_in_the_plan(plan_path, monkeypatch):
    page = propose(plan_path, monkeypatch)
    for label, value in (("主干道至少宽（米）", 12.0), ("离两边小区不超过（米）", 80.0)):
        next(one for one in page.number_input if one.label == label).set_value(value).run()
        assert not page.exception
    next(box for box in page.checkbox if "天桥" in box.label).uncheck().run()
    held = BarrierSettings.from_settings(loaded.load(plan_path).plan.settings())
    assert held == BarrierSettings(min_road_width_m=12.0, opening_reach_m=80.0, openings=False)
    # Nothing to reach where nothing is open.
    assert not [one for one in page.number_input if one.label.startswith("离两边")]


def test_a_broken_setting_is_told_and_mended_by_the_next_change(plan_path, monkeypatch):
    with loaded.load(plan_path).plan.edit("甲", "写坏") as tx:
        tx.set_setting(BARRIER_SETTING, {"kinds": ["moat"]})
    page = propose(plan_path, monkeypatch)
    assert "阻隔设置" in texts(page)
    pills(page, "算主干道的道路").set_value(["主干路"]).run()
    assert not page.exception
    assert "阻隔设置" not in texts(page)
    held = BarrierSettings.from_settings(loaded.load(plan_path).plan.settings())
    assert held == BarrierSettings(road_classes=("arterial",))

"""Layouts on the page 空间 without a browser: summed figures, comparison, hand edits, saving, what is stale."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from data.stall_settings import STALL_SETTING, StallSettings
from data.store import Plan, create_plan
from layers.space_colors import GROUND_LOOKS
from tests.ui import screen
from tests.ui.screen import texts
from ui import loaded, search, space_hands
from ui.panels.space_looks import swatch_html
from ui.space_figures import COLUMNS, LINES, summed
from ui.space_overlay import STALL_CLASSES, layout_overlay

# 40 m east and 36 m north at 23° N, about.
EAST, NORTH = 0.00039, 0.000325


@pytest.fixture(scope="module")
def yard_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compound of 40 × 36 m with a house at its north side and a lane along its south side."""
    path = tmp_path_factory.mktemp("yard") / "yard.gpkg"
    outline = shapely.box(113, 23, 113 + EAST, 23 + NORTH)
    house = shapely.box(113, 23 + 0.9 * NORTH, 113 + EAST, 23 + NORTH)
    lane = shapely.box(113, 23 - 0.00006, 113 + EAST, 23)
    with create_plan(path, name="院子", actor="甲") as plan, plan.edit("甲", "录入") as tx:
        tx.insert(
            "compounds",
            [
                {
                    "uid": "Y",
                    "name": "院子",
                    "households": 100,
                    "stalls_existing": 70,
                    "geometry": outline,
                }
            ],
        )
        tx.insert("buildings", [{"geometry": house}])
        tx.insert("roads", [{"kind": "小区道路", "geometry": lane}])
        # A short search: what is tested is the page.
        tx.set_setting(STALL_SETTING, StallSettings(effort=0.0).to_settings())
    return path


@pytest.fixture
def yard(folder: Path, yard_file: Path) -> Path:
    path = folder / "yard.gpkg"
    path.write_bytes(yard_file.read_bytes())
    return path


def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    page = screen.opened(path, "space", monkeypatch)
    page.session_state["workspace"].selection = ["Y"]
    page.session_state["workspace"].pages["space"] = {"tab": "车位"}
    return again(page)


def again(page: AppTest) -> AppTest:
    page.run(timeout=240)
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label.startswith(label)).click()
    return again(page)


def plan_of(path: Path) -> Plan:
    return loaded.load(path).plan


def laid(page: AppTest):
    return page.session_state["space_layouts"][1]["Y"]


def test_stalls_stop_at_the_need_are_saved_shown_again_and_undone(yard, monkeypatch):
    page = opened(yard, monkeypatch)
    assert "还没有排布" in texts(page)
    press(page, "排布车位：院子")
    figures = laid(page).layout.figures
    # 100 households × 0.8 − 70: ten are short, and more would fit.
    assert figures.shortage == figures.limit == 10
    assert 0 < figures.stalls <= 10 < figures.capacity
    said = texts(page)
    assert f"<b>{figures.capacity}<small>个" in said
    assert f"10 → {max(0, 10 - figures.proposed)}" in said
    assert "〔GB 50763-2012 7.3.3〕" in said
    scene = page.session_state["scene"]
    assert {one.name for one in scene.overlay.classes} & set(STALL_CLASSES)
    assert scene.stalls.classes == STALL_CLASSES
    press(page, "存进计划")
    plan = plan_of(yard)
    assert len(plan.read("stalls")) == figures.stalls
    assert plan.read("compounds").loc["Y", "stalls_new"] == figures.proposed
    assert "已存进计划（测试员）" in texts(page)
    assert page.session_state["space_layouts"][1] == {}
    plan.undo("测试员")
    again(page)
    assert "还没有排布" in texts(page)
    assert not len(plan.read("stalls"))


def test_a_changed_setting_waits_for_a_new_run_and_two_layouts_are_compared(yard, monkeypatch):
    page = opened(yard, monkeypatch)
    press(page, "排布车位")
    press(page, "设为方案甲")
    first = laid(page).layout.figures.stalls
    page.session_state["workspace"].pages["space"]["draft"] = {
        "plan": str(yard),
        "settings": StallSettings(effort=0.0, up_to="all", unpaved_share=0.0).to_settings(),
    }
    again(page)
    assert "设置已改，下面仍是改之前的结果" in texts(page)
    assert laid(page).layout.figures.stalls == first
    press(page, "重新排布")
    second = laid(page).layout.figures.stalls
    assert second > first
    said = texts(page)
    assert "方案甲与方案乙" in said
    assert f"+{second - first} 个" in said
    assert "设置已改" not in said
    press(page, "不再比较")
    assert "方案甲与方案乙" not in texts(page)


def test_a_layout_is_stale_once_the_plan_moves_on_and_can_not_be_saved(yard, monkeypatch):
    page = opened(yard, monkeypatch)
    press(page, "排布车位")
    plan = plan_of(yard)
    with plan.edit("别人", "又一栋楼") as tx:
        house = shapely.box(113, 23 + 0.5 * NORTH, 113 + EAST, 23 + 0.6 * NORTH)
        tx.insert("buildings", [{"geometry": house}])
    again(page)
    assert "方案已过时" in texts(page)
    assert next(button for button in page.button if button.label == "存进计划").disabled
    assert not len(plan.read("stalls"))


def test_a_stall_taken_away_by_hand_is_counted_and_comes_back(yard, monkeypatch):
    page = opened(yard, monkeypatch)
    press(page, "排布车位")
    before = laid(page)
    scene = page.session_state["scene"]
    monkeypatch.setattr(space_hands, "scope_of", lambda _: SimpleNamespace(uids=("Y",)))
    held = {}
    monkeypatch.setattr(space_hands.space_layouts, "held", lambda *_: {"Y": before})
    monkeypatch.setattr(space_hands.space_layouts, "put", lambda _, made: held.update(made))
    monkeypatch.setattr(space_hands.messages, "done", lambda text: held.update(said=text))
    scene.acts["stall_delete"](scene, {"uid": "Y#0"})
    after = held["Y"]
    assert after.layout.layout.count == before.layout.layout.count - 1
    assert after.before is before
    assert held["said"].startswith("已删 1 个车位")


FIGURES = pd.DataFrame(
    {
        **{name: [10.0, 20.0] for name in COLUMNS},
        "stalls": [10.0, None],
        "mechanical": [0.0, None],
        "shortage": [4.0, 8.0],
        "existing": [None, 30.0],
        "fire_clear_m": [4.2, 3.9],
        "unpaved_share": [0.5, 0.2],
        "open_m2": [100.0, 300.0],
        "used_m2": [250.0, 0.0],
    }
)


def test_sums_leave_out_what_is_unknown_and_never_take_it_for_nothing():
    sums = summed(FIGURES)
    assert sums["added"] == 10
    assert sums["left"] == 0
    assert sums["existing"] == 30
    assert pd.isna(sums["after"])
    assert sums["m2_per_stall"] == pytest.approx(25.0)
    assert sums["unpaved_share"] == pytest.approx(0.275)
    assert sums["fire_clear_m"] == 3.9
    assert [line.write(pd.NA) for line in LINES] == ["未知"] * len(LINES)
    nobody = summed(FIGURES.assign(existing=None, stalls=None, shortage=None))
    assert pd.isna(nobody["left"])
    assert pd.isna(nobody["existing"])


def test_an_empty_layout_draws_nothing():
    empty = pd.DataFrame({"part": [], "kind": [], "use": [], "uid": []})
    assert layout_overlay(empty, "建议方案") is None


def test_searches_of_two_kinds_do_not_end_each_other():
    one, other = search.Search(plan_id="p"), search.Search(plan_id="p")
    one.stopped.set()
    other.run(lambda tell: tell(2.0, "正在算") or "done")
    assert other.result.result() == "done"
    assert other.share == 1.0
    one.run(lambda tell: tell(0.1, "正在算"))
    assert one.result.exception() is not None


def test_swatches_show_the_pattern_of_the_map():
    shown = {swatch_html(look) for look in GROUND_LOOKS.values()}
    assert len(shown) == len(GROUND_LOOKS)

"""空间 as a planner uses it: see what is open, lay stalls out, change a setting, compare, correct by hand, save."""

from __future__ import annotations

import re

import pytest

from data.store import open_plan
from tests.browser import steps
from tests.browser.conftest import Window, read_copy

pytestmark = pytest.mark.browser

COMPOUND = "玉皇路小区"


def visit(window: Window, plan, compounds, tab: str, **kept) -> Window:
    uid = str(compounds["uid"][COMPOUND])
    pages = {"space": {"tab": tab, **kept}}
    return window.open(plan, page="space", selection=[uid], pages=pages)


def legend(window: Window) -> str:
    text: str = window.map.locator(".pq-legend").inner_text()
    return text


def lay_out(window: Window, words: str = "排布车位") -> None:
    window.page.get_by_role("button", name=re.compile(f"^{words}")).first.click()
    save = window.page.get_by_role("button", name="存进计划", exact=True)
    window.until(lambda: save.count() > 0 and save.is_enabled(), "the layout")
    window.settle()


def proposed(window: Window) -> int:
    """New stalls as the large figure says."""
    said = window.page.locator(".space-head .main b").inner_text()
    return int(re.sub(r"\D", "", said))


def test_from_open_ground_to_stalls_that_are_saved_found_again_and_undone(
    window, plan_file, compounds, tmp_path
):
    window.open(plan_file, page="space")
    assert "先选小区" in window.text()
    window.click(compounds.geometry[COMPOUND])
    window.wait_for("扣除（按先后")
    window.settle()
    assert "〔GB 50016-2014（2018年版） 7.1.8〕" in window.text()
    assert "空地和扣除" in legend(window)
    steps.choose(window, "车位")
    button = window.page.get_by_role("button", name=f"排布车位：{COMPOUND}", exact=True)
    box = button.bounding_box()
    assert box["y"] + box["height"] < 768
    lay_out(window)
    first = proposed(window)
    assert first > 0
    assert "无障碍车位" in legend(window)
    assert "〔JGJ 100-2015 4.3.4〕" in window.text()
    window.press("设为方案甲")
    steps.choose(window, "设置")
    steps.choose(window, "舒适型")
    window.wait_for("设置已改，下面仍是改之前的结果")
    lay_out(window, "重新排布")
    window.wait_for("方案甲与方案乙")
    second = proposed(window)
    assert f"{first} 个" in window.page.locator("table.layout").first.inner_text()
    window.press("存进计划")
    window.wait_for("已存进计划：1 个小区")
    window.settle()
    with read_copy(plan_file, tmp_path) as plan:
        assert len(plan.read("stalls")) == second == plan.records("layouts")["stalls"].iloc[0]
    window.page.reload()
    window.settle()
    assert proposed(window) == second
    assert "普通车位" in legend(window)
    assert "已存进计划（测试员）" in window.text()
    # Standards are cited by their letters.
    assert window.english() - {"JGJ"} == set()
    window.press("撤销")
    window.wait_for("还没有排布")
    with read_copy(plan_file, tmp_path) as plan:
        assert not len(plan.read("stalls"))
    # Streamlit first asks for its own files below the page's address, then at the root.
    window.errors[:] = [error for error in window.errors if "404" not in error]


def test_a_run_is_stopped_and_nothing_is_changed(window, plan_file, compounds):
    visit(window, plan_file, compounds, "车位")
    edition = window.text().split("修订")[1][:4]
    # Deep enough to be caught at it.
    steps.choose(window, "设置")
    window.page.locator(".st-key-panel summary").filter(has_text="通道和搜索").click()
    window.settle()
    window.page.get_by_role("spinbutton", name="搜索深度").fill("4")
    window.page.keyboard.press("Enter")
    window.settle()
    window.page.get_by_role("button", name=re.compile("^排布车位")).click()
    stop = window.page.get_by_role("button", name="停止", exact=True)
    stop.wait_for()
    stop.click()
    window.until(lambda: not stop.is_visible(), "the end of the run")
    window.settle()
    assert window.page.get_by_role("button", name="存进计划", exact=True).count() == 0
    assert window.text().split("修订")[1][:4] == edition


def test_without_buildings_no_figure_is_given_and_the_ways_out_are_there(
    window, plan_file, compounds
):
    with open_plan(plan_file) as plan, plan.edit("测试员", "去掉建筑") as tx:
        rows = tx.read("buildings")
        tx.delete_many("buildings", [(u, int(v)) for u, v in rows["version"].items()])
    visit(window, plan_file, compounds, "空地")
    window.wait_for(f"没有建筑数据：{COMPOUND}")
    assert window.page.locator(".space-head").count() == 0
    window.press("这里没有建筑…")
    window.press("确认：1 个小区没有建筑")
    window.page.locator(".space-head").wait_for()
    window.settle()
    steps.choose(window, "需求")
    window.wait_for("现状停车位未知")
    assert "车位缺口" in legend(window)
    assert "未知" in legend(window)

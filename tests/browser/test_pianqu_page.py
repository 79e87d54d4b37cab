"""片区 as a planner uses it: make, fill, name and dissolve by hand, look at a proposal and take it over."""

from __future__ import annotations

import pytest

from tests.browser.conftest import read_copy

pytestmark = pytest.mark.browser

NORTH = ["旧中专宿舍", "邮电新村", "云浮中学教师宿舍"]
HEADER, ROW = 32, 28  # of the table under the map


def ring(shape, grow: float = 0.0002) -> list[tuple[float, float]]:
    west, south, east, north = shape.bounds
    w, s, e, n = west - grow, south - grow, east + grow, north + grow
    return [(w, s), (e, s), (e, n), (w, n)]


def visit(window, plan_file, **state):
    """By the navigation, as planners come."""
    window.open(plan_file, **state)
    window.page.get_by_role("link", name="片区", exact=True).click()
    window.wait_for("点一行")
    window.settle()
    return window


def lasso(window, compounds, names) -> None:
    window.drag("lasso", ring(compounds.geometry[names].union_all()))


def press_starting(window, words: str) -> None:
    buttons = window.page.locator(".st-key-panel button").filter(has_text=words)
    buttons.first.click()
    window.settle()


def make(window, compounds, names, name: str) -> None:
    window.panel("分配")
    lasso(window, compounds, names)
    # On a busy machine the run begins well after the pointer has let go.
    window.wait_for(f"已选 {len(names)} 个小区")
    window.fill("片区名称", name)
    press_starting(window, "应用（")
    window.wait_for(f"已组成片区“{name}”")
    window.panel("片区")


def choose(window, target: str) -> None:
    """Choose where the gathered compounds shall go."""
    window.page.get_by_label("分到").click()
    window.page.get_by_role("option", name=target, exact=True).click()
    window.settle()


def click_row(window, row: int) -> None:
    """Click a row of the list: 0 is 未分组."""
    window.page.locator(".st-key-panel .pqr tbody tr").nth(row).click()
    window.settle()


def painted(window) -> list[int]:
    return [
        byte & 127
        for byte in window.map.evaluate("() => Array.from(window.pianqu.app.tiles._classes)")
    ]


def test_a_lasso_becomes_a_pianqu_with_totals_right_to_the_yuan(window, plan_file, compounds):
    visit(window, plan_file)
    window.panel("分配")
    lasso(window, compounds, NORTH)
    window.wait_for("应用（3 个小区）")
    preview = window.card()
    window.fill("片区名称", "金龙片区")
    window.fill("备注", "先行实施")
    press_starting(window, "应用（")
    window.wait_for("已组成片区“金龙片区”")
    window.panel("片区")
    assert window.card() == preview
    assert preview == {
        "小区": "3 个",
        "居民户数": "437 户",
        "楼栋数": "31 栋",
        "住宅建筑面积": "3.50 万㎡",
        "预计投资额": "260.0 万元",
        "补助合计": "240.0 万元",
        "出资合计": preview["出资合计"],
        "资金缺口": "20.0 万元",
        "户均投资": "5,950 元/户",
        "跨度": preview["跨度"],
        "紧凑度": preview["紧凑度"],
        "连片": "✓ 连片",
    }
    assert "先行实施" in window.text()
    legend = window.map.locator(".pq-legend").inner_text()
    assert "金龙片区" in legend
    assert "未分组" in legend


def test_the_map_takes_most_of_the_window_and_keeps_the_theme_of_the_overview(window, plan_file):
    visit(window, plan_file, theme="households")
    box = window.page.locator(".st-key-map iframe").bounding_box()
    assert box["width"] * box["height"] >= 0.60 * 1366 * 768
    assert "所属片区" in window.map.locator(".pq-legend").inner_text()
    assert set(painted(window)) == {0}
    window.page.get_by_role("link", name="总图", exact=True).click()
    window.wait_for("按什么着色")
    window.settle()
    assert "居民户数" in window.map.locator(".pq-legend").inner_text()


def test_members_are_added_and_removed_and_each_step_is_undone(
    window, plan_file, compounds, tmp_path
):
    visit(window, plan_file)
    make(window, compounds, NORTH, "金龙片区")
    window.map.click("[data-tool=select]")
    window.click(compounds.geometry["玉皇路小区"])
    press_starting(window, "把所选加入 1")
    window.wait_for("已把 1 个小区加入“金龙片区”")
    assert window.card()["居民户数"] == "1,018 户"
    press_starting(window, "把所选移出 1")
    window.wait_for("已把 1 个小区移出“金龙片区”")
    assert window.card()["居民户数"] == "437 户"
    window.press("撤销")
    assert window.card()["居民户数"] == "1,018 户"
    assert window.card()["预计投资额"] == "490.0 万元"
    with read_copy(plan_file, tmp_path) as plan:
        held = plan.read("compounds")["pianqu_uid"].notna()
    assert int(held.sum()) == 4


def test_members_apart_are_allowed_and_flagged_with_gap_and_clause(window, plan_file, compounds):
    visit(window, plan_file)
    window.panel("分配")
    window.click(compounds.geometry["旧中专宿舍"])
    window.click(compounds.geometry["玉皇路小区"])
    window.wait_for("应用（2 个小区）")
    assert window.card()["连片"] == "✗ 分成 2 处"
    assert "不连片：分成 2 处（相邻间距 30 米），柳州 五(一) 允许" in window.text()
    assert "〔柳政规〔2022〕3号 五(一)〕" in window.text()
    press_starting(window, "应用（")
    window.wait_for("已组成片区“片区 1”")
    window.panel("片区")
    assert window.card()["连片"] == "✗ 分成 2 处"


def test_a_pianqu_is_renamed_noted_and_dissolved(window, plan_file, compounds, tmp_path):
    visit(window, plan_file)
    make(window, compounds, NORTH, "金龙片区")
    window.press("改名、备注")
    window.fill("片区名称", "金龙<b>路片区")
    window.fill("备注", "第二批")
    window.press("保存")
    window.wait_for("已保存备注")
    assert "金龙<b>路片区" in window.text()
    assert "第二批" in window.text()
    press_starting(window, "解散…")
    window.wait_for("回到“未分组”")
    window.press("解散", last=True)
    window.wait_for("已解散片区")
    window.settle()
    with read_copy(plan_file, tmp_path) as plan:
        assert not len(plan.read("pianqu"))
        assert plan.read("compounds")["pianqu_uid"].isna().all()
    window.press("撤销")
    with read_copy(plan_file, tmp_path) as plan:
        assert list(plan.read("pianqu")["name"]) == ["金龙<b>路片区"]
        assert int(plan.read("compounds")["pianqu_uid"].notna().sum()) == 3


def test_moving_from_another_pianqu_is_said_before(window, plan_file, compounds):
    visit(window, plan_file)
    make(window, compounds, NORTH, "金龙片区")
    window.map.click("[data-tool=select]")
    window.click(compounds.geometry["邮电新村"])
    window.panel("分配")
    choose(window, "新片区")
    rows = window.page.locator(".pq-changes tbody tr").all_inner_texts()
    assert [row.split()[:3] for row in rows] == [["片区", "1", "0"], ["金龙片区", "3", "2"]]


def test_a_row_of_the_list_selects_its_members_and_goes_there(window, plan_file, compounds):
    visit(window, plan_file)
    make(window, compounds, NORTH, "金龙片区")
    window.map.evaluate("() => window.pianqu.map.setView([22.93, 112.06], 15, {animate: false})")
    window.page.wait_for_timeout(600)
    click_row(window, 0)
    window.wait_for("已选 2 个小区 · 624 户")
    click_row(window, 1)
    window.wait_for("已选 3 个小区 · 437 户 · 260.0 万元")
    middle = compounds.geometry[NORTH].union_all().centroid
    window.page.wait_for_timeout(1_000)
    lon, lat, zoom = window.view()
    assert (lon, lat) == pytest.approx((middle.x, middle.y), abs=0.001)
    assert zoom > 15


def test_the_table_lists_all_totals_and_its_rows_select(window, plan_file, compounds):
    visit(window, plan_file)
    make(window, compounds, NORTH, "金龙片区")
    assert "1 个片区 · 3 个小区 · 437 户 · 投资 260.0 万元 · 未分组 2 个小区" in window.text()
    window.press("展开表格")
    box = window.page.locator('.st-key-drawer [data-testid="stDataFrame"]').bounding_box()
    window.page.mouse.click(box["x"] + 16, box["y"] + HEADER + ROW / 2)
    window.settle()
    assert "已选 3 个小区 · 437 户" in window.text()


def test_a_reload_stays_on_the_page_with_its_tab_and_what_was_open(window, plan_file, compounds):
    visit(window, plan_file)
    make(window, compounds, NORTH, "金龙片区")
    window.page.reload()
    window.settle()
    assert window.card()["居民户数"] == "437 户"
    window.panel("自动方案")
    window.page.reload()
    window.settle()
    assert "生成方案" in window.text()
    # Streamlit first asks for its own files below the page's address, then at the root.
    window.errors[:] = [error for error in window.errors if "404" not in error]


def test_nothing_on_the_page_is_english(window, plan_file, compounds):
    visit(window, plan_file)
    assert window.english() == set()
    make(window, compounds, NORTH, "金龙片区")
    assert window.english() == set()
    for panel in ("分配", "自动方案"):
        window.panel(panel)
        assert window.english() == set(), panel
    window.press("生成方案")
    window.wait_for("放弃")
    assert window.english() == set()

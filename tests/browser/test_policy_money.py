"""资金 as a planner uses it: sums, verdicts on sums, instalments, and the estimate that is taken along as xlsx."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from data.store import open_plan
from tests.browser import steps
from tests.browser.conftest import SCREEN, Window

pytestmark = pytest.mark.browser

CONTRIBUTIONS = ("residents", "utilities", "former_owner", "private", "bond")


def fill_in(path: Path, *, rules: str) -> None:
    """Nobody contributes; the first compound is 60 % done."""
    nothing = {f"contribution_{name}_yuan": 0 for name in CONTRIBUTIONS}
    with open_plan(path) as plan, plan.edit("测试员", "填") as tx:
        tx.set_setting("rules", rules)
        frame = plan.read("compounds")
        for uid, version in frame["version"].items():
            tx.update("compounds", uid, int(version), nothing)
        done = {"compound_uid": frame.index[0], "month": "2026-01", "progress": 0.6}
        tx.add_record("progress", done)


def visit(window: Window, plan_file: Path) -> Window:
    """By the buttons, as planners come."""
    window.open(plan_file, page="policy")
    window.panel("办理")
    steps.choose(window, "资金")
    return window


def part(window: Window, title: str) -> None:
    window.page.locator(".st-key-policy_money_parts button").filter(has_text=title).first.click()
    window.settle()


def panel(window: Window) -> str:
    return window.page.locator(".st-key-panel").inner_text()


def type_in(window: Window, label: str, value: str) -> None:
    window.page.get_by_label(label, exact=True).fill(value)
    window.page.keyboard.press("Tab")
    window.settle()


def nothing_cut_off(window: Window) -> None:
    """No table or card is wider than the panel, and the map has most of the window."""
    wide = window.page.evaluate(
        "() => [...document.querySelectorAll('.st-key-panel table, .st-key-panel .verdict, .st-key-panel button')]"
        ".filter(one => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth)"
        ".map(one => one.innerText)"
    )
    assert wide == []
    box = window.page.locator(".st-key-map").bounding_box()
    assert box["width"] * box["height"] >= 0.60 * SCREEN["width"] * SCREEN["height"]


def test_a_plan_fails_another_citys_share_by_the_right_amount_and_is_paid_by_instalments(
    window, plan_file, compounds
):
    fill_in(plan_file, rules="litong-parking")
    visit(window, plan_file)
    assert re.search(r"中央财政\s+295\.0\s+57\.3%", panel(window))
    assert re.search(r"居民\s+0\.0\s+0\.0%", panel(window))
    assert re.search(r"市级财政\s+未知\s+—\s+5 个未知", panel(window))
    nothing_cut_off(window)
    part(window, "出资判定")
    assert "没有由程序判定的资金规则" in panel(window)
    window.page.get_by_label("再按另一套规则判").click()
    window.page.get_by_role("option", name=re.compile("柳州")).first.click()
    window.wait_for("还差 1,030,000 元（103.0 万元）")
    window.settle()
    cards = window.page.locator(".st-key-panel .verdict.fails")
    assert "✗" in cards.first.inner_text()
    assert "〔柳政规〔2022〕3号 四(三)〕" in cards.first.inner_text()
    nothing_cut_off(window)
    part(window, "拨付")
    for amount in (
        "154.5 万元（1,545,000 元）",
        "51.5 万元（515,000 元）",
        "12.0 万元（120,000 元）",
    ):
        assert amount in panel(window)
    nothing_cut_off(window)
    window.click(compounds.geometry["旧中专宿舍"])
    window.wait_for("已选 1 个小区")
    window.settle()
    assert "现进度60.0%，可以拨付" in panel(window)
    type_in(window, "拨付总额（万元）", "100.0001")
    assert "30.0 万元（300,000 元）" in panel(window)
    nothing_cut_off(window)
    window.page.reload()
    window.settle()
    assert "所填总额 100.0 万元（1,000,001 元）" in panel(window)
    assert not window.errors
    assert not window.outside


def test_an_estimate_is_labelled_adds_up_and_is_taken_along(window, plan_file, tmp_path):
    visit(window, plan_file)
    part(window, "中央补助估算")
    assert "请填要分配的资金总额" in panel(window)
    type_in(window, "资金总额（万元）", "465")
    assert "估算，不是下达数" in panel(window)
    assert "可信度：低" in panel(window)
    assert re.search(r"合计＝资金总额\s+465\.0\s+4,650,000", panel(window))
    assert "估算 222,571 元" in panel(window)
    nothing_cut_off(window)
    assert window.english() == set()
    window.page.locator(".st-key-panel summary").click()
    window.settle()
    table = window.page.locator('.st-key-panel [data-testid="stDataFrame"]')
    window.page.wait_for_timeout(700)  # it unfolds
    box = table.bounding_box()
    # The coefficient of the first compound: the second column under the heads.
    window.page.mouse.dblclick(box["x"] + 205, box["y"] + 46)
    window.page.wait_for_timeout(400)
    window.page.keyboard.type("0.8")
    window.page.keyboard.press("Enter")
    window.wait_for("财政困难程度系数未知")
    window.settle()
    assert "“邮电新村”、“云浮中学教师宿舍”" in panel(window)
    window.page.mouse.click(box["x"] + 205, box["y"] + 46)
    window.page.keyboard.press("Delete")
    window.wait_for("合计＝资金总额")
    window.settle()
    with window.page.expect_download() as got:
        window.page.get_by_role("button", name="下载估算表 xlsx").click()
    file = tmp_path / "估算.xlsx"
    got.value.save_as(file)
    assert got.value.suggested_filename.startswith("中央补助估算_修订")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(file).active.iter_rows()]
    heads = next(row for row in rows if "估算（元）" in row)
    at = heads.index("估算（元）")
    sums = [row[at] for row in rows[rows.index(heads) + 1 :] if isinstance(row[at], int)]
    assert sums[-1] == sum(sums[:-1]) == 4_650_000
    window.page.get_by_role("button", name="展开表格").click()
    window.settle()
    assert not window.errors
    assert not window.outside

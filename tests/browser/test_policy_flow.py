"""办理 as a planner uses it: a stage set, what is missing, progress into the 月报, tiers, approvals."""

from __future__ import annotations

import re

import openpyxl
import pytest

from tests.browser import steps
from tests.browser.conftest import SCREEN, Window, read_copy
from tests.browser.test_policy_page import ONE, adopt, press, type_in, visit

pytestmark = pytest.mark.browser


def turn(window: Window, view: str) -> None:
    window.panel("办理")
    steps.choose(window, view)


def pick(window: Window, compounds, name: str = ONE) -> None:
    window.click(compounds.geometry[name])
    window.wait_for("已选 1 个小区")
    window.settle()


def answer(window: Window, fact: str, word: str) -> None:
    """Click an answer in the line of a fact."""
    line = window.page.locator(
        '.st-key-panel [data-testid="stHorizontalBlock"]', has_text=re.compile(f"^{fact}")
    )
    line.last.locator("button").filter(has_text=word).click()
    window.wait_for(f"{fact} → {word}")
    window.settle()


def head(window: Window) -> str:
    return window.page.locator(".st-key-panel .flow-head").inner_text()


def test_a_stage_says_what_it_lacks_and_is_left_when_its_day_is_set(
    window, plan_file, compounds, tmp_path
):
    visit(window, plan_file)
    adopt(window, "柳州")
    turn(window, "阶段")
    tabs = window.page.locator(".st-key-panel_tabs button")
    boxes = [tab.bounding_box() for tab in tabs.all()]
    assert len({box["y"] for box in boxes}) == 1
    assert max(box["x"] + box["width"] for box in boxes) < SCREEN["width"]
    pick(window, compounds)
    assert head(window).startswith("调查摸底")
    assert "未填写配套设施不足、居民改造意愿强烈" in window.text()
    answer(window, "配套设施不足", "是")
    answer(window, "居民改造意愿强烈", "是")
    window.until(lambda: "未填写配套设施不足" not in window.text(), "the facts to be taken")
    assert "未填写建成日期" in window.text()
    save = window.page.get_by_role("button", name="保存", exact=True).bounding_box()
    assert save["y"] + save["height"] < SCREEN["height"]
    type_in(window, "完成日期", "2026-03-01")
    window.press("保存")
    window.until(lambda: head(window).startswith("改造宣传"), "the next stage")
    assert "2026年3月1日" in window.text()
    assert "“改造宣传”没有缺的" in window.text()
    press(window, "居民意愿调查和表决")
    window.until(lambda: head(window).startswith("居民意愿调查和表决"), "the chosen stage")
    assert "未录入表决结果" in window.text()
    with read_copy(plan_file, tmp_path) as plan:
        assert plan.records("stages")["reached_on"].tolist() == ["2026-03-01"]
    window.press("撤销")
    window.wait_for("还没有记录")
    press(window, "去填：表决公示")
    window.wait_for("业主总人数（人）")
    assert window.english() == set()


def test_what_the_card_lacks_is_filled_in_on_the_overview(window, plan_file, compounds, tmp_path):
    with read_copy(plan_file, tmp_path) as plan:
        assert plan.read("compounds")["built_on"].isna().all()
    visit(window, plan_file)
    adopt(window, "柳州")
    turn(window, "阶段")
    pick(window, compounds)
    assert "未填写建成日期" in window.text()
    press(window, "去填：小区卡片")
    window.page.locator(
        '[data-testid="stTopNavLink"][aria-current="page"]', has_text="总图"
    ).wait_for()
    window.settle()
    assert ONE in window.page.locator(".st-key-panel").inner_text()


def test_progress_that_is_entered_stands_in_the_monthly_report(
    window, plan_file, compounds, tmp_path
):
    visit(window, plan_file)
    turn(window, "进度")
    pick(window, compounds)
    type_in(window, "形象进度（%）", "三成半")
    window.wait_for("不是数字")
    type_in(window, "形象进度（%）", "35")
    type_in(window, "累计已付（万元）", "12.5")
    window.press("保存")
    window.wait_for("进度 35.0%　已付 12.5 万元")
    window.settle()
    press(window, "去“表单”出月报")
    window.wait_for("下载 xlsx")
    window.settle()
    file = steps.fetch(window, "下载 xlsx", tmp_path)
    rows = openpyxl.load_workbook(file).active.values
    row = next(row for row in rows if ONE in row)
    assert "35.0%" in map(str, row)
    assert any(str(cell).startswith("12.5") for cell in row)


def test_a_selection_gets_its_tier_after_a_preview_and_it_is_undone(
    window, plan_file, compounds, tmp_path
):
    visit(window, plan_file)
    adopt(window, "柳州")
    turn(window, "批次")
    window.wait_for("申报下一年度改造计划")
    steps.lasso(window, compounds.geometry.union_all())
    window.wait_for("把 5 个小区改为“实施”")
    press(window, "把 5 个小区改为“实施”")
    window.wait_for("没有要改的小区")
    with read_copy(plan_file, tmp_path) as plan:
        extras = plan.read("compounds")["extra"]
    assert {extra["实施批次"] for extra in extras} == {"实施"}
    window.press("撤销")
    window.wait_for("把 5 个小区改为“实施”")


def test_approvals_tell_as_facts_are_set(window, plan_file, compounds):
    visit(window, plan_file)
    adopt(window, "柳州")
    turn(window, "审批")
    pick(window, compounds)
    press(window, "按“市级试点")
    window.wait_for("施工图审查 需论证")
    answer(window, "不涉及建筑主体结构变动", "是")
    answer(window, "低风险项目", "是")
    window.wait_for("施工图审查 不需要")
    assert "(二)优化审批流程〕" in window.text()
    window.press("撤销")
    window.wait_for("施工图审查 需论证")

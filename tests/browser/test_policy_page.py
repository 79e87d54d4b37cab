"""政策 as a planner uses it: choose rules, look at verdicts, fill in facts and votes, copy rules, take the forms."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import openpyxl
import pytest

from tests.browser import steps
from tests.browser.conftest import SCREEN, Window, read_copy

pytestmark = pytest.mark.browser

ONE = "玉皇路小区"
VOTE = {"业主总人数（人）": "200", "参与人数（人）": "134", "同意人数（人）": "100"}
AREAS = {"专有部分总面积（㎡）": "15000", "参与面积（㎡）": "10000", "同意面积（㎡）": "7500"}

FORMS = {
    "责任分工": ("责任单位", "市消防救援支队"),
    "申报清单": ("申请函", ONE, "未知"),
    "月报": ("工程进度", ONE, "未知"),
}


def visit(window: Window, plan_file: Path) -> Window:
    """By the navigation, as planners come."""
    window.open(plan_file)
    steps.go(window, "政策")
    return window


def adopt(window: Window, title: str) -> None:
    window.panel("规则")
    window.page.get_by_label("本计划按哪套规则判定").click()
    window.page.get_by_role("option", name=re.compile(title)).first.click()
    window.wait_for("已采用")
    window.settle()


def pick(window: Window, compounds, name: str = ONE) -> None:
    window.panel("核对")
    window.click(compounds.geometry[name])
    window.wait_for("已选 1 个小区")
    window.settle()


def press(window: Window, words: str | re.Pattern[str]) -> None:
    window.page.locator(".st-key-panel button").filter(has_text=words).first.click()
    window.settle()


def type_in(window: Window, label: str, value: str) -> None:
    window.page.get_by_label(label, exact=True).fill(value)
    window.page.keyboard.press("Tab")
    window.settle()


def legend_says(window: Window, words: str) -> None:
    legend = window.map.locator(".pq-legend")
    window.until(lambda: words in legend.inner_text(), f"{words} in the legend")


def verdict(window: Window, title: str) -> str:
    """A verdict of the panel, whole."""
    cards = window.page.locator(".st-key-panel .verdict").filter(has_text=title)
    return cards.first.inner_text()


def copy(window: Window, title: str) -> None:
    window.press("另存为我市方案…")
    window.fill("名称", title)
    window.press("另存并采用")
    window.wait_for(f"已另存为我市方案“{title}”")
    window.settle()


def change(window: Window, group: str, rule: str) -> None:
    steps.choose(window, group)
    window.page.locator(f".st-key-policy_do_{rule} button").filter(has_text="修改").click()
    window.settle()


def test_the_map_shows_verdicts_by_sign_and_one_rule_by_one_click(window, plan_file):
    visit(window, plan_file)
    adopt(window, "楚雄")
    box = window.page.locator(".st-key-map").bounding_box()
    assert box["width"] * box["height"] >= 0.60 * SCREEN["width"] * SCREEN["height"]
    for words in ("准入结论", "✓ 符合", "? 需论证", "✗ 不符合"):
        legend_says(window, words)
    steps.choose(window, "内容")
    window.page.locator(".st-key-policy_do_works_list button").first.click()
    window.settle()
    legend_says(window, "改造内容范围")
    press(window, "改回准入合计")
    legend_says(window, "准入结论")
    steps.go(window, "总图")
    legend_says(window, "户均投资")


def test_a_profile_is_chosen_and_the_choice_undone(window, plan_file, tmp_path):
    visit(window, plan_file)
    adopt(window, "楚雄")
    assert "规则：楚雄市2020年方案" in window.text()
    assert "建成时间" in window.text()
    assert "2000年1月1日" in window.text()
    assert "〔楚市政办通〔2020〕5号 三(一)〕" in window.text()
    assert "由程序判定" in window.text()
    with read_copy(plan_file, tmp_path) as plan:
        assert plan.settings()["rules"] == "chuxiong-2020"
    window.press("撤销")
    window.wait_for("规则：云城区2024年方案")


def test_a_fact_settles_a_verdict(window, plan_file, compounds, tmp_path):
    visit(window, plan_file)
    adopt(window, "楚雄")
    pick(window, compounds)
    said = verdict(window, "不是城中村")
    assert said.startswith("?")
    assert "〔楚市政办通〔2020〕5号 三(一)〕" in said
    steps.choose(window, "小区情况")
    row = window.page.locator(
        '.st-key-panel [data-testid="stHorizontalBlock"]', has_text=re.compile("^城中村")
    )
    row.last.locator("button").filter(has_text="否").click()
    window.wait_for(f"{ONE}：城中村 → 否")
    steps.choose(window, "判定")
    assert verdict(window, "不是城中村").startswith("✓")
    with read_copy(plan_file, tmp_path) as plan:
        extras = plan.read("compounds").set_index("name")["extra"]
    assert extras[ONE]["城中村"] == "否"
    window.press("撤销")
    window.until(lambda: verdict(window, "不是城中村").startswith("?"), "the fact undone")


def test_a_fact_is_filled_in_for_many_after_a_preview(window, plan_file, tmp_path):
    visit(window, plan_file)
    adopt(window, "楚雄")
    window.panel("不符合原因")
    steps.choose(window, "? 需论证")
    press(window, "去填：位于城市建成区")
    window.wait_for("把 5 个小区改为“是”")
    assert "未知 5 个" in window.text()
    press(window, "把 5 个小区改为“是”")
    window.wait_for("5 个小区：位于城市建成区 → 是")
    window.until(lambda: "没有要改的小区" in window.text())
    with read_copy(plan_file, tmp_path) as plan:
        extras = plan.read("compounds")["extra"]
    assert all(extra["位于城市建成区"] == "是" for extra in extras)
    window.press("撤销")
    window.wait_for("把 5 个小区改为“是”")


def test_a_vote_tells_while_it_is_typed_how_many_more_are_needed(
    window, plan_file, compounds, tmp_path
):
    visit(window, plan_file)
    adopt(window, "柳州")
    pick(window, compounds)
    steps.choose(window, "表决公示")
    for label, value in {**VOTE, **AREAS}.items():
        type_in(window, label, value)
    window.wait_for("同意人数还差 1 人")
    said = verdict(window, "业主表决")
    assert said.startswith("✗")
    assert "至少 101 人" in said
    type_in(window, "公示开始", "2024-09-30")
    type_in(window, "公示结束", "2024-10-11")
    assert "满 5 个工作日最早到 2024年10月12日" in verdict(window, "初步改造方案公示")
    type_in(window, "同意人数（人）", "101")
    window.until(lambda: verdict(window, "业主表决").startswith("✓"), "the vote to pass")
    type_in(window, "同意人数（人）", "140")
    window.wait_for("同意人数 140 人多于参与人数 134 人")
    assert window.page.get_by_role("button", name="保存", exact=True).is_disabled()
    type_in(window, "同意人数（人）", "100")
    window.press("保存")
    window.wait_for("已保存表决记录")
    window.settle()
    assert "已录入 1 次" in window.text()
    with read_copy(plan_file, tmp_path) as plan:
        vote = plan.records("votes").iloc[0]
    assert (vote["owners_agreed"], vote["area_agreed_m2"]) == (100, 7500)
    steps.choose(window, "判定")
    assert verdict(window, "业主表决").startswith("✗")


def test_own_rules_say_what_they_change_and_are_judged_by(window, plan_file, compounds, tmp_path):
    visit(window, plan_file)
    adopt(window, "柳州")
    copy(window, "某市<b>方案")
    change(window, "资金", "min_share")
    share = window.page.get_by_label("最低比例", exact=True)
    share.fill("约两成")
    window.press("保存")
    window.wait_for("应写成 2/3、0.15 或 20% 的样子")
    assert share.input_value() == "约两成"
    share.fill("25%")
    window.fill("改动理由", "市政府<i>纪要")
    window.press("保存")
    window.wait_for("修改规则：居民和企业出资比例")
    window.settle()
    assert "我市改动" in window.text()
    assert "与原方案的差别（1）" in window.text()
    table = window.page.locator(".st-key-panel table.matrix").inner_text()
    assert re.search(r"最低比例\s+20\.0%\s+25\.0%\s+市政府<i>纪要", table)
    pick(window, compounds)
    assert "25.0%" in verdict(window, "居民和企业出资比例")
    assert "规则：某市<b>方案" in window.text()
    with read_copy(plan_file, tmp_path) as plan:
        held = plan.settings()
    assert held["own_rules"][held["rules"]]["changes"]["min_share"]["values"] == {"share": "1/4"}
    window.panel("规则")
    press(window, "恢复原文")
    window.wait_for("改了 0 处")
    window.press("撤销")
    window.wait_for("改了 1 处")


def test_a_rule_is_dropped_only_with_a_reason(window, plan_file):
    visit(window, plan_file)
    adopt(window, "柳州")
    copy(window, "某市方案")
    change(window, "资金", "min_share")
    window.page.get_by_text("本市不用这一条…").click()
    window.press("不用这一条")
    window.wait_for("请写明不用这一条的理由")
    window.fill("不用的理由", "市财政全额负担")
    window.press("不用这一条")
    window.wait_for("改了 1 处")
    window.settle()
    assert not window.page.locator(".st-key-policy_do_min_share").count()


def test_two_planners_do_not_overwrite_each_others_rules(windows, plan_file):
    one, other = windows(), windows()
    visit(one, plan_file)
    adopt(one, "柳州")
    copy(one, "某市方案")
    visit(other, plan_file)
    for window in (one, other):
        change(window, "资金", "min_share")
    one.page.get_by_label("最低比例", exact=True).fill("25%")
    one.press("保存")
    one.wait_for("修改规则：居民和企业出资比例")
    other.page.get_by_label("最低比例", exact=True).fill("30%")
    other.press("保存")
    other.wait_for("您的改动没有保存")
    assert "现在的值：计入的出资方" in other.text()
    assert "最低比例 25.0%" in other.text()
    assert other.page.get_by_label("最低比例", exact=True).input_value() == "30%"
    other.press("保存")
    other.wait_for("修改规则：居民和企业出资比例")
    other.wait_for("最低比例\t30.0%")


def test_why_not_filters_the_map_selects_and_lists_reasons(window, plan_file):
    visit(window, plan_file)
    adopt(window, "楚雄")
    window.panel("不符合原因")
    steps.choose(window, "内容")
    press(window, "4 个小区")
    window.wait_for("已选 4 个小区")
    window.wait_for("图上只显示 4 个小区")
    assert "改造内容范围“不符合”：4 个小区" in window.text()
    legend = window.map.locator(".pq-legend")
    window.until(lambda: re.search(r"不符合\s+4", legend.inner_text()) is not None, "the legend")
    assert re.search(r"✓ 符合\s+0", legend.inner_text())
    press(window, "改回全部")
    window.until(lambda: "已选" not in window.page.locator(".st-key-strip").inner_text())


def test_several_profiles_stand_side_by_side(window, plan_file, compounds):
    visit(window, plan_file)
    adopt(window, "楚雄")
    pick(window, compounds)
    steps.choose(window, "几套对照")
    table = window.page.locator(".st-key-panel table.matrix")
    heads = table.locator("tr").first.inner_text().split()
    assert heads == ["楚雄市", "阳江市", "柳州市"]
    row = table.locator("tr").filter(has_text="不是城中村").inner_text().split()
    assert row == ["不是城中村", "?", "—", "—"]


def cells(path: Path) -> str:
    """All that stands in a form."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        return "\n".join(str(c) for row in sheet.values for c in row if c is not None)
    book = docx.Document(str(path))
    texts = [paragraph.text for paragraph in book.paragraphs]
    texts += [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    return "\n".join(texts)


def test_forms_are_fetched_as_xlsx_and_docx_and_say_what_they_were_made_of(
    window, plan_file, tmp_path
):
    visit(window, plan_file)
    adopt(window, "柳州")
    window.panel("表单")
    for form, said in FORMS.items():
        steps.choose(window, form)
        for ending in ("xlsx", "docx"):
            file = steps.fetch(window, f"下载 {ending}", tmp_path)
            assert file.suffix == f".{ending}"
            text = cells(file)
            for words in (
                *said,
                "2024年云城区城镇老旧小区改造实施方案",
                "柳州市2022年方案",
                "修订",
            ):
                assert words in text, (form, ending)


def test_a_card_on_the_overview_says_the_verdict_and_leads_to_the_reasons(
    window, plan_file, compounds
):
    visit(window, plan_file)
    adopt(window, "楚雄")
    steps.go(window, "总图")
    window.click(compounds.geometry[ONE])
    window.wait_for("准入：需论证")
    press(window, "看判定")
    window.wait_for("几套对照")
    window.settle()
    assert window.page.locator(".st-key-policy_subject").inner_text() == ONE


def test_a_reload_stays_on_the_tab_with_the_rules_that_were_open(window, plan_file):
    visit(window, plan_file)
    adopt(window, "楚雄")
    steps.choose(window, "表决")
    window.page.reload()
    window.settle()
    assert "第一次书面征求意见" in window.text()
    # Streamlit first asks for its own files below the page's address, then at the root.
    window.errors[:] = [error for error in window.errors if "404" not in error]


def test_nothing_on_the_page_is_english(window, plan_file, compounds):
    visit(window, plan_file)
    adopt(window, "楚雄")
    pick(window, compounds)
    for view in ("判定", "几套对照", "小区情况", "表决公示"):
        steps.choose(window, view)
        assert window.english() == set(), view
    for panel in ("规则", "不符合原因"):
        window.panel(panel)
        assert window.english() == set(), panel
    window.panel("表单")
    assert window.english() <= {"docx"}
    window.panel("规则")
    copy(window, "某市方案")
    change(window, "程序", "stages")
    assert window.english() == set()

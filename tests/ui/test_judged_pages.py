"""Verdicts in the panels 着色 and 筛选 of 总图, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data import samples
from data.store import open_plan
from ui import loaded, settings

START = Path(__file__).parents[2] / "ui" / "entry" / "start.py"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """云城区 under 楚雄's rules, one compound too young, opened on 总图."""
    monkeypatch.setenv(settings.PLANS, str(tmp_path / "plans"))
    monkeypatch.setenv(settings.STATE, str(tmp_path / "state"))
    path = settings.plans_folder() / "云城区.gpkg"
    samples.write_sample(path, "yuncheng-2024", "示例").close()
    with open_plan(path) as plan, plan.edit("甲", "设置") as tx:
        tx.set_setting("rules", "chuxiong-2020")
        uid = tx.read("compounds").index[0]
        tx.update("compounds", uid, 1, {"built_on": "2003-05-01"})
    monkeypatch.setenv(settings.PLAN, str(path))
    opened = AppTest.from_file(str(START), default_timeout=60).run()
    assert not opened.exception
    return opened


def show(page: AppTest, panel: str) -> AppTest:
    page.session_state["workspace"].panel = panel
    page.run()
    assert not page.exception
    return page


def box(page: AppTest, label: str):
    return next(one for one in page.selectbox if label in one.label)


def legend(page: AppTest) -> dict[str, int]:
    return {row.label: row.count for row in page.session_state["scene"].painted.legend}


def test_the_map_is_coloured_by_admission_and_then_by_one_rule(page: AppTest) -> None:
    show(page, "着色")
    box(page, "按什么着色").select("verdict").run()
    assert legend(page) == {"✓ 符合": 0, "? 需论证": 4, "✗ 不符合": 1}
    rule = box(page, "哪一条规则（楚雄市2020年方案）")
    assert rule.options[0] == "准入（全部准入规则）"
    assert "建成时间" in rule.options
    rule.select("works_list").run()
    assert not page.exception
    assert page.session_state["workspace"].theme_options == {"rule": "works_list"}
    assert page.session_state["scene"].painted.title.startswith("改造内容范围〔楚市政办通")
    box(page, "按什么着色").select("households").run()
    assert page.session_state["workspace"].theme_options == {}


def test_a_filter_by_verdict_leaves_what_it_says(page: AppTest) -> None:
    show(page, "筛选")
    states = next(one for one in page.multiselect if one.label == "判定")
    assert states.options == ["✓ 符合", "? 需论证", "✗ 不符合"]
    states.set_value(["不符合"]).run()
    assert not page.exception
    assert any("显示 **1** / 5 个小区" in one.value for one in page.markdown)
    box(page, "政策规则").select("consent_first").run()
    assert page.session_state["workspace"].filters == {
        "verdict": {"rule": "consent_first", "states": ["不符合"]}
    }
    assert any("显示 **0** / 5 个小区" in one.value for one in page.markdown)
    next(button for button in page.button if button.label == "清除筛选").click().run()
    assert page.session_state["scene"].shown.all()


def test_a_rule_that_the_new_profile_lacks_is_said_to_be_without_effect(page: AppTest) -> None:
    page.session_state["workspace"].filters = {
        "verdict": {"rule": "consent_first", "states": ["不符合"]}
    }
    page.session_state["workspace"].theme = "verdict"
    page.session_state["workspace"].theme_options = {"rule": "consent_first"}
    path = Path(page.session_state["workspace"].plan)
    with loaded.load(path).plan.edit("乙", "换规则") as tx:
        tx.set_setting("rules", "yuncheng-2024")
    show(page, "筛选")
    assert any("没有起作用" in one.value for one in page.warning)
    assert page.session_state["scene"].shown.all()
    show(page, "着色")
    assert not page.error


def test_rules_that_can_not_be_read_are_told_and_another_colour_can_be_chosen(
    page: AppTest,
) -> None:
    path = Path(page.session_state["workspace"].plan)
    with loaded.load(path).plan.edit("乙", "换规则") as tx:
        tx.set_setting("rules", "nowhere")
    page.session_state["workspace"].theme = "verdict"
    show(page, "着色")
    assert any("读不出" in one.value for one in page.warning)
    box(page, "按什么着色").select("households").run()
    assert not page.exception

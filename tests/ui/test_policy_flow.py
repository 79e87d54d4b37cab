"""The tab 办理 of 政策 without a browser: what it says, what its buttons write, what it refuses."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store import create_plan, open_plan
from policy.facts import fact_value
from tests.ui import screen
from tests.ui.screen import texts
from ui import policy_flow, rule_profiles

TODAY = dt.date.today()
MONTH = f"{TODAY:%Y-%m}"
# Markup that would be taken for such: nothing before it says that it is text.
MARKUP = re.compile(r"(?<!\\)<img|:red\[")


@pytest.fixture
def sample(sample: Path) -> Path:
    adopt(sample, "liuzhou-2022")
    return sample


def adopt(path: Path, profile: str) -> None:
    with open_plan(path) as plan, plan.edit("甲", "选") as tx:
        tx.set_setting("rules", profile)


def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return screen.opened(path, "policy", monkeypatch)


def turn(page: AppTest, view: str, *, count: int | None = None, **kept: object) -> AppTest:
    workspace = page.session_state["workspace"]
    if count is not None:
        workspace.selection = uids(page)[:count]
    workspace.pages.setdefault("policy", {}).update(tab="办理", flow=view, **kept)
    page.run()
    assert not page.exception
    return page


def uids(page: AppTest) -> list[str]:
    return [str(uid) for uid in page.session_state["scene"].view.frame.index]


def press(page: AppTest, words: str) -> None:
    next(button for button in page.button if words in button.label).click().run()
    assert not page.exception


def fill(page: AppTest, label: str, value: str) -> None:
    next(field for field in page.text_input if field.label == label).set_value(value).run()
    assert not page.exception


def test_an_empty_plan_says_the_next_step(folder, monkeypatch):
    path = folder / "空.gpkg"
    create_plan(path, name="空", actor="甲").close()
    assert "到“数据”页导入" in texts(turn(opened(path, monkeypatch), "阶段"))


def test_every_view_opens_under_every_profile_and_for_none_one_and_many(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    page.session_state["workspace"].table_open = True
    for profile in rule_profiles.titles({}):
        adopt(sample, profile)
        for count in (0, 1, 3) if profile in {"liuzhou-2022", "city-pilot"} else (1,):
            for view in policy_flow.VIEWS:
                assert not turn(page, view, count=count).error, (profile, count, view)


def test_a_stage_is_set_the_next_is_under_way_and_undo_brings_it_back(sample, monkeypatch):
    page = turn(opened(sample, monkeypatch), "阶段", count=1)
    assert "还没有记录" in texts(page)
    assert "调查摸底<span class='where'>第 1/16 步 · 进行中" in texts(page)
    assert "未填写配套设施不足、居民改造意愿强烈" in texts(page)
    fill(page, "计划日期", "2026年3月1日")
    press(page, "今天完成")
    assert "改造宣传<span class='where'>第 2/16 步 · 进行中" in texts(page)
    with open_plan(sample) as plan:
        record = plan.records("stages").iloc[0]
    assert (record["stage"], record["planned_on"]) == ("摸底", "2026-03-01")
    assert record["reached_on"] == TODAY.isoformat()
    page.button(key="strip:undo").click().run()
    assert "还没有记录" in texts(page)


def test_a_day_that_is_none_is_told_and_stays_to_be_mended(sample, monkeypatch):
    page = turn(opened(sample, monkeypatch), "阶段", count=1)
    fill(page, "完成日期", "上周三")
    press(page, "保存")
    assert "完成日期“上周三”不是日期" in page.error[0].value
    assert next(f for f in page.text_input if f.label == "完成日期").value == "上周三"


def test_days_out_of_order_are_told(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    with open_plan(sample) as plan, plan.edit("甲", "阶段") as tx:
        for stage, day in (("摸底", "2026-05-01"), ("初步方案", "2026-03-01")):
            values = {"compound_uid": uids(page)[0], "stage": stage, "reached_on": day}
            tx.add_record("stages", values)
    assert "早于前一阶段“摸底”" in texts(turn(page, "阶段", count=1))
    assert "日期先后不对 1 处" in texts(turn(page, "阶段", count=3))


def test_a_stage_that_another_has_written_since_is_refused_with_what_was_typed(sample, monkeypatch):
    page = turn(opened(sample, monkeypatch), "阶段", count=1)
    fill(page, "完成日期", "2026-02-02")
    with open_plan(sample) as plan, plan.edit("乙", "阶段") as tx:
        values = {"compound_uid": uids(page)[0], "stage": "摸底", "reached_on": "2026-01-01"}
        tx.add_record("stages", values)
    press(page, "保存")
    said = page.error[0].value
    assert "已由 乙 录入" in said
    assert "2026\\-02\\-02" in said
    with open_plan(sample) as plan:
        assert plan.records("stages")["reached_on"].tolist() == ["2026-01-01"]


def test_progress_is_checked_saved_changed_deleted_and_told_of_many(sample, monkeypatch):
    page = turn(opened(sample, monkeypatch), "进度", count=1)
    fill(page, "形象进度（%）", "135")
    assert "应在 0 到 100 之间" in texts(page)
    assert next(b for b in page.button if b.label == "保存").disabled
    fill(page, "形象进度（%）", "35")
    fill(page, "累计已付（万元）", "99999")
    assert "多于预计投资额" in texts(page)
    fill(page, "累计已付（万元）", "12.5")
    press(page, "保存")
    with open_plan(sample) as plan:
        record = plan.records("progress").iloc[0]
    assert (record["month"], record["progress"], record["paid_yuan"]) == (MONTH, 0.35, 125_000)
    assert "进度 35.0%　已付 12.5 万元" in texts(page)
    fill(page, "形象进度（%）", "40")
    press(page, "保存")
    assert "进度 40.0%" in texts(page)
    turn(page, "进度", count=3)
    assert "另有 2 个小区未知" in texts(page)
    assert "未报的 2 个小区" in texts(page)
    turn(page, "进度", count=1)
    press(page, "删除这个月")
    assert "还没有进度记录" in texts(page)
    page.button(key="strip:undo").click().run()
    assert "进度 40.0%" in texts(page)


def test_a_tier_is_given_after_a_preview_and_taken_back(sample, monkeypatch):
    page = turn(opened(sample, monkeypatch), "批次", count=3)
    assert "所选 3 个，其中 0 个不变" in texts(page)
    press(page, "把 3 个小区改为“实施”")
    with open_plan(sample) as plan:
        tiers = [fact_value(row, "tier") for _, row in plan.read("compounds").iterrows()]
    assert tiers.count("实施") == 3
    assert "没有要改的小区" in texts(page)
    page.button(key="strip:undo").click().run()
    assert "把 3 个小区改为“实施”" in texts(page)


def test_the_suggested_tiers_are_given_in_one_edit_with_their_reasons(sample, monkeypatch):
    page = turn(opened(sample, monkeypatch), "批次", count=5)
    assert "还不能判断，先补资料" in texts(page)
    assert "优先纳入（共 3 项）" in texts(page)
    assert "申报下一年度改造计划" in texts(page)
    press(page, "按建议填 5 个小区")
    with open_plan(sample) as plan:
        tiers = {fact_value(row, "tier") for _, row in plan.read("compounds").iterrows()}
    assert tiers == {"储备"}
    assert "与建议一致" in texts(page)


def test_approvals_are_seen_under_the_plan_that_has_the_rule_without_adopting_it(
    sample, monkeypatch
):
    page = turn(opened(sample, monkeypatch), "审批", count=1)
    assert "没有写哪些审批可以简化" in texts(page)
    press(page, "试看")
    assert "施工图审查 <b>需论证</b>" in texts(page)
    assert "改回本计划的方案" in texts(page)
    with open_plan(sample) as plan:
        assert plan.settings()["rules"] == "liuzhou-2022"
    for title in ("不涉及建筑主体结构变动", "低风险项目"):
        next(g for g in page.get("button_group") if g.label == title).set_value("是").run()
    assert not page.exception
    assert "施工图审查 <b>不需要</b>" in texts(page)
    turn(page, "审批", count=3)
    assert "要填写才能判断的情况" in texts(page)
    assert "低风险项目　**2 个未填**" in texts(page)
    press(page, "改回本计划的方案")
    assert "没有写哪些审批可以简化" in texts(page)


def test_hostile_texts_stay_texts(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    bad = "<img src=x onerror=alert(1)>:red[乙]"
    uid = uids(page)[0]
    with open_plan(sample) as plan, plan.edit("甲", "改") as tx:
        tx.update("compounds", uid, 1, {"name": bad})
        tx.add_record("stages", {"compound_uid": uid, "stage": bad, "reached_on": "2026-01-01"})
        for month in ("2026-01", "2026-02"):
            values = {"compound_uid": uid, "month": month, "progress": 0.1, "remarks": bad}
            tx.add_record("progress", values)
    for count in (1, 3):
        for view in policy_flow.VIEWS:
            turn(page, view, count=count)
            assert not any("<img" in html.body for html in page.get("html")), view
            shown = [e.value for kind in (page.markdown, page.caption) for e in kind]
            shown += [button.label for button in page.button]
            assert not [text for text in shown if MARKUP.search(text)], view


def test_the_days_of_the_plan_itself_are_listed_with_what_does_not_fit(sample, monkeypatch):
    adopt(sample, "litong-parking")
    page = opened(sample, monkeypatch)
    turn(page, "阶段")
    said = texts(page)
    assert "年份原文留空" in said
    assert "(三)制订改造规划方案" in said
    assert "阶段编号缺(二)" in said
    adopt(sample, "chuxiong-2020")
    assert "时间安排" not in texts(turn(opened(sample, monkeypatch), "阶段"))

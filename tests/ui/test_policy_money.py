"""资金 without a browser: sums with what is unknown, verdicts on sums, payments to the yuan, the labelled estimate."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from data.reports import to_xlsx
from data.store import create_plan, open_plan
from errors import RecordError
from policy.central_fund import methods
from tests.ui import screen
from tests.ui.screen import texts
from ui.policy_money import (
    EstimateOrder,
    estimated,
    lacking_factors,
    payout,
    read_wan,
    scope_of,
    sources,
)

PARTS = ("资金来源", "出资判定", "拨付", "中央补助估算")
TODAY = dt.date.today()
NOTHING = dict.fromkeys(
    (
        "grant_city_yuan",
        "grant_district_yuan",
        "contribution_residents_yuan",
        "contribution_utilities_yuan",
        "contribution_former_owner_yuan",
        "contribution_private_yuan",
        "contribution_bond_yuan",
    ),
    0,
)


def write(path: Path, *, rules: str | None = None, **values: object) -> None:
    """Give every compound the same values."""
    with open_plan(path) as plan, plan.edit("甲", "填") as tx:
        if rules:
            tx.set_setting("rules", rules)
        for uid, version in plan.read("compounds")["version"].items():
            if values:
                tx.update("compounds", uid, int(version), values)


def add(path: Path, table: str, **values: object) -> None:
    with open_plan(path) as plan, plan.edit("甲", "填") as tx:
        tx.add_record(table, values)


def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return screen.opened(path, "policy", monkeypatch)


def see(page: AppTest, part: str, *, select: int | list[str] | None = None, **kept: object) -> str:
    """Turn to a part and give what it says."""
    workspace = page.session_state["workspace"]
    if select is not None:
        workspace.selection = select if isinstance(select, list) else uids(page)[:select]
    workspace.pages.setdefault("policy", {}).update(tab="办理", flow="资金", money=part, **kept)
    page.run()
    assert not page.exception
    return texts(page)


def uids(page: AppTest) -> list[str]:
    return [str(uid) for uid in page.session_state["scene"].view.frame.index]


def test_an_empty_plan_says_the_next_step(folder, monkeypatch):
    path = folder / "空.gpkg"
    create_plan(path, name="空", actor="甲").close()
    page = opened(path, monkeypatch)
    for part in PARTS:
        assert "到“数据”页导入" in see(page, part), part


def test_every_part_opens_for_none_one_and_many_under_every_profile(sample, monkeypatch):
    for rules in ("yuncheng-2024", "litong-parking", "liuzhou-2022", "provincial-review"):
        write(sample, rules=rules)
        page = opened(sample, monkeypatch)
        for count in (0, 1, 3):
            for part in PARTS:
                see(page, part, select=count, money_pool="465")
                assert not page.error, (rules, count, part)
                assert not page.warning, (rules, count, part)


# --- 资金来源 --------------------------------------------------------------------------------------


def test_unknown_sources_are_counted_and_never_0(sample, monkeypatch):
    said = see(opened(sample, monkeypatch), "资金来源", select=0)
    assert "<td>中央财政</td><td>295.0</td><td>57.3%</td><td></td>" in said
    assert (
        "<td>居民</td><td class=unknown>未知</td><td>—</td><td class=unknown>5 个未知</td>" in said
    )
    assert "<td>总投资</td><td>515.0</td>" in said
    assert "<td>缺口（没有写明来源）</td><td>50.0</td>" in said
    assert "5 个小区的来源没有填全" in said


def test_a_source_of_a_few_is_at_least_so_much(sample, monkeypatch):
    with open_plan(sample) as plan, plan.edit("甲", "填") as tx:
        uid = plan.read("compounds").index[0]
        tx.update("compounds", uid, 1, {"contribution_residents_yuan": 12_000})
    said = see(opened(sample, monkeypatch), "资金来源", select=0)
    assert "<td>居民</td><td>≥ 1.2</td><td>—</td><td class=unknown>4 个未知</td>" in said


def test_what_does_not_add_up_is_told_with_its_clause_the_errors_first(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    add(sample, "progress", compound_uid=uids(page)[1], month="2026-01", progress=0.2, paid_yuan=2_000_000)  # fmt: skip
    said = see(page, "资金来源", select=0)
    assert "已拨付200.0 万元，超过它的补助和出资合计100.0 万元" in said
    assert "谁受益、谁出资〔云城区2024年实施方案 四〕" in said
    write(sample, investment_yuan=300_000)
    see(page, "资金来源")
    found = sources(scope_of(page.session_state["scene"]), today=TODAY)
    severities = [one.severity for one in found.findings]
    assert severities == sorted(severities, key=("错误", "提醒", "说明").index)
    assert {"grant_above_investment", "paid_above_funding"} <= {one.rule for one in found.findings}


# --- 出资判定 --------------------------------------------------------------------------------------


def test_the_sums_are_open_by_liuzhou_while_contributions_are_unknown(sample, monkeypatch):
    said = see(opened(sample, monkeypatch), "出资判定", select=0, money_profile="liuzhou-2022")
    assert "云城区2024年方案" in said
    assert "补助 465.0 万元之外还有 50.0 万元" in said
    assert "居民和企业出资比例<span class='state'>需论证</span>" in said
    assert "〔柳政规〔2022〕3号 四(三)〕" in said


def test_the_sums_fail_liuzhou_by_103_wan_where_contributions_are_none(sample, monkeypatch):
    write(sample, **NOTHING)
    said = see(opened(sample, monkeypatch), "出资判定", select=0, money_profile="liuzhou-2022")
    assert "居民和企业出资比例<span class='state'>不符合</span>" in said
    assert ">✗</span>居民和企业出资比例" in said
    assert "还差 1,030,000 元（103.0 万元）" in said
    assert "要求 ≥ 20.0%" in said


def test_a_damaged_profile_is_not_offered_and_one_without_rules_says_so(sample, monkeypatch):
    with open_plan(sample) as plan, plan.edit("甲", "改") as tx:
        tx.set_setting("own_rules", {"own-1": {"title": "坏", "parent": "没有", "changes": {}}})
    page = opened(sample, monkeypatch)
    said = see(page, "出资判定", select=0, money_profile="own-1")
    assert "坏" not in said
    assert "没有由程序判定的资金规则" in see(page, "出资判定", money_profile="litong-parking")


# --- 拨付 ------------------------------------------------------------------------------------------


def test_litong_pays_30_30_30_10_to_the_yuan_and_says_what_is_due(sample, monkeypatch):
    write(sample, rules="litong-parking")
    page = opened(sample, monkeypatch)
    first = uids(page)[0]
    add(sample, "progress", compound_uid=first, month="2026-01", progress=0.6, paid_yuan=100_000)
    said = see(page, "拨付", select=[first])
    assert "第1次 工程进度达到50.0% · 30.0%<span class='state'>可拨付</span>" in said
    assert said.count("12.0 万元（120,000 元）") == 3
    assert "4.0 万元（40,000 元）" in said
    assert "已拨付（进度记录） 10.0 万元（100,000 元）" in said
    assert "〔实用5篇·篇五（利通区） (一)资金管理及拨付〕" in said


def test_acceptance_comes_from_the_stages(sample, monkeypatch):
    write(sample, rules="litong-parking")
    page = opened(sample, monkeypatch)
    first = uids(page)[0]
    add(sample, "stages", compound_uid=first, stage="竣工验收", reached_on=TODAY.isoformat())
    said = see(page, "拨付", select=[first])
    assert said.count("<span class='state'>可拨付</span>") == 3
    assert "质保金） · 10.0%<span class='state'>未到</span>" in said


def test_a_typed_sum_is_paid_out_instead_of_the_investment(sample, monkeypatch):
    write(sample, rules="litong-parking")
    page = opened(sample, monkeypatch)
    see(page, "拨付", select=0)
    page.text_input[-1].set_value("1,000.0001").run()
    said = texts(page)
    assert "所填总额 1,000.0 万元（10,000,001 元），按投资分到各小区" in said
    found = payout(scope_of(page.session_state["scene"]), total_yuan=10_000_001, today=TODAY)
    assert sum(one.yuan for one in found.totals.instalments) == 10_000_001
    # Another selection does not inherit it.
    assert "所填总额" not in see(page, "拨付", select=1)


def test_elsewhere_money_is_drawn_by_progress(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    add(sample, "progress", compound_uid=uids(page)[0], month="2026-01", progress=0.6)
    said = see(page, "拨付", select=1)
    assert "按施工进度申请，累计可申请<span class='state'>可拨付</span>" in said
    assert "24.0 万元（240,000 元）" in said
    assert "〔云城区2024年实施方案 五(三)〕" in said
    many = see(page, "拨付", select=0)
    assert "1 个小区，24.0 万元（240,000 元）" in many
    assert "4 个小区，金额未知" in many


@pytest.mark.parametrize("typed", ["约三百", "-5", "1e99999", "99999999999999", "<img src=x>"])
def test_what_is_no_sum_is_said_and_nothing_breaks(sample, monkeypatch, typed):
    page = opened(sample, monkeypatch)
    for part in ("拨付", "中央补助估算"):
        see(page, part, select=0, money_pool=typed, money_total=["", typed])
        assert len(page.warning) == 1, part
        assert "<img" not in page.warning[0].value.replace("\\<", "")


# --- 中央补助估算 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", methods())
def test_the_estimate_adds_up_to_the_pool_and_is_labelled(sample, monkeypatch, method):
    page = opened(sample, monkeypatch)
    said = see(page, "中央补助估算", select=0, money_pool="465.0001", money_method=method)
    assert "估算，不是下达数" in said
    assert f"可信度：{methods()[method].confidence}" in said
    assert methods()[method].clause in said
    assert "<td>合计＝资金总额</td><td>465.0</td><td>4,650,001</td>" in said
    order = EstimateOrder(method=method, pool_yuan=4_650_001)
    found = estimated(scope_of(page.session_state["scene"]), order, today=TODAY)
    assert int(found.estimate.yuan.sum()) == 4_650_001
    for sentence in found.estimate.explained:
        assert sentence in said
        assert sentence.startswith("估算 ")


def test_scores_that_were_typed_count_and_survive_a_reload(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    first, *others = uids(page)
    scores = {first: [2.0, None], **{uid: [1.0, None] for uid in others}}
    plain = see(page, "中央补助估算", select=0, money_pool="465", money_method="2019")
    page = opened(sample, monkeypatch)
    typed = see(page, "中央补助估算", select=0, money_pool="465", money_method="2019", money_scores=scores)  # fmt: skip
    assert plain != typed
    held = page.session_state["workspace"].pages["policy"]["money_scores"]
    assert held == scores


def test_a_score_for_some_only_names_the_others(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    scores = {uids(page)[0]: [0.8, None]}
    said = see(page, "中央补助估算", select=0, money_pool="465", money_scores=scores)
    assert "还不能估算" in said
    assert (
        "“邮电新村”、“云浮中学教师宿舍”、“云城财政所宿舍”、“玉皇路小区”的财政困难程度系数未知"
        in said
    )


def test_an_unknown_factor_names_who_lacks_what_and_leads_there(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    second = uids(page)[1]
    with open_plan(sample) as plan, plan.edit("甲", "改") as tx:
        tx.update("compounds", second, 1, {"households": None, "floor_area_m2": None})
    said = see(page, "中央补助估算", select=0)
    assert "“邮电新村”的改造户数未知" in said
    assert "“邮电新村”的改造面积未知" in said
    assert lacking_factors(scope_of(page.session_state["scene"])) == [second]
    next(b for b in page.button if "选中缺因素的 1 个小区" in b.label).click().run()
    assert page.session_state["workspace"].selection == [second]


def test_the_table_to_take_along_says_from_what_it_was_made(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    see(page, "中央补助估算", select=2)
    scope = scope_of(page.session_state["scene"])
    found = estimated(scope, EstimateOrder(method="2024", pool_yuan=1_000_000), today=TODAY)
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(found.report))).active
    cells = [str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None]
    assert any("范围：所选 2 个小区（2 个小区）" in cell for cell in cells)
    assert "估算（元）" in cells
    assert "旧中专宿舍" in cells


# --- whose money -----------------------------------------------------------------------------------


def test_the_members_of_a_pianqu_are_called_by_its_name(sample, monkeypatch):
    page = opened(sample, monkeypatch)
    members = uids(page)[:2]
    with open_plan(sample) as plan, plan.edit("甲", "组成") as tx:
        (made,) = tx.insert("pianqu", [{"name": "<b>东片</b>"}])
        for uid in members:
            tx.update("compounds", uid, 1, {"pianqu_uid": made})
    said = see(page, "资金来源", select=members)
    assert "<div class='money-head'>&lt;b&gt;东片&lt;/b&gt;</div>" in said
    assert "<td>总投资</td><td>150.0</td>" in said
    assert "东片" not in see(page, "资金来源", select=uids(page)[:3])


def test_hostile_names_are_shown_as_text(sample, monkeypatch):
    name = "<img src=x onerror=alert(1)>*粗*"
    page = opened(sample, monkeypatch)
    with open_plan(sample) as plan, plan.edit("甲", "改") as tx:
        tx.update("compounds", uids(page)[0], 1, {"name": name})
        tx.update("compounds", uids(page)[1], 1, {"name": name, "households": None})
    for count in (0, 1):
        for part in PARTS:
            see(page, part, select=count, money_pool="10")
            assert "<img" not in "".join(one.body for one in page.get("html")), part
            assert "*粗*" not in "".join(one.value for one in page.markdown), part


def test_a_sum_is_read_exactly_or_refused():
    assert read_wan("1，928.8 万元", "资金总额") == 19_288_000
    assert read_wan("  ", "资金总额") is None
    assert read_wan("/", "资金总额") == 0
    with pytest.raises(RecordError, match="小数点后最多四位"):
        read_wan("0.00001", "资金总额")
    with pytest.raises(RecordError, match="金额太大"):
        read_wan("1000000001", "资金总额")

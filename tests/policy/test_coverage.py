"""Nothing that a document asks for is missing, and the page that says so is what the program writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docs.coverage import PAGE, coverage_page
from errors import PolicyError
from policy.coverage import COVERAGE_COLUMNS, coverage_table, gaps, listed_rules
from policy.documents import documents
from policy.judging import JUDGES
from policy.profiles import profiles
from policy.rule_kinds import KINDS

PLANS = (
    "yuncheng-2024",
    "yangjiang-2021",
    "chuxiong-2020",
    "liuzhou-2022",
    "provincial-review",
    "school-works",
    "city-pilot",
    "sanjiu-dongguan",
    "litong-parking",
)


def test_every_source_plan_is_listed_and_has_a_profile():
    assert tuple(dict.fromkeys(entry.document for entry in listed_rules())) == PLANS
    assert set(profiles()) == set(PLANS)
    assert set(PLANS) <= set(documents())


def test_every_listed_clause_has_a_rule_and_every_rule_a_clause():
    assert gaps() == ()


def test_a_clause_without_a_rule_is_named():
    bare = replace(listed_rules()[0], rules=())
    assert gaps([bare, *listed_rules()]) == (
        "yuncheng-2024 二“综合改造的六个目标”没有对应的规则，请补上。",
    )


def test_a_clause_with_a_rule_that_is_not_there_is_named():
    wrong = replace(listed_rules()[0], rules=("yuncheng-2024/goal",))
    (problem,) = gaps([wrong, *listed_rules()])
    assert "yuncheng-2024/goal 不存在" in problem


def test_a_rule_that_no_clause_asks_for_is_named():
    listed = [entry for entry in listed_rules() if "liuzhou-2022/min_share" not in entry.rules]
    assert gaps(listed) == ("规则 liuzhou-2022/min_share 没有列进 listed_rules.yaml，请补一条。",)


def test_a_clause_that_names_a_rule_of_another_section_is_told():
    wrong = replace(listed_rules()[0], section="三")
    (problem,) = gaps([wrong, *listed_rules()])
    assert "出自 yuncheng-2024 二，章节不一致" in problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nowhere-2020:\n  - {section: 一, says: 甲, rules: [a]}\n", "没有登记文件“nowhere-2020”"),
        ("chuxiong-2020: []\n", "chuxiong-2020 应是列表"),
        ("chuxiong-2020:\n  - {section: 一, says: 甲}\n", "chuxiong-2020[0] 缺少 rules"),
        ("chuxiong-2020:\n  - {section: 一, says: 甲, rules: []}\n", "rules 是空的"),
        ("chuxiong-2020:\n  - {section: 一, rules: [a], says: 1}\n", "says 应是文字"),
    ],
)
def test_a_bad_list_is_refused_with_place_and_what_would_be_right(tmp_path, text, says):
    path = tmp_path / "listed_rules.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=says.replace("[", r"\[")):
        listed_rules(path)


def test_rules_that_are_said_to_be_judged_have_a_judge():
    assert {kind.id for kind in KINDS.values() if kind.judged} == set(JUDGES)


def test_the_table_has_one_row_a_rule_and_no_empty_cell():
    table = coverage_table()
    assert tuple(table.columns) == COVERAGE_COLUMNS
    assert len(table) == sum(len(plan.rules) for plan in profiles().values())
    assert not table["规则"].duplicated().any()
    assert (table != "").all(axis=None)
    assert set(table["由程序判定"]) == {"是", "仅显示"}


def test_the_page_is_what_the_program_writes():
    written = PAGE.read_text(encoding="utf-8")
    assert written == coverage_page(), "run `python -m docs.coverage`"

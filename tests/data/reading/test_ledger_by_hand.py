"""Ledgers in which nothing says where the names are: the planner says it, and no row is lost."""

from __future__ import annotations

from typing import Any

import pytest

from data.reading.ledger import LedgerSheet, take_apart
from data.reading.ledger_values import ledger_frame
from errors import RecordError

COMPOUNDS = [[1, "甲院", 10], [2, "乙院", 20]]
LEDGERS: dict[str, tuple[list[list[Any]], list[str], str]] = {
    "all but the names is known": (
        [["某区台账"], ["序号", "院落", "户数"], *COMPOUNDS],
        ["序号", "院落", "户数"],
        "",
    ),
    # The fullest line of words above the first numbers.
    "nothing is known": (
        [["摸底"], ["填报", "某局"], ["号", "院落", "门数"], *COMPOUNDS],
        ["号", "院落", "门数"],
        "没有认出表头，暂把第 3 行当作表头，这一行不作为小区导入。",
    ),
    "no head": (
        COMPOUNDS,
        ["第 1 列", "第 2 列", "第 3 列"],
        "文件里没有表头，各栏按“第几列”列出",
    ),
}


def taken(*sheets: list[list[Any]], **options: Any) -> LedgerSheet:
    grid = [{"name": f"表{i}", "rows": rows, "merges": []} for i, rows in enumerate(sheets, 1)]
    return take_apart({"sheets": grid}, file_name="摸底.csv", **options)


@pytest.mark.parametrize("case", LEDGERS)
@pytest.mark.parametrize("as_text", [False, True], ids=["xlsx", "csv"])
def test_the_planner_may_say_which_column_holds_the_names(case, as_text):
    table, heads, said = LEDGERS[case]
    if as_text:
        table = [[str(value) for value in row] for row in table]
    with pytest.raises(RecordError, match="缺少“小区名称”一栏"):
        taken(table)
    sheet = taken(table, by_hand=True)
    assert [column.title for column in sheet.columns] == heads
    guesses = [finding.message for finding in sheet.findings if finding.rule == "head_guessed"]
    assert len(guesses) == bool(said)
    assert said in "".join(guesses)
    with pytest.raises(RecordError, match="请把写着小区名称的那一栏选为“小区名称”"):
        ledger_frame(sheet)
    frame, findings = ledger_frame(sheet, {1: "name", 2: "households"})
    assert not [finding for finding in findings if finding.severity == "错误"]
    assert frame["name"].tolist() == ["甲院", "乙院"]
    assert frame["households"].tolist() == [10, 20]


def test_a_sheet_that_names_compounds_comes_before_one_that_is_only_understood():
    sums = [["街道", "户数", "总投资（万元）", "楼栋数"], ["东城街道", 10, 20, 3]]
    names = [["小区名称", "户数"], ["甲小区", 10]]
    assert taken(sums, names, by_hand=True).sheet == "表2"
    assert taken(sums, names, by_hand=True, sheet="表1").columns[0].title == "街道"
    assert taken([["甲", "乙"], ["丙", "丁"]], sums, by_hand=True).sheet == "表2"


@pytest.mark.parametrize("rows", [[["甲小区"], ["乙小区"]], [["小区", "户数"]]])
def test_what_has_no_table_in_it_is_refused_in_one_sentence(rows):
    with pytest.raises(RecordError, match="表头下面没有小区，请检查"):
        taken(rows, by_hand=True)

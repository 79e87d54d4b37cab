"""The ledger of 云城区 as a file: the layout of the source, cell by cell."""

import csv

import openpyxl
import pytest

from data.samples import yuncheng_ledger_csv, yuncheng_ledger_xlsx

HEADS = [
    "序号",
    "所在街道及社区",
    "小区名称",
    "居民户数（户）",
    "楼栋数（栋）",
    "住宅建筑面积（万平方米）",
    "计划改造内容",
    "预计投资额（万元）",
    "中央财政补助资金（万元）",
    "省级专项资金（万元）",
    "合计补助（万元）",
    "备注",
]
FIGURES = [
    [1, "云城街道天马社区", "旧中专宿舍", 24, 3, 0.3, 40, 40, "/", 40],
    [2, "云城街道金龙社区", "邮电新村", 97, 8, 1.1, 110, 30, 70, 100],
    [3, "云城街道金龙社区", "云浮中学教师宿舍", 316, 20, 2.1, 110, "/", 100, 100],
    [4, "云城街道马坪社区", "云城财政所宿舍", 43, 3, 0.35, 25, 25, "/", 25],
    [5, "云城街道马坪社区", "玉皇路小区", 581, 31, 4.6, 230, 200, "/", 200],
    ["合计", None, None, 1061, 65, 8.45, 515, 295, 170, 465],
]


@pytest.fixture
def sheet(tmp_path):
    return openpyxl.load_workbook(yuncheng_ledger_xlsx(tmp_path / "台账.xlsx")).active


def test_heads_carry_their_units_over_two_lines(sheet):
    heads = [cell.value for cell in sheet[3]]
    assert [head.replace("\n", "") for head in heads] == HEADS
    assert sum("\n" in head for head in heads) == 8


def test_figures_are_those_of_the_source_in_its_units(sheet):
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[:6] + row[7:11] for row in rows] == FIGURES
    assert rows[0][6].startswith("地面沥青、新增雨水管、外墙修缮")
    assert rows[4][6].endswith("消防、党建宣传栏")


def test_title_and_totals_are_merged(sheet):
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"A2:L2", "A9:C9"}
    assert sheet["A2"].value.startswith("2024年云城区城镇老旧小区改造计划项目台账")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_csv_holds_the_same_rows(tmp_path, encoding):
    path = yuncheng_ledger_csv(tmp_path / "台账.csv", encoding=encoding)
    with path.open(encoding=encoding, newline="") as file:
        rows = list(csv.reader(file))
    assert rows[3][:6] == ["1", "云城街道天马社区", "旧中专宿舍", "24", "3", "0.3"]
    assert rows[3][9] == "/"
    assert rows[8][0] == "合计"

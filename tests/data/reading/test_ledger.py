"""Ledgers: 云城's layout and its many cousins, read exactly, and every problem said with its row."""

from __future__ import annotations

import csv
import shutil

import pytest
from openpyxl import Workbook

from data.ledger_check import check_ledger
from data.reading import delimited, xlsx
from data.reading.ledger import read_ledger, take_apart
from data.reading.ledger_values import ledger_frame, ledger_totals
from errors import RecordError, UploadError
from tests.data.reading.conftest import LEDGER_HEAD, LEDGER_ROWS, LEDGER_TOTALS

PLAIN_HEAD = [
    "序号",
    "街道",
    "社区",
    "小区名称",
    "户数",
    "楼栋数",
    "建筑面积（㎡）",
    "总投资（万元）",
    "建成年代",
]


def sheet_of(path, **options):
    """As the worker does, in this process."""
    copy = path.with_name(f"copy-{path.name}")
    shutil.copyfile(path, copy)
    reader = xlsx if path.suffix == ".xlsx" else delimited
    return take_apart(reader.sheets(copy, name=path.name), file_name=path.name, **options)


def plain(*cells, **changes):
    row = dict(
        zip(PLAIN_HEAD, [1, "云城街道", "天马社区", "甲小区", 10, 1, 1000, 10, 1998], strict=True)
    )
    row.update(zip(PLAIN_HEAD, cells, strict=False))
    return list((row | changes).values())


def errors_of(findings):
    return [finding.message for finding in findings if finding.severity == "错误"]


def test_the_ledger_of_yuncheng_through_the_worker(workbook):
    sheet = read_ledger(workbook())
    assert (sheet.sheet, sheet.header_rows, sheet.title) == (
        "台账", (2,), "2024年云城区城镇老旧小区改造计划项目台账",
    )  # fmt: skip
    assert [(column.field, column.unit) for column in sheet.columns] == [
        ("serial", None),
        ("subdistrict_community", None),
        ("name", None),
        ("households", "户"),
        ("building_count", "栋"),
        ("floor_area_m2", "万平方米"),
        ("works_text", None),
        ("investment_yuan", "万元"),
        ("grant_central_yuan", "万元"),
        ("grant_provincial_yuan", "万元"),
        ("grant_yuan", "万元"),
        ("remarks", None),
    ]
    frame, findings = ledger_frame(sheet)
    assert list(frame.index) == [3, 4, 5, 6, 7]
    first = frame.loc[3]
    assert (first["subdistrict"], first["community"]) == ("云城街道", "天马社区")
    assert (first["households"], first["building_count"], first["floor_area_m2"]) == (24, 3, 3000.0)
    assert (first["investment_yuan"], first["grant_provincial_yuan"]) == (400_000, 0)
    assert frame["investment_yuan"].sum() == 5_150_000
    assert [finding.message for finding in findings] == [
        "略过 1 行说明文字（第 9 行）。",
        "第 8 行是合计或小计，只用来核对，不作为小区导入。",
    ]
    assert ledger_totals(sheet) == {
        "households": 1061,
        "building_count": 65,
        "floor_area_m2": 84_500,
        "investment_yuan": 5_150_000,
        "grant_central_yuan": 2_950_000,
        "grant_provincial_yuan": 1_700_000,
        "grant_yuan": 4_650_000,
    }
    assert not errors_of(check_ledger(frame, totals=ledger_totals(sheet)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16", "gb18030"])
def test_csv_in_every_encoding_gives_the_same(tmp_path, encoding):
    path = tmp_path / "台账.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([["标题"], LEDGER_HEAD, *LEDGER_ROWS, LEDGER_TOTALS])
    sheet = sheet_of(path)
    assert sheet.encoding == {"utf-16": "UTF-16", "gb18030": "GBK"}.get(encoding, "UTF-8")
    frame, findings = ledger_frame(sheet)
    assert not errors_of(findings)
    assert frame["investment_yuan"].tolist() == [400_000, 1_100_000, 1_100_000, 250_000, 2_300_000]
    assert frame["floor_area_m2"].tolist() == [3000, 11_000, 21_000, 3500, 46_000]
    assert ledger_totals(sheet)["investment_yuan"] == 5_150_000


def test_stacked_heads_merged_cells_and_a_line_of_units(tmp_path):
    book = Workbook()
    page = book.active
    for row in [
        ["某市老旧小区改造台账"],
        ["单位：万平方米、万元"],
        ["序号", "小区", None, "房屋", None, "资金来源", None, None],
        [None, "街道", "小区名称", "幢数", "建筑面积", "总投资", "中央", "居民自筹"],
        [1, "东城街道", "甲小区", 3, 1.5, 100.5, 60, "/"],
        [2, None, "乙小区", 2, 0.8, 50, None, 5],
        ["小计", None, None, 5, 2.3, 150.5, 60, 5],
        [3, "西城街道", "丙小区", 1, 0.2, 10, "／", "—"],
        [1, None, None, None, None, None, None, None],
        ["合计", None, None, 6, 2.5, 160.5, 60, 5],
    ]:
        page.append(row)
    for cells in ("A1:H1", "A2:H2", "A3:A4", "B3:C3", "D3:E3", "F3:H3", "B5:B6", "F5:F6"):
        page.merge_cells(cells)
    page["F6"].value  # noqa: B018 - covered by the merge, as Excel leaves it
    path = tmp_path / "台账.xlsx"
    book.save(path)
    sheet = sheet_of(path)
    assert sheet.header_rows == (3, 4)
    frame, findings = ledger_frame(sheet)
    assert frame["subdistrict"].tolist() == ["东城街道", "东城街道", "西城街道"]
    assert frame["floor_area_m2"].tolist() == [15_000, 8_000, 2_000]
    # 100.5 万元 over two rows are not 201 万元.
    assert frame["investment_yuan"].tolist()[0] == 1_005_000
    assert frame["investment_yuan"].isna().tolist() == [False, True, False]
    assert frame["grant_central_yuan"].isna().tolist() == [False, True, False]
    assert frame["contribution_residents_yuan"].tolist() == [0, 50_000, 0]
    assert ledger_totals(sheet)["investment_yuan"] == 1_605_000
    said = [finding.message for finding in findings]
    assert (
        "台账第 5–6 行“总投资”是合并单元格，数字只记在第 5 行，其余各行按未知处理，请核对。" in said
    )
    assert [row.number for row in sheet.totals] == [7, 10]
    assert (9, "说明文字") in sheet.dropped


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"户数": "约三百"},
            "台账第 2 行“户数”不是数字：约三百。请改成 300，或在导入时按 300 处理。",
        ),
        (
            {"户数": "很多"},
            "台账第 2 行“户数”不是数字：很多。请改成数字；没有就填“/”，不清楚就留空。",
        ),
        ({"户数": -24}, "台账第 2 行“户数”是负数：-24。请改成 0 或正数。"),
        ({"户数": 24.5}, "台账第 2 行“户数”不是整数：24.5。请改成整数。"),
        (
            {"户数": "300-350"},
            "台账第 2 行“户数”不是数字：300-350。请改成数字；没有就填“/”，不清楚就留空。",
        ),
        ({"户数": "3万元"}, "台账第 2 行“户数”的单位不对：3万元。请改成以个计的数字。"),
        ({"总投资（万元）": -1}, "台账第 2 行“总投资”是负数：-1。请改成 0 或正数。"),
        (
            {"建成年代": "80年代"},
            "台账第 2 行“建成年代”不是日期：80年代。请改成年份（如 1998）或日期，不清楚就留空。",
        ),
        (
            {"建成年代": "1995-1998"},
            "台账第 2 行“建成年代”不是日期：1995-1998。请改成 1998，或留空。",
        ),
        ({"小区名称": None}, "台账第 2 行没有小区名称。请补上名称，或删除这一行。"),
    ],
)
def test_a_cell_that_can_not_be_read_is_named_by_row_and_column(workbook, changes, sentence):
    sheet = sheet_of(workbook([plain(**changes)], head=PLAIN_HEAD, title=False, totals=False))
    _, findings = ledger_frame(sheet)
    assert errors_of(findings) == [sentence]


@pytest.mark.parametrize(
    ("column", "cell", "field", "value", "note"),
    [
        ("户数", "约300户", "households", 300, "写的是“约300户”，已按 300 读取，请核对。"),
        ("户数", "300余户", "households", 300, "写的是“300余户”，已按 300 读取，请核对。"),
        ("户数", "１，２３４", "households", 1234, ""),
        ("户数", " 1 234 户", "households", 1234, ""),
        ("户数", "1.2万", "households", 12_000, ""),
        ("户数", "/", "households", 0, ""),
        ("户数", "不详", "households", None, ""),
        ("建筑面积（㎡）", "0.45万㎡", "floor_area_m2", 4500.0, ""),
        ("总投资（万元）", "400.8", "investment_yuan", 4_008_000, ""),
        ("总投资（万元）", 8.450000000000001, "investment_yuan", 84_500, ""),
        ("总投资（万元）", "1.2亿元", "investment_yuan", 120_000_000, ""),
        ("总投资（万元）", "5000元", "investment_yuan", 5_000, ""),
        (
            "总投资（万元）",
            "40.12345",
            "investment_yuan",
            401_235,
            "有不足 1 元的零头：40.12345，已四舍五入到 401,235 元。",
        ),
        ("建成年代", "1998年", "built_on", "1998-12-31", ""),
        ("建成年代", "1998.6", "built_on", "1998-06-30", "只写到月，按 1998 年 6 月 30 日读取。"),
        ("建成年代", "2000/1/2", "built_on", "2000-01-02", ""),
        ("街道", "云城街道", "subdistrict", "云城街道", ""),
    ],
)
def test_what_people_write_is_read_and_goodwill_is_told(workbook, column, cell, field, value, note):
    sheet = sheet_of(
        workbook([plain(**{column: cell})], head=PLAIN_HEAD, title=False, totals=False)
    )
    frame, findings = ledger_frame(sheet)
    found = frame[field].iloc[0]
    assert (None if frame[field].isna().iloc[0] else found) == value
    title = column.split("（")[0]
    told = [f.message for f in findings if f.rule == "read_with_care"]
    assert told == ([f"台账第 2 行“{title}”{note}"] if note else [])


def test_a_bare_year_is_marked_and_a_date_is_not(workbook):
    rows = [
        plain(),
        plain(小区名称="乙", 建成年代="1998-05-06"),
        plain(小区名称="丙", 建成年代=None),
    ]
    frame, _ = ledger_frame(sheet_of(workbook(rows, head=PLAIN_HEAD, title=False, totals=False)))
    assert frame["built_on"].tolist() == ["1998-12-31", "1998-05-06", None]
    assert frame["built_on_is_year"].tolist() == [True, False, None]


def test_a_suggestion_is_taken_only_if_the_planner_says_so(workbook):
    path = workbook([plain(户数="约三百")], head=PLAIN_HEAD, title=False, totals=False)
    frame, findings = ledger_frame(sheet_of(path), take_suggestions=True)
    assert frame["households"].tolist() == [300]
    assert not errors_of(findings)
    assert "台账第 2 行“户数”写的是“约三百”，已按 300 处理。" in [f.message for f in findings]


def test_all_problems_come_at_once(workbook):
    rows = [plain(户数="甲"), plain(小区名称="乙", 户数=-1), plain(小区名称="丙", 建成年代="旧")]
    _, findings = ledger_frame(sheet_of(workbook(rows, head=PLAIN_HEAD, title=False, totals=False)))
    assert [finding.rows for finding in findings if finding.severity == "错误"] == [
        (2,),
        (3,),
        (4,),
    ]


def test_repeated_names_in_one_community_and_repeated_ids(workbook):
    rows = [plain(), plain(), plain(社区="金龙社区")]
    _, findings = ledger_frame(sheet_of(workbook(rows, head=PLAIN_HEAD, title=False, totals=False)))
    assert errors_of(findings) == [
        "台账第 2–3 行的小区名称重复：甲小区。请改成能区分的名称，或合并成一行。"
    ]
    head = ["标识码", "小区名称"]
    rows = [["A1", "甲"], ["A1", "乙"], ["A2", "丙"]]
    _, findings = ledger_frame(sheet_of(workbook(rows, head=head, title=False, totals=False)))
    assert errors_of(findings) == ["台账第 2–3 行的标识码重复：A1。每个小区要有自己的标识码。"]


@pytest.mark.parametrize(
    ("rows", "head", "sentence"),
    [
        (
            [["张三", 18]],
            ["姓名", "年龄"],
            "台账.xlsx：没有找到表头，缺少“小区名称”一栏。请检查是否选错了文件，"
            "或把表头改成“小区名称、居民户数、楼栋数、住宅建筑面积、预计投资额”等。",
        ),
        (
            [[1, 2]],
            ["户数", "投资（万元）"],
            "台账.xlsx：缺少“小区名称”一栏，表头只有：户数、投资（万元）。请检查是否选错了文件，"
            "或把表头改成“小区名称、居民户数、楼栋数、住宅建筑面积、预计投资额”等。",
        ),
        ([], [None], "台账.xlsx：表格是空的，没有任何内容。请检查是否选错了文件。"),
        ([], PLAIN_HEAD, "台账.xlsx：工作表“台账”的表头下面没有小区，请检查。"),
    ],
)
def test_wrong_columns_and_empty_sheets_are_refused(workbook, rows, head, sentence):
    with pytest.raises(RecordError) as refused:
        sheet_of(workbook(rows, head=head, title=False, totals=False))
    assert str(refused.value) == sentence


def test_what_has_no_field_is_kept_and_told(workbook):
    head = [*PLAIN_HEAD, "物业公司", "片区"]
    sheet = sheet_of(
        workbook([[*plain(), "{{7*7}}", "一片区"]], head=head, title=False, totals=False)
    )
    frame, findings = ledger_frame(sheet)
    assert frame["extra"].tolist() == [{"物业公司": "{{7*7}}"}]
    said = [finding.message for finding in findings]
    assert "这些栏没有对应的字段，内容原样存入“其他属性”：物业公司。" in said
    assert "“片区”一栏不导入：片区在程序里划分。" in said


def test_two_columns_of_one_title_do_not_overwrite_each_other(workbook):
    head = ["小区名称", "说明一", "联系人", "联系人"]
    sheet = sheet_of(workbook([["甲", "x", "张三", "李四"]], head=head, title=False, totals=False))
    extra = ledger_frame(sheet)[0]["extra"].iloc[0]
    assert extra == {"说明一": "x", "联系人（第3列）": "张三", "联系人（第4列）": "李四"}


def test_the_planner_may_map_otherwise_but_not_twice(workbook):
    sheet = sheet_of(workbook([plain()], head=PLAIN_HEAD, title=False, totals=False))
    frame, _ = ledger_frame(sheet, {3: "name", 4: "stalls_existing"})
    assert frame["stalls_existing"].tolist() == [10]
    assert "households" not in frame
    assert frame["extra"].iloc[0]["总投资"] == 10
    with pytest.raises(RecordError, match=r"“户数”、“楼栋数”都对应“居民户数”，请只保留一栏"):
        ledger_frame(sheet, {3: "name", 4: "households", 5: "households"})
    with pytest.raises(RecordError, match="没有一栏对应“小区名称”"):
        ledger_frame(sheet, {4: "households"})
    with pytest.raises(RecordError, match="对应的字段“nonsense”不存在"):
        ledger_frame(sheet, {3: "name", 4: "nonsense"})


def test_a_missing_unit_is_never_taken_in_silence(workbook):
    head = ["小区名称", "建筑面积", "总投资"]
    sheet = sheet_of(workbook([["甲", 1.5, 100]], head=head, title=False, totals=False))
    frame, findings = ledger_frame(sheet)
    assert (frame["floor_area_m2"].iloc[0], frame["investment_yuan"].iloc[0]) == (15_000, 1_000_000)
    assert [f.message for f in findings if f.rule == "unit_assumed"] == [
        "“建筑面积”没有写单位，按㎡（数值都小于 500 时按万㎡）读取，请核对。",
        "“总投资”没有写单位，按万元读取，请核对。",
    ]
    told, _ = ledger_frame(sheet, units={1: "平方米", 2: "元"})
    assert (told["floor_area_m2"].iloc[0], told["investment_yuan"].iloc[0]) == (1.5, 100)


def test_group_lines_repeated_heads_and_notes_are_dropped_and_counted(workbook):
    head = ["序号", "小区名称", "户数"]
    rows = [
        ["东城街道", None, None],
        [1, "甲", 10],
        head,
        [2, "乙", 20],
        ["注：户数以社区为准"],
        ["制表人：张三", None, "审核人：李四"],
    ]
    sheet = sheet_of(workbook(rows, head=head, title=False, totals=False))
    frame, _ = ledger_frame(sheet)
    assert frame[["name", "subdistrict"]].to_numpy().tolist() == [
        ["甲", "东城街道"],
        ["乙", "东城街道"],
    ]
    assert sheet.dropped == ((2, "分组行"), (4, "重复的表头"), (6, "说明文字"), (7, "说明文字"))


def test_formulas_are_never_run_and_a_missing_result_is_told(workbook):
    rows = [plain(户数="=1+1"), plain(小区名称="'=HYPERLINK(1)", 社区="乙社区")]
    sheet = sheet_of(workbook(rows, head=PLAIN_HEAD, title=False, totals=False))
    frame, findings = ledger_frame(sheet)
    assert frame["households"].isna().tolist() == [True, False]
    assert frame["name"].tolist()[1] == "'=HYPERLINK(1)"
    assert [f.rows for f in findings if f.rule == "formula_without_result"] == [(2,)]


def test_another_sheet_can_be_chosen(tmp_path):
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["填报说明：请如实填写"])
    for name in ("一期", "二期"):
        page = book.create_sheet(name)
        page.append(["小区名称", "户数"])
        page.append([name, 1])
    path = tmp_path / "台账.xlsx"
    book.save(path)
    sheet = sheet_of(path)
    assert (sheet.sheet, sheet.sheets) == ("一期", ("说明", "一期", "二期"))
    assert sheet_of(path, sheet="二期").rows[0].cells[0] == "二期"
    with pytest.raises(RecordError, match="没有工作表“三期”"):
        sheet_of(path, sheet="三期")


def test_text_that_is_in_no_encoding_is_refused(tmp_path):
    path = tmp_path / "台账.csv"
    path.write_bytes("小区名称,户数\n".encode() + b"\xff\xff\xff\n")
    with pytest.raises(UploadError, match="文字编码无法识别"):
        sheet_of(path)

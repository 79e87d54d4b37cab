import datetime as dt
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from data.reports import (
    Column,
    Origin,
    Report,
    checklist_report,
    duty_report,
    monthly_report_document,
    to_docx,
    to_xlsx,
)
from data.samples.yuncheng import YUNCHENG_LEDGER
from errors import ExportError
from policy.checklist import missing_papers
from policy.duties import duty_table
from policy.facts import with_fact
from policy.monthly import monthly
from policy.profiles import profiles
from policy.progress import PROGRESS_COLUMNS

MADE_ON = dt.date(2026, 11, 21)
ORIGIN = Origin(
    plan="云城区2024", revision=12, made_on=MADE_ON, profile="云城方案", settings=("片区：马坪",)
)
NOTE = "来自计划“云城区2024”的修订 12，规则方案：云城方案，设置：片区：马坪。2026年11月21日生成。"
HOSTILE = [
    "<script>alert(1)</script>&amp;<b>",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "#N/A",
    "{{7*7}}",
    "</w:t></w:r><w:fldSimple/>",
    "[$-409]",
]


def sheet(report: Report):
    return load_workbook(io.BytesIO(to_xlsx(report))).active


def grid(report: Report) -> list[list[object]]:
    """Cells of the sheet, row by row, without the empty ones at the end."""
    rows = [list(row) for row in sheet(report).iter_rows(values_only=True)]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    return rows


def paper(report: Report):
    return Document(io.BytesIO(to_docx(report)))


def table_texts(report: Report) -> list[list[str]]:
    rows = paper(report).tables[0].rows
    # A merged cell stands once for each column that it spans.
    return [list(dict.fromkeys(cell.text for cell in row.cells)) for row in rows]


def report(*texts: str, **changes) -> Report:
    rows = tuple((number, text, "好") for number, text in enumerate(texts, start=1))
    columns = (
        Column(head="序号", width=6, middle=True),
        Column(head="小区名称", width=30),
        Column(head="结论", width=20),
    )
    made = Report(
        title="例表",
        subtitles=("副题",),
        columns=columns,
        rows=rows,
        notes=("注",),
        made_on=MADE_ON,
    )
    return replace(made, **changes)


def test_a_report_reads_back_the_same_from_both_formats() -> None:
    made = report("玉皇路小区", "邮电新村")
    assert grid(made)[:5] == [
        ["例表"],
        ["副题"],
        ["序号", "小区名称", "结论"],
        [1, "玉皇路小区", "好"],
        [2, "邮电新村", "好"],
    ]
    assert grid(made)[-1] == ["注"]
    assert table_texts(made) == [
        ["序号", "小区名称", "结论"],
        ["1", "玉皇路小区", "好"],
        ["2", "邮电新村", "好"],
    ]
    assert [p.text for p in paper(made).paragraphs] == ["例表", "副题", "注"]


@pytest.mark.parametrize("write", [to_xlsx, to_docx])
def test_the_same_report_is_the_same_file_and_carries_no_clock(write) -> None:
    made = report("甲", "乙")
    data = write(made)
    assert data == write(made)
    assert data != write(report("甲", "丙"))
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert {info.date_time[0] for info in archive.infolist()} == {1980}
    core = archive.read("docProps/core.xml").decode()
    assert core.count("2026-11-21T00:00:00Z") == 2


def test_the_sheet_prints_on_a4_landscape_with_its_heads_on_every_page() -> None:
    found = sheet(report("甲"))
    assert (found.page_setup.paperSize, found.page_setup.orientation) == (9, "landscape")
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert (found.page_setup.fitToWidth, found.page_setup.fitToHeight) == (1, 0)
    assert found.print_title_rows == "$3:$3"
    assert found.freeze_panes == "A4"
    assert found.column_dimensions["B"].width == 30
    assert found["B4"].alignment.wrap_text
    assert found["A3"].font.bold
    assert "&P" in found.oddFooter.center.text


def test_the_document_is_a4_landscape_in_chinese_fonts_with_a_repeated_head_and_page_numbers() -> (
    None
):
    found = paper(report("甲"))
    section = found.sections[0]
    # The format counts in twentieths of a point.
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (297, 210)
    head, first = found.tables[0].rows[0]._tr, found.tables[0].rows[1]._tr
    assert head.trPr.find(qn("w:tblHeader")) is not None
    assert first.trPr is None
    fonts = found.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "宋体"
    assert found.tables[0].cell(1, 1).paragraphs[0].style.name == "表格文字"
    fields = section.footer._element.findall(f".//{qn('w:fldSimple')}")
    assert [field.get(qn("w:instr")) for field in fields] == ["PAGE", "NUMPAGES"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name) -> None:
    made = report(name, title=name, subtitles=(name,), notes=(name,))
    for row in sheet(made).iter_rows():
        assert {cell.data_type for cell in row} <= {"s", "n"}
    assert grid(made)[3][1] == name
    assert grid(made)[0] == [name]
    assert paper(made).tables[0].cell(1, 1).text == name
    document = zipfile.ZipFile(io.BytesIO(to_docx(made))).read("word/document.xml").decode()
    assert "<script" not in document
    assert "fldSimple" not in document.replace("&lt;w:fldSimple", "")
    assert not [n for n in zipfile.ZipFile(io.BytesIO(to_xlsx(made))).namelist() if "extern" in n]


def test_a_text_that_begins_like_a_formula_stays_text_when_it_is_edited() -> None:
    found = sheet(report("=1+1", "甲"))
    assert (found["B4"].number_format, found["B5"].number_format) == ("@", "General")


def test_signs_that_xml_forbids_are_shown_as_replaced() -> None:
    made = report("甲\x00\x0b乙\ud800\uffff丙", title="题\x01")
    assert grid(made)[3][1] == "甲��乙��丙"
    assert paper(made).tables[0].cell(1, 1).text == "甲��乙��丙"
    assert grid(made)[0] == ["题�"]


def test_ten_thousand_characters_are_all_there_and_more_than_a_cell_holds_is_said() -> None:
    made = report("长" * 10_000, "长" * 40_000)
    assert grid(made)[3][1] == "长" * 10_000
    assert grid(made)[4][1].endswith("（原文 40000 字，此处只列前 32000 字）")
    assert paper(made).tables[0].cell(1, 1).text == "长" * 10_000


def test_line_ends_stay_and_unknown_numbers_are_empty() -> None:
    made = report(rows=((1, "甲\r\n乙", None), (2, "丙", float("nan")), (3, "丁", 400.8)))
    assert grid(made)[3][1] == "甲\n乙"
    assert [row[2:] for row in grid(made)[3:6]] == [[], [], [400.8]]
    texts = [row.cells[2].text for row in paper(made).tables[0].rows]
    assert texts == ["结论", "", "", "400.8"]
    assert paper(made).tables[0].cell(1, 1).text == "甲\n乙"


def test_a_heading_goes_over_all_columns() -> None:
    made = report(rows=("第一部分", (1, "甲", "好")))
    assert "A4:C4" in {str(merged) for merged in sheet(made).merged_cells.ranges}
    assert table_texts(made)[1] == ["第一部分"]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_can_be_written_and_read_in_both(names) -> None:
    made = report(*names)
    assert len(table_texts(made)) == len(names) + 1
    kinds = [cell.data_type for cell in sheet(made)["B"][3 : 3 + len(names)]]
    # An empty text is an empty cell.
    assert kinds == ["s" if name else "n" for name in names]


def test_malformed_and_endless_reports_are_refused() -> None:
    with pytest.raises(ExportError, match="第 1 行的格数不是 3"):
        report(rows=((1, "甲"),))
    with pytest.raises(ExportError, match="没有列"):
        report(columns=(), rows=())
    long = report(*["甲"] * 5_001)
    with pytest.raises(ExportError, match="最多 5000 行；请改用 xlsx"):
        to_docx(long)
    with pytest.raises(ExportError, match="最多 20000 行"):
        to_xlsx(replace(long, rows=long.rows * 4))


# 责任分工 ------------------------------------------------------------------------------------------


def duty_sheet(key: str) -> Report:
    texts = [row["works_text"] for row in YUNCHENG_LEDGER]
    return duty_report(duty_table(texts, key), key, area="马坪片区", origin=ORIGIN)


def test_the_duties_of_a_pianqu_in_three_parts_with_clauses_and_origin() -> None:
    made = duty_sheet("chuxiong-2020")
    rows = grid(made)
    assert rows[0] == ["马坪片区老旧小区改造责任分工表"]
    assert rows[2] == ["序号", "责任单位", "职责", "涉及改造内容", "依据"]
    headings = [row[0] for row in rows[3:] if len(row) == 1]
    assert headings[:3] == ["一、按改造内容", "二、方案未写明责任单位，需要明确", "三、综合职责"]
    assert rows[-1] == [NOTE]
    police = next(row for row in rows if len(row) > 1 and row[1] == "市公安局")
    assert police[3:] == ["安防、智能门禁", "〔楚市政办通〔2020〕5号 七(九)〕"]
    nobody = [row for row in rows if len(row) > 1 and str(row[1]).startswith("方案未写明")]
    assert "党建宣传栏" in {row[3] for row in nobody}
    assert len(table_texts(made)) == len(made.rows) + 1


def test_a_plan_without_duties_and_works_still_makes_a_sheet() -> None:
    key = "litong-parking"
    made = duty_report(duty_table([], key), key, area="", origin=ORIGIN)
    assert "没有读到改造内容" in table_texts(made)[1][0]


# 申报清单 ------------------------------------------------------------------------------------------


def papers_of(*present: str, absent: tuple[str, ...] = (), tendered: bool | None = None):
    rule = profiles()["provincial-review"].rules["application"]
    extra = None
    for key in present:
        extra = with_fact(extra, key, True)
    for key in absent:
        extra = with_fact(extra, key, False)
    if tendered is not None:
        extra = with_fact(extra, "tendered", tendered)
    return missing_papers(pd.Series({"extra": extra}, dtype=object), rule)


def test_the_checklist_says_of_each_paper_what_is_known() -> None:
    rule = profiles()["provincial-review"].rules["application"]
    asked = rule.get("items")
    checks = [
        ("玉皇路小区", papers_of(*asked)),
        ("邮电新村", papers_of("paper_letter", absent=("paper_drawings",))),
        ("=旧中专宿舍", papers_of()),
        (None, papers_of(tendered=True)),
    ]
    made = checklist_report(checks, rule, area="云城区", origin=ORIGIN)
    rows = grid(made)
    assert rows[0] == ["云城区申报材料清单"]
    assert rows[2] == [
        "共 4 个小区，材料齐全 1 个，缺材料 1 个，只有未填写的 1 个，清单不适用 1 个。"
    ]
    assert rows[3][2:-1] == ["申请函", "小区概况", "现状分析与问题清单", "改造内容与设计", "组织实施",
                             "投资估算与资金筹措", "佐证材料", "规划设计图纸"]  # fmt: skip
    assert [row[1] for row in rows[4:8]] == ["玉皇路小区", "邮电新村", "=旧中专宿舍", "（未命名）"]
    assert rows[4][2:] == ["有"] * 8 + ["材料齐全。"]
    assert rows[5][2:-1] == ["有", *["未知"] * 6, "缺"]
    assert rows[6][2:-1] == ["未知"] * 8
    assert rows[7][2:-1] == ["—"] * 8
    assert rows[-1] == [NOTE]
    assert table_texts(made)[1][:3] == ["1", "玉皇路小区", "有"]


# 月报 ----------------------------------------------------------------------------------------------


def month_report(names: tuple[str, ...] = ("玉皇路小区", "邮电新村")) -> Report:
    frame = pd.DataFrame(
        {"name": names, "households": [581, 97], "investment_yuan": [2_300_000, None]},
        index=["a", "b"],
    )
    figures = [{"compound_uid": "a", "month": "2026-11", "progress": 0.35, "paid_yuan": 804_000}]
    told = monthly(
        frame,
        pd.DataFrame(figures, columns=list(PROGRESS_COLUMNS)),
        month="2026-11",
        profile=profiles()["litong-parking"],
        today=MADE_ON,
    )
    return monthly_report_document(told, area="利通区", origin=ORIGIN)


def test_the_monthly_report_has_its_figures_and_says_what_nobody_reported() -> None:
    made = month_report()
    rows = grid(made)
    assert rows[0] == ["利通区老旧小区改造月报（2026年11月）"]
    assert "2026年11月25日前报送" in rows[1][0]
    assert any(str(row[0]).startswith("开工比例（按小区）：100.0%") for row in rows)
    first, second = (row for row in rows if len(row) > 2 and row[0] in (1, 2))
    assert first[:10] == [1, "玉皇路小区", 581, 230, "2026-11", "是", "否", "35.0%", 80.4, "35.0%"]
    assert second[:10] == [2, "邮电新村", 97, *["未知"] * 7]
    assert "尚未报过进度" in second[10]
    assert any("邮电新村" in str(row) and "补报" in str(row) for row in rows)
    assert rows[-1] == [NOTE]
    assert table_texts(made)[1][:3] == ["1", "玉皇路小区", "581"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_compounds_break_no_report(name) -> None:
    made = month_report((name, "长" * 10_000))
    found = sheet(made)
    assert all(cell.data_type != "f" for row in found.iter_rows() for cell in row)
    assert name in {cell.value for cell in found["B"]}
    assert len(paper(made).tables[0].rows) == 3


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_libreoffice_opens_a_report(tmp_path: Path, kind) -> None:
    made = report(*HOSTILE)
    path = tmp_path / f"report.{kind}"
    path.write_bytes(to_xlsx(made) if kind == "xlsx" else to_docx(made))
    command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")

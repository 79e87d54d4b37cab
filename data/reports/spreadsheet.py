"""A report as xlsx: one sheet on A4 landscape, heads repeated on every page, no cell ever a formula."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import unicodedata
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from data.exporting.names import inert_cell
from data.reports.archive import timeless
from data.reports.report import Cell, Report, lines, printable, refuse_long

__all__ = ["to_xlsx"]

# Number of the paper size in the file format.
_A4 = 9
_THIN = Side(style="thin")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_GREY = PatternFill("solid", fgColor="F2F2F2")
_LINE_POINTS = 15.0
# Excel refuses higher rows.
_MOST_POINTS = 409.0
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_MOST_SHEET_NAME = 31
_MOST_ROWS = 20_000


def to_xlsx(report: Report) -> bytes:
    """Write a report as a workbook.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        The same for the same report. Text stays text whatever it begins with.

    Raises
    ------
    ExportError
        If it has too many rows.
    """
    refuse_long(report, _MOST_ROWS, "请缩小范围")
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _NO_SHEET_NAME.sub("", printable(report.title))[:_MOST_SHEET_NAME] or "报表"
    _set_up(sheet, report)
    _write_above(sheet, report)
    head_row = sheet.max_row + 1
    _write_table(sheet, report, head_row)
    _write_notes(sheet, report)
    sheet.freeze_panes = f"A{head_row + 1}"
    sheet.print_title_rows = f"{head_row}:{head_row}"
    book.properties.creator, book.properties.title = "pianqu", printable(report.title)[:255]
    book.properties.created = dt.datetime.combine(report.made_on, dt.time())
    stream = io.BytesIO()
    book.save(stream)
    return timeless(stream.getvalue(), report.made_on)


def _set_up(sheet: Any, report: Report) -> None:
    for k, column in enumerate(report.columns, start=1):
        sheet.column_dimensions[get_column_letter(k)].width = column.width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def _write_above(sheet: Any, report: Report) -> None:
    """Title and the lines under it, each over the whole width."""
    _write_line(
        sheet, report, 1, printable(report.title), font=Font(bold=True, size=16), middle=True
    )
    for k, line in enumerate(lines(report.subtitles), start=2):
        _write_line(sheet, report, k, line, font=Font(size=11))


def _write_table(sheet: Any, report: Report, head_row: int) -> None:
    middle = [column.middle for column in report.columns]
    dress = _Wardrobe()
    for k, head in enumerate(report.heads, start=1):
        dress(_put(sheet, head_row, k, head), head=True, middle=True)
    for number, row in enumerate(report.body, start=head_row + 1):
        if isinstance(row, str):
            _write_line(sheet, report, number, row, font=Font(bold=True))
            continue
        for k, cell in enumerate(row, start=1):
            dress(_put(sheet, number, k, cell), middle=middle[k - 1] or not isinstance(cell, str))


def _write_notes(sheet: Any, report: Report) -> None:
    first = sheet.max_row + 2
    for k, note in enumerate(lines(report.notes)):
        _write_line(sheet, report, first + k, note, font=Font(size=10))


def _write_line(
    sheet: Any, report: Report, number: int, text: str, *, font: Font, middle: bool = False
) -> None:
    """Write a line over the whole width."""
    cell = _put(sheet, number, 1, text)
    cell.font = font
    cell.alignment = Alignment(
        horizontal="center" if middle else "left", vertical="center", wrap_text=True
    )
    if len(report.columns) > 1:
        sheet.merge_cells(
            start_row=number, start_column=1, end_row=number, end_column=len(report.columns)
        )
    # A spreadsheet does not fit the height of merged cells by itself.
    width = sum(column.width for column in report.columns)
    high = sum(max(1, math.ceil(_width(part) / width)) for part in text.split("\n"))
    points = _LINE_POINTS * high * (font.size or 11) / 11
    sheet.row_dimensions[number].height = min(points + 3, _MOST_POINTS)


def _put(sheet: Any, number: int, column: int, value: Cell) -> Any:
    cell = sheet.cell(row=number, column=column)
    if not isinstance(value, str) or not value:
        cell.value = None if value == "" else value
        return cell
    cell.value = value
    # Whatever it begins with: the library takes = for a formula and #N/A for an error.
    cell.data_type = "s"
    if value != inert_cell(value):
        # Stays text when somebody edits it.
        cell.number_format = "@"
    return cell


class _Wardrobe:
    """Looks of table cells; each is made once, because making one takes longer than a cell."""

    def __init__(self) -> None:
        self._made: dict[tuple[bool, bool, str], Any] = {}

    def __call__(self, cell: Any, *, middle: bool, head: bool = False) -> None:
        look = (middle, head, cell.number_format)
        if look not in self._made:
            cell.border = _BOX
            cell.alignment = Alignment(
                horizontal="center" if middle else "left", vertical="center", wrap_text=True
            )
            if head:
                cell.font, cell.fill = Font(bold=True), _GREY
            self._made[look] = cell._style
        cell._style = self._made[look]


def _width(text: str) -> int:
    """Width in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)

"""A grid as an xlsx or csv file in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from data.exporting.ledger_layout import Grid
from data.exporting.names import inert_cell

__all__ = ["read_grid", "write_csv", "write_xlsx"]

_SHEET = "台账"
# Number of the paper size in the file format.
_A3 = 8
_THIN = Side(style="thin")


def write_xlsx(grid: Grid, path: Path) -> None:
    """Write a grid as the only sheet of a workbook.

    Text stays text whatever it begins with: the cell's type is set, and its format, so that it stays
    text when somebody edits it.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_SHEET)
    for i, width in enumerate(grid.widths):
        sheet.column_dimensions[get_column_letter(i + 1)].width = width
    sheet.freeze_panes = f"D{grid.head_row + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A3
    for number, row in enumerate(grid.rows, start=1):
        sheet.append([_cell(sheet, value, number, grid) for value in row])
    for merged in grid.merged:
        sheet.merged_cells.add(CellRange(merged))
    book.save(path)


def write_csv(grid: Grid, path: Path, *, encoding: str = "utf-8-sig") -> None:
    """Write a grid as csv; a text that a spreadsheet would calculate gets a ``'`` in front.

    Parameters
    ----------
    grid : Grid
        Rows.
    path : Path
        File to write.
    encoding : str
        ``utf-8-sig`` opens right in Excel, ``gb18030`` is what older Chinese programs write.
    """
    text = io.StringIO()
    csv.writer(text).writerows(
        [inert_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in grid.rows
    )
    path.write_bytes(text.getvalue().encode(encoding))


def read_grid(path: Path) -> tuple[list[list[Any]], int]:
    """Read the cells of the first sheet back, and count the formulas among them.

    Returns
    -------
    rows : list of list
        Without empty cells at the end of a row.
    formulas : int
        Should be 0.
    """
    book = load_workbook(path)
    sheet = book.worksheets[0]
    rows, formulas = [], 0
    for row in sheet.iter_rows():
        formulas += sum(cell.data_type == "f" for cell in row)
        values = [cell.value for cell in row]
        while values and values[-1] is None:
            values.pop()
        rows.append(values)
    book.close()
    return rows, formulas


def _cell(sheet: Any, value: Any, number: int, grid: Grid) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
        if value != inert_cell(value):
            cell.number_format = "@"
    if number < grid.head_row:
        # 附件 stands at the left, the title over the whole width.
        cell.font = Font(bold=True, size=14 if number > 1 else 11)
        cell.alignment = Alignment(horizontal="center" if number > 1 else "left")
        return cell
    bold = number in (grid.head_row, len(grid.rows))
    if bold:
        cell.font = Font(bold=True)
    cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    cell.alignment = Alignment(
        horizontal="center" if bold or not isinstance(value, str) or len(value) < 12 else "left",
        vertical="center",
        wrap_text=True,
    )
    return cell

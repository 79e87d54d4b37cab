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
# Shorter texts look better in the middle.
_LONG_TEXT = 12


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
    styler = _Styler(sheet, grid)
    for number, row in enumerate(grid.rows, start=1):
        sheet.append([styler.cell(value, number) for value in row])
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
    book = load_workbook(path, read_only=True)
    sheet = book.worksheets[0]
    rows: list[list[Any]] = []
    formulas = 0
    for row in sheet.iter_rows():
        formulas += sum(cell.data_type == "f" for cell in row)
        values = [cell.value for cell in row]
        while values and values[-1] is None:
            values.pop()
        rows.append(values)
    book.close()
    return rows, formulas


class _Styler:
    """Cells with their looks; each look is made once, because making one takes longer than a cell."""

    def __init__(self, sheet: Any, grid: Grid) -> None:
        self._sheet = sheet
        self._grid = grid
        self._made: dict[tuple[str, bool], Any] = {}

    def cell(self, value: Any, number: int) -> Any:
        """Cell of a row, by the row's number from 1."""
        cell: Any = WriteOnlyCell(self._sheet, value=value)
        if isinstance(value, str):
            # Whatever it begins with.
            cell.data_type = "s"
        looks = self._looks(value, number)
        inert = isinstance(value, str) and value != inert_cell(value)
        if (looks, inert) not in self._made:
            _dress(cell, looks)
            if inert:
                # Stays text when somebody edits it.
                cell.number_format = "@"
            self._made[looks, inert] = cell._style
        cell._style = self._made[looks, inert]
        return cell

    def _looks(self, value: Any, number: int) -> str:
        if number < self._grid.head_row:
            return "title" if number > 1 else "attachment"
        if number in (self._grid.head_row, len(self._grid.rows)):
            return "bold"
        return "text" if isinstance(value, str) and len(value) >= _LONG_TEXT else "plain"


def _dress(cell: Any, looks: str) -> None:
    if looks in ("title", "attachment"):
        # 附件 stands at the left, the title over the whole width.
        cell.font = Font(bold=True, size=14 if looks == "title" else 11)
        cell.alignment = Alignment(horizontal="center" if looks == "title" else "left")
        return
    if looks == "bold":
        cell.font = Font(bold=True)
    cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    cell.alignment = Alignment(
        horizontal="left" if looks == "text" else "center", vertical="center", wrap_text=True
    )

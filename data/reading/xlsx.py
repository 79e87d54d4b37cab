"""Excel workbooks as plain cells: read-only, sizes checked first, formulas never run."""

from __future__ import annotations

import datetime as dt
import math
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from data.reading.archive import check_archive
from data.reading.text import clean
from errors import UploadError

__all__ = ["MAX_CELLS", "MAX_COLUMNS", "MAX_ROWS", "sheets"]

# A ledger of a whole province has some 20,000 rows; a stray cell at XFD1048576 is an accident or an attack.
MAX_ROWS = 99_999
MAX_COLUMNS = 702
MAX_CELLS = 3_000_000
# XML is parsed at some 20 MB/s here: what is larger would only run into the time limit.
MAX_XML_BYTES = 300 * 1024**2

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
# A cell with something in it to the right of ZZ or below 99999; an empty one that is only formatted is
# frequent and does no harm.
_FAR_CELL = re.compile(
    rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="(?:[A-Z]{3}\d+|[A-Z]{1,2}\d{6,})"(?:[^>]*[^>/])?>'
)
_CHUNK = 1024**2
# Longer than any one tag that is looked for.
_OVERLAP = 200


def sheets(path: Path, *, name: str) -> dict[str, Any]:
    """Read the sheets of a workbook.

    Parameters
    ----------
    path : Path
        The workbook; renamed to ``.xlsx``.
    name : str
        As the planner knows it.

    Returns
    -------
    dict
        ``encoding`` (empty) and ``sheets``: name, rows (lists of plain values, without empty ends), merges
        (first row, first column, last row, last column, from 0) and rows that hold an uncalculated formula.

    Raises
    ------
    UploadError
        If it is too large, damaged, or no workbook.
    """
    _check(path, name)
    # openpyxl goes by the ending.
    path = path.rename(path.with_name("file.xlsx"))
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions that it leaves out; only values are wanted.
        warnings.simplefilter("ignore")
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        done = [
            _sheet(sheet, path, name) for sheet in book.worksheets if sheet.sheet_state == "visible"
        ]
        book.close()
    if not done:
        raise UploadError(f"“{name}”里没有工作表。")
    return {"encoding": "", "sheets": done}


def _check(path: Path, name: str) -> None:
    infos = check_archive(path, name=name)
    if sum(info.file_size for info in infos if info.filename.endswith(".xml")) > MAX_XML_BYTES:
        raise UploadError(f"“{name}”解开后太大，不像台账。请只保留台账所在的工作表再上传。")


def _sheet(sheet: Any, path: Path, name: str) -> dict[str, Any]:
    title = clean(sheet.title)
    inside, merges, formulas = _scan(path, sheet, name, title)
    rows = _rows(sheet, name, title)
    missing = _uncalculated(path, sheet.title, rows) if formulas else []
    return {
        "name": title,
        "rows": rows,
        "merges": [m for m in merges if m[0] < len(rows)],
        "uncalculated": missing,
        "bytes": inside,
    }


def _rows(sheet: Any, name: str, title: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    cells = 0
    # Without the declared size rows are as long as they are, and missing ones cost nothing.
    sheet.reset_dimensions()
    for values in sheet.iter_rows(max_row=MAX_ROWS + 1, values_only=True):
        row = [_plain(value) for value in values]
        while row and row[-1] is None:
            row.pop()
        rows.append(row)
        cells += len(row)
        if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
            raise UploadError(_too_large(name, title))
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) > MAX_ROWS:
        raise UploadError(_too_large(name, title))
    return rows


def _too_large(name: str, title: str) -> str:
    return (
        f"“{name}”的工作表“{title}”行列太多（上限 {MAX_ROWS:,} 行、{MAX_COLUMNS} 列）。"
        "请删除台账以外的行和列后再上传。"
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        # A text cell that begins with "=" is text: nothing here ever calculates.
        return clean(value) or None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return clean(str(value))


def _scan(path: Path, sheet: Any, name: str, title: str) -> tuple[int, list[list[int]], bool]:
    """Look through a sheet's XML for its size, its merged cells and whether it has formulas.

    Read-only mode does not tell merged cells, and the full mode takes fifty times the file's size.
    """
    part = str(sheet._worksheet_path)
    merges: list[list[int]] = []
    formulas, size, rest = False, 0, b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > MAX_XML_BYTES:
                raise UploadError(_too_large(name, title))
            block = rest + chunk
            if _FAR_CELL.search(block):
                raise UploadError(_too_large(name, title))
            formulas = formulas or _FORMULA.search(block) is not None
            last = 0
            for found in _MERGE.finditer(block):
                merges.append(_merge(found.group(1).decode("ascii")))
                last = found.end()
            rest = block[max(last, len(block) - _OVERLAP) :]
    return size, merges, formulas


def _merge(reference: str) -> list[int]:
    left, top, right, bottom = range_boundaries(reference)
    return [int(top or 1) - 1, int(left or 1) - 1, int(bottom or 1) - 1, int(right or 1) - 1]


def _uncalculated(path: Path, title: str, rows: list[list[Any]]) -> list[list[int]]:
    """Cells that hold a formula of which the file does not keep the result."""
    book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    found = []
    sheet = book[title]
    sheet.reset_dimensions()
    cells = sheet.iter_rows(max_row=len(rows), values_only=True)
    for number, values in enumerate(cells):
        for column, value in enumerate(values):
            known = column < len(rows[number]) and rows[number][column] is not None
            if not known and isinstance(value, str) and value.startswith("="):
                found.append([number, column])
    book.close()
    return found

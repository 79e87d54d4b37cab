"""CSV ledgers as plain cells: UTF-8 with or without BOM, UTF-16, GB18030; comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from data.reading.text import clean, decode_text
from data.reading.xlsx import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from errors import UploadError

__all__ = ["sheets"]

_DELIMITERS = ",\t;"
_LONGEST_CELL = 100_000


def sheets(path: Path, *, name: str) -> dict[str, Any]:
    """Read a CSV file as one sheet, as ``data.reading.xlsx.sheets`` does.

    Raises
    ------
    UploadError
        If the encoding is unknown, or there is too much of it.
    """
    try:
        text, encoding = decode_text(path.read_bytes())
    except UnicodeDecodeError as err:
        raise UploadError(
            f"“{name}”的文字编码无法识别（不是 UTF-8、UTF-16 或 GBK），请在 Excel 中另存为 .xlsx 再上传。"
        ) from err
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = _rows(text, name)
    except csv.Error as err:
        raise UploadError(
            f"“{name}”不是完整的 CSV 表格，请在 Excel 中另存为 .xlsx 再上传。"
        ) from err
    sheet = {"name": Path(name).stem, "rows": rows, "merges": [], "uncalculated": []}
    return {"encoding": encoding, "sheets": [sheet]}


def _rows(text: str, name: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    cells = 0
    # newline="" keeps line breaks inside quoted cells.
    for values in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
        row: list[Any] = [clean(value) or None for value in values]
        while row and row[-1] is None:
            row.pop()
        rows.append(row)
        cells += len(row)
        if len(row) > MAX_COLUMNS or len(rows) > MAX_ROWS or cells > MAX_CELLS:
            raise UploadError(
                f"“{name}”行列太多（上限 {MAX_ROWS:,} 行、{MAX_COLUMNS} 列），请拆分后再上传。"
            )
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _delimiter(text: str) -> str:
    head = text[:20_000]
    counts = {mark: head.count(mark) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: counts[mark])

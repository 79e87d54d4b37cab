"""A ledger sheet taken apart: title, head, units, rows, totals, notes (reliability report 3.2).

Nothing is converted here; which column means what is a proposal that the planner confirms, and
``ledger_values`` then makes the values.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.findings import Finding
from data.reading.columns import CERTAIN, SERIAL
from data.reading.ledger_head import Head, choose_sheet, has_number, title_above, units_above
from data.reading.process import ask_worker
from data.reading.units import UNITS, normal, split_head
from errors import RecordError

__all__ = ["LedgerColumn", "LedgerRow", "LedgerSheet", "read_ledger", "take_apart"]

_TOTALS = re.compile(r"^(?:合计|总计|小计|共计|累计|总合计|全区合计|全市合计|全县合计|合计数)")
_NOTES = re.compile(
    r"^(?:注|备注|说明|填表|制表|填报|审核人|审核:|复核|负责人|单位负责人|联系|日期:|附)"
)
_GROUP = re.compile(r"(?:街道|镇|乡|街道办|办事处)$")


@dataclass(frozen=True, kw_only=True)
class LedgerColumn:
    """One column of a ledger and what it seems to mean.

    Attributes
    ----------
    index : int
        From 0, as in the sheet.
    head : str
        As in the sheet, stacked heads joined by a blank.
    title : str
        Without unit, for messages.
    unit : str or None
        Key of ``data.reading.units.UNITS``, from the head or the line above the table.
    field : str or None
        Proposal: a key of ``data.reading.columns.MAPPABLE``.
    confidence : float
        1 certain, 0.6 likely, 0 none.
    sample : tuple of str
        The first values.
    """

    index: int
    head: str
    title: str
    unit: str | None
    field: str | None
    confidence: float
    sample: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One row as it stands: `number` as in the file, from 1; plain values by column."""

    number: int
    cells: tuple[Any, ...]
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class LedgerSheet:
    """A ledger taken apart.

    Attributes
    ----------
    file_name, sha256 : str
        Of the file.
    sheet : str
        Name of the sheet.
    title : str
        First line above the head.
    header_rows : tuple of int
        Numbers of the head's lines.
    columns : tuple of LedgerColumn
    rows, totals : tuple of LedgerRow
        Compounds, and rows of 合计 or 小计.
    dropped : tuple of (int, str)
        Number and reason of every other row that holds something.
    texts : tuple of (int, str)
        Number and words of the lines above the head and of the notes: they may state totals.
    merged : tuple of (int, int, int, int)
        First row number, first column, last row number, last column of merged cells in the body.
    sheets : tuple of str
        All visible sheets of the file.
    encoding : str
    findings : tuple of Finding
    """

    file_name: str
    sha256: str
    sheet: str
    title: str
    header_rows: tuple[int, ...]
    columns: tuple[LedgerColumn, ...]
    rows: tuple[LedgerRow, ...]
    totals: tuple[LedgerRow, ...]
    dropped: tuple[tuple[int, str], ...]
    texts: tuple[tuple[int, str], ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    sheets: tuple[str, ...] = ()
    encoding: str = ""
    findings: tuple[Finding, ...] = field(default=())

    def mapping(self, *, min_confidence: float = CERTAIN) -> dict[int, str]:
        """Return the proposal as a mapping for ``ledger_frame``: column index to field name."""
        return {
            column.index: column.field
            for column in self.columns
            if column.field is not None and column.confidence >= min_confidence
        }


def read_ledger(
    path: str | os.PathLike[str],
    original_name: str | None = None,
    *,
    sheet: str | None = None,
    by_hand: bool = False,
) -> LedgerSheet:
    """Read a ledger from an Excel workbook or a CSV file, in a throw-away process.

    Parameters
    ----------
    path : path
        The file.
    original_name : str, optional
        As the planner knows it.
    sheet : str, optional
        Which sheet; by default the first with a head that is understood.
    by_hand : bool
        A planner says next which column is which: no head, or none that names compounds, is no error.

    Returns
    -------
    LedgerSheet

    Raises
    ------
    UploadError
        If the file can not be read.
    RecordError
        If no head with a name column is found (save `by_hand`), or there are no rows.
    """
    name = original_name or Path(path).name
    with ask_worker("ledger", path, original_name=name) as answer:
        grid = answer.data
    sha256 = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return take_apart(grid, file_name=name, sha256=sha256, sheet=sheet, by_hand=by_hand)


def take_apart(
    grid: dict[str, Any],
    *,
    file_name: str,
    sha256: str = "",
    sheet: str | None = None,
    by_hand: bool = False,
) -> LedgerSheet:
    """Find head, units, rows, totals and notes of plain cells.

    Parameters
    ----------
    grid : dict
        As ``data.reading.xlsx.sheets`` gives it.
    file_name, sha256 : str
        Of the file.
    sheet : str, optional
        Which sheet.
    by_hand : bool
        As for :func:`read_ledger`.

    Returns
    -------
    LedgerSheet

    Raises
    ------
    RecordError
        If there is nothing, no sheet of that name, no head, no name column, or no row.
    """
    names = tuple(one["name"] for one in grid["sheets"])
    chosen, head = choose_sheet(grid["sheets"], file_name, sheet, by_hand=by_hand)
    rows, top, lines = chosen["rows"], head.top, head.lines
    units = units_above(rows[:top])
    body = rows[top + lines :]
    columns = _columns(head, units, body)
    sorted_rows = _sort_rows(body, first_number=top + lines + 1, head=head, columns=columns)
    if not sorted_rows.rows:
        raise RecordError(file_name, [f"工作表“{chosen['name']}”的表头下面没有小区，请检查。"])
    merged = tuple(
        (a + 1, b, c + 1, d) for a, b, c, d in chosen["merges"] if a >= top + lines and c > a
    )
    return LedgerSheet(
        file_name=file_name,
        sha256=sha256,
        sheet=chosen["name"],
        title=title_above(rows[:top]),
        header_rows=tuple(range(top + 1, top + lines + 1)),
        columns=columns,
        rows=tuple(sorted_rows.rows),
        totals=tuple(sorted_rows.totals),
        dropped=tuple(sorted_rows.dropped),
        texts=(*_lines(rows[:top]), *sorted_rows.notes),
        merged=merged,
        sheets=names,
        encoding=grid.get("encoding", ""),
        findings=tuple(
            _guessed(head)
            + _uncalculated(chosen, columns, top + lines)
            + _unmapped(columns)
            + _assumed(columns)
        ),
    )


def _columns(head: Head, units: dict[str, str], body: list[list[Any]]) -> tuple[LedgerColumn, ...]:
    columns = []
    for index, (parts, (field_name, confidence)) in enumerate(
        zip(head.texts, head.fields, strict=True)
    ):
        values = [row[index] for row in body[:200] if index < len(row) and row[index] is not None]
        if not parts and not values:
            continue
        found = [split_head(part)[1] for part in reversed(parts)]
        unit = next((one for one in found if one is not None), None)
        columns.append(
            LedgerColumn(
                index=index,
                head=" ".join(parts),
                title=re.sub(r"\s+", "", _without_unit(parts[-1]))
                if parts
                else f"第 {index + 1} 列",
                unit=unit or units.get(_dimension(field_name)),
                field=field_name,
                confidence=confidence,
                sample=tuple(str(value)[:40] for value in values[:3]),
            )
        )
    return tuple(columns)


def _without_unit(head: str) -> str:
    return re.sub(r"[（(\[【]\s*([^（()）\]】]*)\s*[)）\]】]", _keep_if_no_unit, head)


def _keep_if_no_unit(found: re.Match[str]) -> str:
    return "" if normal(found.group(1)) in UNITS else found.group(0)


def _dimension(field_name: str | None) -> str:
    if field_name is None:
        return ""
    return "money" if field_name.endswith("_yuan") else "area" if field_name.endswith("_m2") else ""


@dataclass(kw_only=True)
class _Sorted:
    rows: list[LedgerRow] = field(default_factory=list)
    totals: list[LedgerRow] = field(default_factory=list)
    dropped: list[tuple[int, str]] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)


def _sort_rows(
    body: list[list[Any]], *, first_number: int, head: Head, columns: tuple[LedgerColumn, ...]
) -> _Sorted:
    """Tell compounds from totals, notes, group lines and repeated heads."""
    done = _Sorted()
    width = len(head.texts)
    heads = {normal(part) for parts in head.texts for part in parts}
    serial = {column.index for column in columns if column.field == SERIAL}
    group = ""
    for number, row in enumerate(body, start=first_number):
        texts = [str(value) for value in row if value is not None]
        if not texts:
            continue
        kind = _kind_of(row, texts, heads, serial)
        if kind == "group":
            group = normal(texts[0])
        if kind in {"row", "total"}:
            cells = tuple(row[:width] + [None] * (width - len(row)))
            target = done.rows if kind == "row" else done.totals
            target.append(LedgerRow(number=number, cells=cells, group=group))
        else:
            reasons = {"note": "说明文字", "head": "重复的表头", "group": "分组行"}
            done.dropped.append((number, reasons[kind]))
            done.notes += _lines([row], number) if kind == "note" else []
    return done


def _lines(rows: list[list[Any]], first_number: int = 1) -> list[tuple[int, str]]:
    """Words of rows outside the table; a merged text is taken once."""
    texts = [dict.fromkeys(str(value) for value in row if value is not None) for row in rows]
    return [(number, " ".join(one)) for number, one in enumerate(texts, first_number) if one]


def _kind_of(row: list[Any], texts: list[str], heads: set[str], serial: set[int]) -> str:
    plain = [normal(text) for text in texts]
    if any(_TOTALS.match(text) for text in plain[:3]):
        return "total"
    if len(plain) > 2 and sum(text in heads for text in plain) * 2 > len(plain):
        return "head"
    numbered = {i for i in serial if i < len(row) and re.fullmatch(r"[\d.]+", str(row[i]))}
    if all(value is None or i in numbered for i, value in enumerate(row)):
        # Only a running number: a line prepared for a compound that never came.
        return "note"
    if len(set(plain)) == 1 and not has_number(row):
        return "group" if _GROUP.search(plain[0]) else "note"
    if _NOTES.match(plain[0]) and len(plain) <= 2:
        return "note"
    return "row"


def _guessed(head: Head) -> list[Finding]:
    if not head.guessed:
        return []
    if head.lines:
        text = (
            f"没有认出表头，暂把第 {head.top + 1} 行当作表头，这一行不作为小区导入。"
            "不对的，请在文件里加上表头再选一次。"
        )
    else:
        text = "文件里没有表头，各栏按“第几列”列出，请对照样例选定各栏导入为什么。"
    return [Finding(rule="head_guessed", severity="提醒", message=text)]


def _uncalculated(
    chosen: dict[str, Any], columns: tuple[LedgerColumn, ...], first: int
) -> list[Finding]:
    titles = {column.index: column.title for column in columns}
    return [
        Finding(
            rule="formula_without_result",
            severity="提醒",
            rows=(row + 1,),
            message=f"台账第 {row + 1} 行“{titles[column]}”是公式，文件里没有存它的结果，已按未知处理。"
            "请在 Excel 中打开并保存一次，再重新导入。",
        )
        for row, column in chosen.get("uncalculated", [])
        if row >= first and column in titles
    ]


def _unmapped(columns: tuple[LedgerColumn, ...]) -> list[Finding]:
    loose = [c.title for c in columns if c.field is None or c.confidence < CERTAIN]
    if not loose:
        return []
    text = f"这些栏没有对应的字段，内容原样存入“其他属性”：{'、'.join(loose)}。"
    return [Finding(rule="unmapped_columns", severity="说明", message=text)]


def _assumed(columns: tuple[LedgerColumn, ...]) -> list[Finding]:
    found = []
    for column in columns:
        dimension = _dimension(column.field)
        if dimension and column.unit is None:
            unit = "万元" if dimension == "money" else "㎡（数值都小于 500 时按万㎡）"
            text = f"“{column.title}”没有写单位，按{unit}读取，请核对。"
            found.append(Finding(rule="unit_assumed", severity="提醒", message=text))
    return found

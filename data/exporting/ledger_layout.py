"""The ledger as districts lay it out: title, heads with units, 万元 and 万㎡, "/" for none, a row of totals.

The layout is that of 《2024年云城区城镇老旧小区改造计划项目台账》. Columns that it does not have come in where
they belong, and only if the plan knows anything for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from data.schema import COMPOUND_KINDS
from policy.money import grant_yuan

__all__ = ["LEDGER_TITLE", "Column", "Grid", "ledger_grid"]

LEDGER_TITLE = "城镇老旧小区改造计划项目台账和补助资金分配情况表"
_ATTACHMENT = "附件"
_TOTAL = "合计"
_WAN = 10_000

Cell = str | int | float | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the sheet.

    Attributes
    ----------
    head : str
        With its unit, the line break where the source breaks the line.
    cells : list
        One for each row.
    total : number or None
        What the row of totals says.
    width : float
        In characters.
    """

    head: str
    cells: list[Cell]
    total: Cell = None
    width: float = 10.0


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A ledger sheet before it is a file.

    Attributes
    ----------
    rows : list of list
        All rows from the first; None is an empty cell.
    merged : list of str
        Ranges such as ``A2:L2``.
    widths : list of float
        Of the columns, in characters.
    head_row : int
        Number of the row of heads, from 1.
    """

    rows: list[list[Cell]]
    merged: list[str]
    widths: list[float]
    head_row: int = 3


def ledger_grid(
    frame: pd.DataFrame,
    *,
    title: str = LEDGER_TITLE,
    pianqu: Sequence[str | None] | None = None,
) -> Grid:
    """Lay compounds out as a ledger.

    Parameters
    ----------
    frame : DataFrame
        Columns of the compounds layer, yuan and ㎡.
    title : str
        Title of the table.
    pianqu : sequence of str or None, optional
        Name of the 片区 of each row; adds a column 片区 at the end.

    Returns
    -------
    Grid
        Money in 万元 and area in 万㎡, exact; unknown is an empty cell, no money is "/".
    """
    columns = _columns(frame)
    if pianqu is not None:
        columns.append(Column(head="片区", cells=list(pianqu), width=14))
    last = _letter(len(columns))
    rows: list[list[Cell]] = [[_ATTACHMENT], [title], [column.head for column in columns]]
    rows += [list(row) for row in zip(*(column.cells for column in columns), strict=True)]
    rows.append([_TOTAL, *(column.total for column in columns[1:])])
    return Grid(
        rows=rows,
        merged=[f"A2:{last}2", f"A{len(rows)}:C{len(rows)}"],
        widths=[column.width for column in columns],
    )


def _columns(frame: pd.DataFrame) -> list[Column]:
    text, count, money = _text(frame), _count(frame), _money(frame)
    kinds = set(frame["kind"].dropna()) - {COMPOUND_KINDS[0]} if "kind" in frame else set()
    grants = grant_yuan(frame)
    wanted: list[Column | None] = [
        Column(head="序号", cells=list(range(1, len(frame) + 1)), width=6),
        Column(head="所在街道\n及社区", cells=_places(frame), width=18),
        text("小区名称", "name", 20, always=True),
        text("类型", "kind", 10) if kinds else None,
        count("居民户\n数（户）", "households", always=True),
        count("楼栋数\n（栋）", "building_count", always=True),
        _area(frame),
        _built(frame),
        text("计划改造内容", "works_text", 48, always=True),
        money("预计投资\n额（万元）", "investment_yuan", always=True),
        money("中央财政补助\n资金（万元）", "grant_central_yuan", always=True),
        money("省级专项资\n金（万元）", "grant_provincial_yuan", always=True),
        money("市级补助资\n金（万元）", "grant_city_yuan"),
        money("区县补助资\n金（万元）", "grant_district_yuan"),
        _money_column("合计补助\n（万元）", grants),
        money("居民出资\n（万元）", "contribution_residents_yuan"),
        money("专营单位出\n资（万元）", "contribution_utilities_yuan"),
        money("原产权单位\n出资（万元）", "contribution_former_owner_yuan"),
        money("社会资本\n（万元）", "contribution_private_yuan"),
        money("专项债\n（万元）", "contribution_bond_yuan"),
        count("现状停车\n位（个）", "stalls_existing"),
        count("新增停车\n位（个）", "stalls_new"),
        text("审核编号", "review_number", 14),
        text("备注", "remarks", 20, always=True),
    ]
    return [column for column in wanted if column is not None]


def _text(frame: pd.DataFrame) -> Callable[..., Column | None]:
    def column(head: str, name: str, width: float, *, always: bool = False) -> Column | None:
        cells = _cells(frame, name)
        if not always and all(cell is None for cell in cells):
            return None
        return Column(head=head, cells=cells, width=width)

    return column


def _count(frame: pd.DataFrame) -> Callable[..., Column | None]:
    def column(head: str, name: str, *, always: bool = False) -> Column | None:
        cells = [None if cell is None else int(cell) for cell in _cells(frame, name)]
        known = [cell for cell in cells if cell is not None]
        if not always and not known:
            return None
        shown: list[Cell] = ["/" if cell == 0 and not always else cell for cell in cells]
        return Column(head=head, cells=shown, total=sum(known) if known else None)

    return column


def _money(frame: pd.DataFrame) -> Callable[..., Column | None]:
    def column(head: str, name: str, *, always: bool = False) -> Column | None:
        cells = _cells(frame, name)
        if not always and all(cell is None for cell in cells):
            return None
        return _money_column(head, cells)

    return column


def _money_column(head: str, values: Any) -> Column:
    yuan = [None if _missing(value) else int(value) for value in values]
    known = [value for value in yuan if value is not None]
    cells: list[Cell] = [_wan(value, none="/") for value in yuan]
    return Column(head=head, cells=cells, total=_wan(sum(known)) if known else None, width=12)


def _area(frame: pd.DataFrame) -> Column:
    cells = [
        None if cell is None else Decimal(str(cell)) for cell in _cells(frame, "floor_area_m2")
    ]
    known = [cell for cell in cells if cell is not None]
    return Column(
        head="住宅建筑面积\n（万平方米）",
        cells=[None if cell is None else _number(cell / _WAN) for cell in cells],
        total=_number(sum(known, Decimal(0)) / _WAN) if known else None,
        width=12,
    )


def _built(frame: pd.DataFrame) -> Column | None:
    dates = _cells(frame, "built_on")
    if all(date is None for date in dates):
        return None
    bare = frame["built_on_is_year"] if "built_on_is_year" in frame else [False] * len(frame)
    cells: list[Cell] = [
        int(str(date)[:4]) if date is not None and is_year is not pd.NA and is_year else date
        for date, is_year in zip(dates, bare, strict=True)
    ]
    return Column(head="建成\n日期", cells=cells, width=12)


def _places(frame: pd.DataFrame) -> list[Cell]:
    pairs = zip(_cells(frame, "subdistrict"), _cells(frame, "community"), strict=True)
    return ["".join(str(part) for part in pair if part is not None) or None for pair in pairs]


def _cells(frame: pd.DataFrame, name: str) -> list[Any]:
    if name not in frame:
        return [None] * len(frame)
    return [None if _missing(value) else value for value in frame[name].tolist()]


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _wan(yuan: int | None, *, none: str | int = 0) -> Cell:
    if yuan is None:
        return None
    return none if yuan == 0 else _number(Decimal(yuan) / _WAN)


def _number(value: Decimal) -> int | float:
    """Write 40 as 40 and 400.8 as 400.8, with the 15 digits that a spreadsheet keeps."""
    return int(value) if value == value.to_integral_value() else float(f"{value:.15g}")


def _letter(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

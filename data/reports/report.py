"""A report before it is a file: title, columns, rows and what they rest on.

Names and remarks come from ledgers and are hostile: whatever XML does not carry is shown as � here, once for
both formats, and nothing in a report is ever a formula, a field or markup.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from errors import ExportError
from policy.wording import format_date

__all__ = ["Cell", "Column", "Origin", "Report", "Row", "lines", "printable", "refuse_long"]

Cell = str | int | float | None
# A text alone is a heading over the rows behind it.
Row = tuple[Cell, ...] | str

# What XML 1.0 does not carry, lone surrogates among it.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# A cell of a spreadsheet holds 32,767 characters; more would be lost without a word.
_MOST_CHARACTERS = 32_000


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a report.

    Attributes
    ----------
    head : str
        With its unit.
    width : float
        In half-width characters; a Chinese character is two.
    middle : bool
        Short values stand in the middle, texts at the left.
    """

    head: str
    width: float
    middle: bool = False


@dataclass(frozen=True, kw_only=True)
class Origin:
    """From what a report was made; it stands in its notes.

    Attributes
    ----------
    plan : str
        Name of the plan.
    revision : int
        修订 of the plan when the report was made: its number of edits, ``Plan.edition``.
    made_on : date
    profile : str
        Title of the rule profile; empty if none was used.
    settings : tuple of str
        What else decided, each in a few words.
    """

    plan: str
    revision: int
    made_on: dt.date
    profile: str = ""
    settings: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """Whole sentence.

        Examples
        --------
        >>> Origin(plan="云城区2024", revision=12, made_on=dt.date(2026, 11, 21), profile="云城方案").note
        '来自计划“云城区2024”的修订 12，规则方案：云城方案。2026年11月21日生成。'
        """
        parts = [
            f"来自计划“{self.plan}”的修订 {self.revision:,}",
            *([f"规则方案：{self.profile}"] if self.profile else []),
            *([f"设置：{'；'.join(self.settings)}"] if self.settings else []),
        ]
        return f"{'，'.join(parts)}。{format_date(self.made_on.isoformat())}生成。"


@dataclass(frozen=True, kw_only=True)
class Report:
    """One table with what stands above and below it.

    Attributes
    ----------
    title : str
    subtitles : tuple of str
        Lines under the title.
    columns : tuple of Column
    rows : tuple
        Tuples of cells, one a column; a text alone is a heading. None is an empty cell.
    notes : tuple of str
        Lines below the table: clauses, settings, revision.
    made_on : date
        Goes into the properties of the file, instead of the clock: the same report is the same file.

    Raises
    ------
    ExportError
        If there is no column, or a row has not one cell a column.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    made_on: dt.date
    subtitles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns:
            raise ExportError(f"报表“{self.title}”没有列，请先选择要输出的内容。")
        wrong = [
            k
            for k, row in enumerate(self.rows, start=1)
            if not isinstance(row, str) and len(row) != len(self.columns)
        ]
        if wrong:
            raise ExportError(
                f"报表“{self.title}”第 {wrong[0]} 行的格数不是 {len(self.columns)}，请重新生成报表。"
            )

    @property
    def body(self) -> tuple[Row, ...]:
        """Rows with every text printable."""
        return tuple(
            printable(row) if isinstance(row, str) else tuple(_cell(cell) for cell in row)
            for row in self.rows
        )

    @property
    def heads(self) -> tuple[str, ...]:
        """Heads of the columns, printable."""
        return tuple(printable(column.head) for column in self.columns)


def printable(text: str) -> str:
    r"""Text that every file carries: what XML does not is shown as �, line ends are one sign.

    Examples
    --------
    >>> printable("甲\x00乙\r\n丙")
    '甲�乙\n丙'
    """
    plain = _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(plain) <= _MOST_CHARACTERS:
        return plain
    return f"{plain[:_MOST_CHARACTERS]}……（原文 {len(plain)} 字，此处只列前 {_MOST_CHARACTERS} 字）"


def lines(texts: Sequence[str]) -> list[str]:
    """Give printable lines, the empty ones left out."""
    return [printable(text) for text in texts if text.strip()]


def refuse_long(report: Report, most: int, advice: str) -> None:
    """Refuse a report that nobody reads on paper, before it takes minutes to write.

    Raises
    ------
    ExportError
        If it has more than `most` rows.
    """
    if len(report.rows) > most:
        raise ExportError(
            f"报表“{printable(report.title)}”有 {len(report.rows)} 行，这种文件最多 {most} 行；{advice}。"
        )


def _cell(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return printable(cell)
    # NaN is unknown; a file has no sign for it.
    return None if cell is None or cell != cell else cell  # noqa: PLR0124

"""A report as docx: A4 landscape, Chinese fonts, the head row repeated, pages numbered."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from data.reports.archive import timeless
from data.reports.report import Cell, Report, lines, printable, refuse_long

__all__ = ["to_docx"]

_BODY, _HEADING, _LATIN = "宋体", "黑体", "Times New Roman"
_LONG, _SHORT, _MARGIN = Mm(297), Mm(210), Mm(18)
_TWIPS_PER_EMU = 1 / 635
_CELL_STYLE = "表格文字"
_GREY = "F2F2F2"
# The format allows no longer property.
_MOST_PROPERTY = 255
_MOST_ROWS = 5_000


def to_docx(report: Report) -> bytes:
    """Write a report as a Word document.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        The same for the same report. Texts are runs of plain text, never fields or markup.

    Raises
    ------
    ExportError
        If it has too many rows.
    """
    refuse_long(report, _MOST_ROWS, "请改用 xlsx 或缩小范围")
    book = Document()
    _set_up_page(book)
    _set_up_styles(book)
    _write_lines(book, [printable(report.title)], size=16, bold=True, middle=True)
    _write_lines(book, lines(report.subtitles), size=11)
    _write_table(book, report)
    _write_lines(book, lines(report.notes), size=9)
    _set_properties(book, report)
    stream = io.BytesIO()
    book.save(stream)
    return timeless(stream.getvalue(), report.made_on)


def _set_up_page(book: Any) -> None:
    section = book.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = _LONG, _SHORT
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("第 ")
    footer._p.append(_field("PAGE"))
    footer.add_run(" 页，共 ")
    footer._p.append(_field("NUMPAGES"))
    footer.add_run(" 页")


def _set_up_styles(book: Any) -> None:
    normal = book.styles["Normal"]
    normal.font.size = Pt(11)
    normal.paragraph_format.space_after = Pt(3)
    _set_fonts(normal, _BODY)
    cells = book.styles.add_style(_CELL_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    cells.base_style = normal
    cells.font.size = Pt(9)
    cells.paragraph_format.space_after = Pt(0)
    _set_fonts(cells, _BODY)


def _set_fonts(style: Any, chinese: str) -> None:
    style.font.name = _LATIN
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), chinese)


def _write_lines(
    book: Any, texts: Sequence[str], *, size: int, bold: bool = False, middle: bool = False
) -> None:
    for text in texts:
        paragraph = book.add_paragraph()
        if middle:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(size), bold
        if bold:
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _HEADING)


def _write_table(book: Any, report: Report) -> None:
    """Add the rows as XML of our own: python-docx looks through all rows for each cell."""
    table = book.add_table(rows=0, cols=len(report.columns))
    table.style = "Table Grid"
    table.autofit = False
    widths = _widths(report)
    for column, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(width))
    looks = [
        _Looks(width, middle=c.middle) for width, c in zip(widths, report.columns, strict=True)
    ]
    heads = [_Looks(width, middle=True, bold=True, fill=_GREY) for width in widths]
    across = _Looks(sum(widths), bold=True, span=len(widths))
    rows = [_row_xml(report.heads, heads, repeated=True)]
    rows += [
        _row_xml([row], [across]) if isinstance(row, str) else _row_xml(row, looks)
        for row in report.body
    ]
    table._tbl.extend(
        parse_xml(f"<w:tbl {nsdecls('w')}>{''.join(rows)}</w:tbl>").findall(qn("w:tr"))
    )


class _Looks:
    """How a cell begins: width, fill, paragraph style, place."""

    def __init__(
        self, width: int, *, middle: bool = False, bold: bool = False, fill: str = "", span: int = 1
    ) -> None:
        self._bold = "<w:rPr><w:b/></w:rPr>" if bold else ""
        self._cell = (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>'
            + (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "")
            + (f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else "")
            + f'<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="{_CELL_STYLE}"/>'
        )
        self._middle = middle

    def xml(self, cell: Cell) -> str:
        """Give the cell, its text escaped."""
        middle = self._middle or not isinstance(cell, str)
        place = '<w:jc w:val="center"/>' if middle else ""
        return f"{self._cell}{place}</w:pPr>{self._run(_text(cell))}</w:p></w:tc>"

    def _run(self, text: str) -> str:
        if not text:
            return ""
        pieces = (
            f'<w:t xml:space="preserve">{escape(line)}</w:t>' if line else ""
            for line in text.split("\n")
        )
        return f"<w:r>{self._bold}{'<w:br/>'.join(pieces)}</w:r>"


def _row_xml(cells: Sequence[Cell], looks: Sequence[_Looks], *, repeated: bool = False) -> str:
    head = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if repeated else ""
    inside = "".join(look.xml(cell) for cell, look in zip(cells, looks, strict=True))
    return f"<w:tr>{head}{inside}</w:tr>"


def _widths(report: Report) -> list[int]:
    """Widths of the columns in twentieths of a point, together the width between the margins."""
    usable = (_LONG - 2 * _MARGIN) * _TWIPS_PER_EMU
    total = sum(column.width for column in report.columns)
    return [int(usable * column.width / total) for column in report.columns]


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return "" if cell is None else str(cell)


def _field(name: str) -> Any:
    return parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="{name}"/>')


def _set_properties(book: Any, report: Report) -> None:
    made = dt.datetime.combine(report.made_on, dt.time())
    properties = book.core_properties
    properties.title = printable(report.title)[:_MOST_PROPERTY]
    properties.author = properties.last_modified_by = "pianqu"
    properties.comments = ""
    properties.language = "zh-CN"
    properties.created = properties.modified = made

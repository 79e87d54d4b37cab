"""The right column of a sheet: totals, the bar of sources, the list, the notes."""

from __future__ import annotations

from matplotlib.patches import Circle

from layers.sheet_page import INK, PALE, Box, Page, fit_line, wrap_lines
from layers.sheet_totals import FundingPart, ListRow, ListTable, TotalRow
from policy.wording import format_share, format_wan

__all__ = [
    "FUNDS_ROW_MM",
    "LIST_HEAD_MM",
    "LIST_ROW_MM",
    "TOTALS_ROW_MM",
    "draw_funds",
    "draw_list",
    "draw_notes",
    "draw_totals",
    "funds_height",
    "heading",
    "totals_height",
]

HEADING_MM = 6.4
TOTALS_ROW_MM = 4.5
FUNDS_ROW_MM = 4.3
LIST_HEAD_MM = HEADING_MM + 4.8
LIST_ROW_MM = 4.3
NOTE_PT = 6.6
# A name in the list gets smaller down to the first, then goes on two lines of the second.
NAME_LEAST_PT = 6.2
SMALL_PT = 5.4
NOTE_LINE_MM = 3.3
PAD_MM = 2.2
GAP_FILL = "#ffffff"


def heading(page: Page, box: Box, words: str, *, note: str = "") -> float:
    """Frame of a part and its heading; returns the height at which the content begins."""
    page.rectangle(box, linewidth=0.4, edgecolor="#888888")
    y = box.top - HEADING_MM / 2
    page.fitted((box.x + PAD_MM, y), words, box.width * 0.62, 9.5, bold=True)
    if note:
        page.fitted((box.right - PAD_MM, y), note, box.width * 0.34, 6.8, align="right", color=PALE)
    return box.top - HEADING_MM


def totals_height(rows: list[TotalRow]) -> float:
    """Height that the totals need."""
    return HEADING_MM + len(rows) * TOTALS_ROW_MM + 1.4


def draw_totals(page: Page, box: Box, rows: list[TotalRow]) -> None:
    """Totals: words left, figure right of the middle, unknown counts beside it."""
    y = heading(page, box, "概况")
    figures = box.x + box.width * 0.68
    for row in rows:
        y -= TOTALS_ROW_MM
        middle = y + TOTALS_ROW_MM / 2
        page.line((box.x + PAD_MM, y), (box.right - PAD_MM, y), color="#dddddd", linewidth=0.3)
        page.text((box.x + PAD_MM, middle), row.title, 8)
        page.fitted((figures, middle), row.figure, box.width * 0.28, 8.5, align="right", bold=True)
        if row.unknown:
            words = f"{row.unknown:,} 个小区未知"
            place = (box.right - PAD_MM, middle)
            page.fitted(place, words, box.width * 0.29, 6.8, align="right", color=PALE)


def funds_height(parts: list[FundingPart]) -> float:
    """Height that the bar of sources and its words need."""
    return HEADING_MM + (7.5 + -(-len(parts) // _columns(parts)) * FUNDS_ROW_MM if parts else 5.0)


def draw_funds(page: Page, box: Box, parts: list[FundingPart]) -> None:
    """One bar of all sources; the gap is the hatched end of it."""
    total = sum(part.yuan for part in parts)
    note = f"合计 {format_wan(total)} 万元" if parts else ""
    y = heading(page, box, "资金来源", note=note)
    if not parts:
        page.text((box.x + PAD_MM, y - 2.2), "资金来源未知：台账没有补助和出资。", 8, color=PALE)
        return
    inner = box.inset(PAD_MM)
    x = inner.x
    for part in parts:
        width = inner.width * part.yuan / total
        _swatch(page, Box(x=x, y=y - 5.4, width=width, height=5.0), part.color)
        x += width
    columns = _columns(parts)
    for at, part in enumerate(parts):
        row, column = divmod(at, columns)
        left = inner.x + column * inner.width / columns
        middle = y - 7.2 - (row + 0.5) * FUNDS_ROW_MM + 0.6
        _swatch(page, Box(x=left, y=middle - 1.3, width=3.4, height=2.6), part.color)
        share = format_share(part.yuan / total)
        words = f"{part.title} {format_wan(part.yuan)} 万元（{share}）"
        page.fitted((left + 4.4, middle), words, inner.width / columns - 5, 7.4)


def _columns(parts: list[FundingPart]) -> int:
    """Two columns of words, three when there are many sources: the list below needs the room."""
    return 2 if len(parts) <= 6 else 3


def draw_list(page: Page, box: Box, table: ListTable) -> None:
    """Draw the list of compounds or groups, figures aligned right."""
    y = heading(page, box, table.title)
    inner = box.inset(PAD_MM)
    rights = _column_rights(inner, len(table.heads))
    y -= LIST_HEAD_MM - HEADING_MM
    for at, (head, right) in enumerate(zip(table.heads, rights, strict=True)):
        left = inner.x + 6 if at == 0 else right
        page.text((left, y + 2.4), head, 7, align="right" if at else "left", color=PALE)
    page.line((inner.x, y), (inner.right, y), color="#888888", linewidth=0.4)
    for row in table.rows:
        _draw_row(page, inner, y - LIST_ROW_MM, rights, row)
        y -= LIST_ROW_MM


def draw_notes(page: Page, box: Box, notes: list[str]) -> None:
    """Say in small type where the figures come from, as many lines as there is room for."""
    y = heading(page, box, "说明")
    width = box.width - 2 * PAD_MM
    room = int((y - box.y - 1.0) / NOTE_LINE_MM)
    lines: list[str] = []
    for at, note in enumerate(notes):
        left = max(1, room - len(lines) - (len(notes) - at - 1))
        lines += wrap_lines(f"{at + 1}. {note}", width, NOTE_PT, most=min(3, left))
    for at, line in enumerate(lines[:room]):
        place = (box.x + PAD_MM, y - (at + 0.5) * NOTE_LINE_MM)
        page.text(place, line, NOTE_PT, color=PALE)


def _column_rights(inner: Box, count: int) -> list[float]:
    """Right ends of the columns; the first takes what the figures leave."""
    widths = {4: (None, 16.0, 22.0, 19.0), 5: (None, 13.0, 17.0, 23.0, 18.0)}[count]
    rest = inner.width - sum(width for width in widths if width)
    rights, x = [], inner.x
    for width in widths:
        x += width or rest
        rights.append(x)
    return rights


def _draw_row(page: Page, inner: Box, y: float, rights: list[float], row: ListRow) -> None:
    middle = y + LIST_ROW_MM / 2
    page.line((inner.x, y), (inner.right, y), color="#e4e4e4", linewidth=0.3)
    if row.mark:
        circle = Circle((inner.x + 2, middle), 1.75, facecolor="white", edgecolor=INK, lw=0.5)
        page.furniture.add_patch(circle)
        page.text((inner.x + 2, middle), row.mark, 6.2, align="center", bold=True)
    elif row.color:
        _swatch(
            page, Box(x=inner.x + 0.4, y=middle - 1.3, width=3.6, height=2.6), row.color, row.edge
        )
    _draw_name(page, (inner.x + 6, middle), row.cells[0], rights[0] - inner.x - 7)
    for right, left, cell in zip(rights[1:], rights, row.cells[1:], strict=False):
        page.fitted((right, middle), cell, right - left - 1, 7.8, align="right")


def _draw_name(page: Page, at: tuple[float, float], name: str, width_mm: float) -> None:
    """Write a name in one line, or a long one in two small lines."""
    x, middle = at
    line, size = fit_line(name, width_mm, 7.8, least_pt=NAME_LEAST_PT)
    if line == name:
        page.text((x, middle), name, size)
        return
    lines = wrap_lines(name, width_mm, SMALL_PT, most=2)
    for line, up in zip(lines, (1.0, -1.05) if len(lines) == 2 else (0.0,), strict=True):
        page.text((x, middle + up), line, SMALL_PT)


def _swatch(page: Page, box: Box, color: str | None, edge: str = "#555555") -> None:
    hatch = None if color else "//////"
    width = 0.4 if edge == "#555555" else 0.9
    page.rectangle(box, facecolor=color or GAP_FILL, edgecolor=edge, linewidth=width, hatch=hatch)

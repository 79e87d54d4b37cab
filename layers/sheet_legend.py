"""Legend of a sheet, in a box of fixed size: classes with counts, then the other signs of the map."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from layers.scale import LegendRow
from layers.sheet_content import SheetContent
from layers.sheet_map import BASE_STYLES, EDGE, PIANQU_EDGE, SCHEMATIC_EDGE
from layers.sheet_page import PALE, Box, Page
from layers.sheet_tables import PAD_MM, heading

__all__ = ["LEGEND_MM", "draw_legend", "legend_rows"]

# The same on every sheet, so that sheets laid side by side compare.
LEGEND_MM = 69.5
ROW_MM = 4.7
ONE_COLUMN = 9
BASE_TITLES = {"buildings": "建筑", "roads": "道路", "green": "绿地", "water": "水系"}


def draw_legend(page: Page, box: Box, content: SheetContent, shown: Collection[str]) -> None:
    """Draw classes above, signs below.

    Parameters
    ----------
    page, box : Page, Box
        Where.
    content : SheetContent
        The painted theme and what else is on the map.
    shown : collection of str
        Base layers inside the frame, and ``pianqu`` if outlines are drawn.
    """
    painted = content.painted
    unit = f"（{painted.unit}）" if painted.unit else ""
    y = heading(page, box, f"图例：{painted.title}{unit}", note="小区数")
    rows = legend_rows(painted.legend, most=2 * ONE_COLUMN)
    columns = 1 if len(rows) <= ONE_COLUMN else 2
    width = (box.width - 2 * PAD_MM) / columns
    for at, row in enumerate(rows):
        column, line = divmod(at, ONE_COLUMN)
        place = Box(
            x=box.x + PAD_MM + column * width,
            y=y - (line + 1) * ROW_MM,
            width=width - (6.0 if columns > 1 and column == 0 else 0.0),
            height=ROW_MM,
        )
        _draw_row(page, place, row)
    _draw_signs(page, Box(x=box.x, y=box.y, width=box.width, height=20.0), content, shown)


def legend_rows(legend: list[LegendRow], *, most: int) -> list[LegendRow]:
    """At most ``most`` rows: empty classes go first, then the least are put into one line."""
    if len(legend) <= most:
        return legend
    rows = [row for row in legend if row.count]
    if len(rows) <= most:
        return rows
    kept = sorted(rows, key=lambda row: (row.pattern == "solid", -(row.count or 0)))[: most - 1]
    rest = sum(row.count or 0 for row in rows) - sum(row.count or 0 for row in kept)
    words = f"其余 {len(rows) - len(kept)} 类（见图上名称）"
    ordered = [row for row in rows if row in kept]
    return [
        *ordered,
        LegendRow(class_index=-1, color="#ffffff", label=words, count=rest, pattern="blank"),
    ]


def _draw_row(page: Page, place: Box, row: LegendRow) -> None:
    _, middle = place.middle
    if row.pattern != "blank":
        page.rectangle(
            Box(x=place.x, y=middle - 1.6, width=7.0, height=3.2),
            facecolor="none" if row.pattern == "none" else row.color,
            edgecolor="#8a8a8a" if row.pattern == "hatch" else EDGE,
            hatch="//////" if row.pattern == "hatch" else None,
            linewidth=0.45,
        )
    page.fitted((place.x + 9.0, middle), row.label, place.width - 22, 8)
    if row.count is not None:
        page.text((place.right, middle), f"{row.count:,}", 8, align="right")


def _draw_signs(page: Page, box: Box, content: SheetContent, shown: Collection[str]) -> None:
    """Boundaries and base layers, three to a line."""
    signs: list[tuple[str, dict[str, Any]]] = [
        ("小区边界", {"facecolor": "#ffffff", "edgecolor": EDGE, "linewidth": 0.6})
    ]
    if content.schematic.any():
        style = {"facecolor": "#ffffff", "edgecolor": SCHEMATIC_EDGE, "linewidth": 1.0}
        signs.append(("示意边界（未测量）", {**style, "linestyle": (0, (4, 2))}))
    if "pianqu" in shown:
        style = {"facecolor": "#ffffff", "edgecolor": PIANQU_EDGE, "linewidth": 1.5}
        signs.append(("片区界线", style))
    signs += [
        (title, {**BASE_STYLES[name], "zorder": 1})
        for name, title in BASE_TITLES.items()
        if name in shown
    ]
    page.line((box.x, box.top), (box.right, box.top), color="#cccccc", linewidth=0.3)
    width = (box.width - 2 * PAD_MM) / 3
    for at, (title, style) in enumerate(signs):
        line, column = divmod(at, 3)
        x = box.x + PAD_MM + column * width
        middle = box.top - 3.8 - line * 5.6
        page.rectangle(Box(x=x, y=middle - 1.6, width=7.0, height=3.2), **style)
        page.fitted((x + 8.2, middle), title, width - 9.5, 7.2, color=PALE)

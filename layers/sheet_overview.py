"""总图: one A3 sheet of the current map with legend, totals, sources and list."""

from __future__ import annotations

import geopandas as gpd
from matplotlib.figure import Figure

from layers.fonts import MISSING, printable
from layers.sheet_content import SheetContent
from layers.sheet_furniture import (
    draw_arrow,
    draw_frame,
    draw_schematic,
    draw_strip,
    draw_title,
    paper_boxes,
)
from layers.sheet_labels import Taken, label_compounds, label_pianqu, number_compounds
from layers.sheet_legend import LEGEND_MM, draw_legend
from layers.sheet_map import OUTLINE_REACH_M, draw_map, plane_frames, shown_base
from layers.sheet_page import Box, Page
from layers.sheet_scale import MapView, map_view
from layers.sheet_tables import (
    LIST_HEAD_MM,
    LIST_ROW_MM,
    draw_funds,
    draw_list,
    draw_notes,
    draw_totals,
    funds_height,
    totals_height,
)
from layers.sheet_totals import ListTable, funding_parts, list_table, total_rows

__all__ = ["MAP_FRAME", "compose", "notes", "overview_page"]

MAP_FRAME = Box(x=10.0, y=24.0, width=286.0, height=250.0)
TITLE = Box(x=10.0, y=276.0, width=400.0, height=14.0)
STRIP = Box(x=10.0, y=9.0, width=400.0, height=13.0)
COLUMN = Box(x=299.0, y=24.0, width=111.0, height=250.0)
GAP_MM = 2.0
NOTES_MM = 24.5


def compose(content: SheetContent) -> list[Figure]:
    """Figures of the sheet, one a page."""
    return [overview_page(content).figure]


def overview_page(content: SheetContent) -> Page:
    """Lay the sheet out.

    Parameters
    ----------
    content : SheetContent
        Already checked.

    Returns
    -------
    Page
        With every part's box.
    """
    page = Page()
    plane = plane_frames(content)
    bounds = plane["compounds"].geometry[content.drawn].total_bounds
    view = map_view(tuple(bounds), page.place("map", MAP_FRAME))
    draw_map(page.map_axes(MAP_FRAME), content, view, plane)
    draw_title(page, page.place("title", TITLE), content)
    draw_strip(page, page.place("strip", STRIP), content, view)
    table = _room_for_list(content)
    unnamed = _draw_on_map(page, content, view, plane, numbered=table.numbered)
    shown = {*shown_base(plane, view), *(("pianqu",) if "pianqu" in plane else ())}
    _draw_column(page, content, table, shown, unnamed)
    draw_frame(page, MAP_FRAME)
    return page


def _draw_on_map(
    page: Page,
    content: SheetContent,
    view: MapView,
    plane: dict[str, gpd.GeoDataFrame],
    *,
    numbered: bool,
) -> int:
    """Arrow and stamp in empty corners, then labels round them; returns 片区 without a label."""
    compounds = plane["compounds"]
    crowd = paper_boxes(compounds.geometry.to_numpy(), view)
    taken = Taken(MAP_FRAME.inset(1.0))
    arrow = page.place("arrow", draw_arrow(page, MAP_FRAME, [], crowd))
    stamp = draw_schematic(page, MAP_FRAME, content, [arrow], crowd)
    for box in (arrow, stamp):
        if box is not None:
            taken.take(box)
    if stamp is not None:
        page.place("schematic", stamp)
    if numbered:
        number_compounds(page, compounds, view, taken)
    unnamed = label_pianqu(page, plane["pianqu"], view, taken) if "pianqu" in plane else 0
    label_compounds(page, compounds, view, taken, marks=content.marks)
    return unnamed


def _heights(content: SheetContent) -> dict[str, float]:
    """Parts of the right column above the list."""
    return {
        "legend": LEGEND_MM,
        "totals": totals_height(total_rows(content.compounds)),
        "funds": funds_height(funding_parts(content.compounds)),
    }


def _room_for_list(content: SheetContent) -> ListTable:
    """Make the list as long as the other parts leave room for."""
    room = COLUMN.height - sum(_heights(content).values()) - GAP_MM * 4 - NOTES_MM
    most = int((room - LIST_HEAD_MM - 1.0) / LIST_ROW_MM)
    return list_table(content.compounds, content.pianqu, content.drawn, most=most)


def _draw_column(
    page: Page, content: SheetContent, table: ListTable, shown: set[str], unnamed: int
) -> None:
    """Right column from top to bottom; the notes get the room that is left."""
    heights = _heights(content)
    heights["list"] = LIST_HEAD_MM + len(table.rows) * LIST_ROW_MM + 1.0
    heights["notes"] = COLUMN.height - sum(heights.values()) - GAP_MM * 4
    top, boxes = COLUMN.top, {}
    for name, height in heights.items():
        box = Box(x=COLUMN.x, y=top - height, width=COLUMN.width, height=height)
        boxes[name] = page.place(name, box)
        top -= height + GAP_MM
    draw_legend(page, boxes["legend"], content, shown)
    draw_totals(page, boxes["totals"], total_rows(content.compounds))
    draw_funds(page, boxes["funds"], funding_parts(content.compounds))
    draw_list(page, boxes["list"], table)
    draw_notes(page, boxes["notes"], notes(content, unnamed))


def notes(content: SheetContent, unnamed_pianqu: int) -> list[str]:
    """Say what a reader must know about the figures, weightiest first."""
    said = []
    without = int((~content.drawn).sum())
    if without:
        said.append(f"{without:,} 个小区没有边界，未上图；台账数字仍计入概况。")
    rare = _unprintable(content)
    if rare:
        said.append(f"字库缺字以“{MISSING}”代替：{rare} 处。")
    if unnamed_pianqu:
        said.append(f"{unnamed_pianqu:,} 个片区的名称因位置不足未标注。")
    if content.pianqu is not None and len(content.pianqu):
        said.append(
            f"片区界线为成员小区的外围线，间隔约 {2 * OUTLINE_REACH_M:.0f} 米以内连成一圈。"
        )
    if content.zone.straddles:
        said.append("方案跨投影带：图面按上述一个带绘制，带外长度、面积有变形。")
    limits = "；各级含下限、不含上限" if getattr(content.painted.scale, "breaks", ()) else ""
    return [
        *said,
        f"着色：{content.painted.settings}{limits}。",
        *content.settings,
        "资金缺口＝投资－补助－出资，来源全部未知的小区不计；户均按投资与户数均已知的小区计算。",
    ]


def _unprintable(content: SheetContent) -> int:
    texts = [content.title, content.plan_name, content.maker, *content.compounds["name"].dropna()]
    return sum(printable(text).count(MISSING) - str(text).count(MISSING) for text in texts)

"""What stands round and on the map: title, frame, bottom strip with scale bar, arrow, stamps."""

from __future__ import annotations

import numpy as np
import shapely
from matplotlib.patches import Polygon

from layers.fonts import printable
from layers.scale import plain_number
from layers.sheet_content import SheetContent
from layers.sheet_map import SCHEMATIC_EDGE
from layers.sheet_page import INK, PALE, Box, Page
from layers.sheet_scale import MapView, bar_lengths_m

__all__ = ["STAMP", "draw_arrow", "draw_frame", "draw_schematic", "draw_strip", "draw_title"]

STAMP = "内部用图"
ARROW_MM = (13.0, 21.0)
SCHEMATIC_HEIGHT_MM = 9.0
CORNER_MM = 3.0


def draw_title(page: Page, box: Box, content: SheetContent) -> None:
    """Draw 图名 in the middle, as large as fits."""
    page.fitted(box.middle, content.title, box.width, 24, align="center", bold=True)


def draw_frame(page: Page, frame: Box) -> None:
    """Draw the heavy line round the map."""
    page.rectangle(frame, linewidth=1.2, zorder=30)


def draw_strip(page: Page, box: Box, content: SheetContent, view: MapView) -> None:
    """Draw the bottom strip: scale, coordinate system, plan, maker, date, stamp."""
    page.rectangle(box, linewidth=0.8)
    zone = content.zone
    cells = (
        (108.0, None),
        (
            80.0,
            (
                f"坐标系：CGCS2000 / 3度带 {zone.zone}带",
                f"高斯—克吕格投影，中央经线 {zone.central_meridian}°，EPSG:{zone.epsg}",
            ),
        ),
        (98.0, (f"方案：{content.plan_name}", f"数据版本：修订 {content.revision}")),
        (
            74.0,
            (f"制图：{printable(content.maker) or '未填写'}", f"日期：{_chinese_date(content)}"),
        ),
        (40.0, None),
    )
    x = box.x
    for width, lines in cells:
        cell = Box(x=x, y=box.y, width=width, height=box.height)
        x += width
        page.line((x, box.y), (x, box.top), linewidth=0.5)
        if lines:
            _two_lines(page, cell, lines)
    _draw_bar(page, Box(x=box.x, y=box.y, width=cells[0][0], height=box.height), view)
    _draw_stamp(page, Box(x=x - 40.0, y=box.y, width=40.0, height=box.height), content)


def draw_arrow(page: Page, frame: Box, taken: list[Box], crowd: np.ndarray) -> Box:
    """Grid north in the emptiest corner of the map; returns where."""
    box = _emptiest_corner(frame, ARROW_MM, taken, crowd, prefer=("ne", "nw", "se", "sw"))
    page.rectangle(box, facecolor="#ffffffdd", edgecolor="#aaaaaa", linewidth=0.3, zorder=31)
    x, top, foot = box.middle[0], box.top - 1.5, box.y + 7.0
    middle = foot + (top - foot) * 0.25
    for side, fill in ((-1, INK), (1, "white")):
        page.furniture.add_patch(
            Polygon(
                [(x, top), (x + side * 4.0, foot), (x, middle)],
                facecolor=fill,
                edgecolor=INK,
                linewidth=0.6,
                zorder=32,
            )
        )
    page.text((x, box.y + 4.9), "N", 8, align="center", bold=True, zorder=32)
    page.text((x, box.y + 1.9), "坐标北", 6.5, align="center", zorder=32)
    return box


def draw_schematic(
    page: Page, frame: Box, content: SheetContent, taken: list[Box], crowd: np.ndarray
) -> Box | None:
    """Say on the map itself that boundaries are schematic; returns where, None if none is."""
    count = int(content.schematic.sum())
    if not count:
        return None
    words = f"示意：{count:,} 个小区的边界未经测量，不作为依据"
    if count == content.drawn.sum():
        words = "示意：全部小区边界未经测量，不作为依据"
    size = (82.0, SCHEMATIC_HEIGHT_MM)
    box = _emptiest_corner(frame, size, taken, crowd, prefer=("sw", "se", "nw", "ne"))
    page.rectangle(box, facecolor="#ffffffe8", edgecolor=SCHEMATIC_EDGE, linewidth=1.2, zorder=31)
    style = {"align": "center", "bold": True, "color": SCHEMATIC_EDGE, "zorder": 32}
    page.fitted(box.middle, words, box.width - 5, 10, **style)
    return box


def _chinese_date(content: SheetContent) -> str:
    day = content.made_on
    return f"{day.year}年{day.month}月{day.day}日"


def _two_lines(page: Page, cell: Box, lines: tuple[str, str]) -> None:
    for at, line in enumerate(lines):
        y = cell.y + cell.height * (0.70 if at == 0 else 0.27)
        page.fitted((cell.x + 2.5, y), line, cell.width - 4, 8.2 if at == 0 else 7.6)


def _draw_bar(page: Page, box: Box, view: MapView) -> None:
    """Scale in figures and a bar that is true on paper."""
    middle = box.y + box.height / 2
    words = f"比例尺 1:{view.denominator:,}"
    page.fitted((box.x + 2.5, middle), words, 33, 9.5, bold=True)
    step_m, parts = bar_lengths_m(view.denominator, 58.0)
    width = step_m / view.metres_per_mm
    left, y = box.x + 39.0, box.y + 4.0
    for part in range(parts):
        piece = Box(x=left + part * width, y=y, width=width, height=1.7)
        page.rectangle(piece, facecolor=INK if part % 2 == 0 else "white", linewidth=0.5)
    per, unit = (1_000.0, "千米") if step_m >= 1_000 else (1.0, "米")
    for mark in range(parts + 1):
        figure = plain_number(step_m * mark / per)
        page.text((left + mark * width, y + 3.6), figure, 6.5, align="center")
    page.text((left + parts * width + 2.0, y + 0.9), unit, 6.5)


def _draw_stamp(page: Page, box: Box, content: SheetContent) -> None:
    """审图号 for the public, else 内部用图: one of the two is on every sheet."""
    if content.review_number:
        page.text((box.middle[0], box.y + box.height * 0.70), "审图号", 8, align="center")
        at = (box.middle[0], box.y + box.height * 0.28)
        page.fitted(at, content.review_number, box.width - 4, 9, align="center", bold=True)
        return
    frame = Box(x=box.x + 6, y=box.y + 1.8, width=box.width - 12, height=box.height - 3.6)
    page.rectangle(frame, edgecolor=SCHEMATIC_EDGE, linewidth=1.3)
    page.text(frame.middle, STAMP, 12, align="center", bold=True, color=SCHEMATIC_EDGE)


def _emptiest_corner(
    frame: Box,
    size: tuple[float, float],
    taken: list[Box],
    crowd: np.ndarray,
    *,
    prefer: tuple[str, ...],
) -> Box:
    """Corner with the fewest boundaries under it, of those not taken by other furniture."""
    width, height = size
    corners = {
        f"{v}{h}": Box(
            x=frame.x + CORNER_MM if h == "w" else frame.right - CORNER_MM - width,
            y=frame.y + CORNER_MM if v == "s" else frame.top - CORNER_MM - height,
            width=width,
            height=height,
        )
        for v in "sn"
        for h in "we"
    }
    free = [c for c in prefer if not any(corners[c].overlaps(box) for box in taken)] or [prefer[-1]]
    return corners[min(free, key=lambda c: (_covered(corners[c], crowd), prefer.index(c)))]


def _covered(box: Box, crowd: np.ndarray) -> int:
    """Boundaries (paper boxes: x0, y0, x1, y1) that reach under a box."""
    inside = (
        (crowd[:, 0] < box.right)
        & (crowd[:, 2] > box.x)
        & (crowd[:, 1] < box.top)
        & (crowd[:, 3] > box.y)
    )
    return int(inside.sum())


def paper_boxes(geoms: np.ndarray, view: MapView) -> np.ndarray:
    """Bounding boxes of geometries on paper, those without geometry left out."""
    bounds = shapely.bounds(geoms)
    bounds = bounds[~np.isnan(bounds).any(axis=1)]
    left, low = view.to_paper(bounds[:, 0], bounds[:, 1])
    right, high = view.to_paper(bounds[:, 2], bounds[:, 3])
    return np.column_stack((left, low, right, high))


__all__ += ["PALE", "paper_boxes"]

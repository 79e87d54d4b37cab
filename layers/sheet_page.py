"""The paper: A3 landscape in millimetres, boxes on it, and text that fits its box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from layers.fonts import MM_PER_POINT, font, printable, text_width_mm

__all__ = ["INK", "PALE", "PAPER_MM", "Box", "Page", "fit_line", "wrap_lines"]

PAPER_MM = (420.0, 297.0)
MM_PER_INCH = 25.4
INK = "#222222"
PALE = "#6b6b6b"
ELLIPSIS = "…"
# Middle of a line of Chinese text and figures above its baseline, in ems.
MIDDLE_EM = 0.36
# Punctuation that does not begin a line.
CLOSING = "，。；：、！？）》”’〕】%"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle on the paper in millimetres from its lower left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def inset(self, by_mm: float) -> Box:
        """Smaller by a margin on all sides."""
        return Box(
            x=self.x + by_mm,
            y=self.y + by_mm,
            width=self.width - 2 * by_mm,
            height=self.height - 2 * by_mm,
        )

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.x < other.right - 1e-6
            and other.x < self.right - 1e-6
            and self.y < other.top - 1e-6
            and other.y < self.top - 1e-6
        )


class Page:
    """One sheet of paper.

    Attributes
    ----------
    figure : Figure
        Without pyplot, so that sheets of several sessions do not meet.
    furniture : Axes
        The whole paper in millimetres, over the map.
    boxes : dict of str to Box
        Where the parts stand; tests look here for overlaps.
    """

    def __init__(self) -> None:
        self.figure = Figure(figsize=(PAPER_MM[0] / MM_PER_INCH, PAPER_MM[1] / MM_PER_INCH))
        self.furniture: Axes = self.figure.add_axes((0, 0, 1, 1), zorder=10)
        self.furniture.set(xlim=(0, PAPER_MM[0]), ylim=(0, PAPER_MM[1]))
        self.furniture.set_axis_off()
        self.boxes: dict[str, Box] = {}

    def place(self, name: str, box: Box) -> Box:
        """Remember where a part stands."""
        self.boxes[name] = box
        return box

    def map_axes(self, box: Box) -> Axes:
        """Axes of the map, under the furniture."""
        rect = (
            box.x / PAPER_MM[0],
            box.y / PAPER_MM[1],
            box.width / PAPER_MM[0],
            box.height / PAPER_MM[1],
        )
        axes: Axes = self.figure.add_axes(rect, zorder=1)
        axes.set(xticks=(), yticks=(), facecolor="#fdfdfb")
        for spine in axes.spines.values():
            spine.set_visible(False)
        return axes

    def text(
        self,
        at: tuple[float, float],
        words: object,
        size_pt: float,
        *,
        align: str = "left",
        bold: bool = False,
        color: str = INK,
        **more: Any,
    ) -> Text:
        """One line; ``at`` is its middle height and its left end, middle or right end."""
        x, y = at
        return self.furniture.text(
            x,
            y - MIDDLE_EM * size_pt * MM_PER_POINT,
            printable(words),
            ha=align,
            va="baseline",
            color=color,
            fontproperties=font(size_pt, bold=bold),
            parse_math=False,
            **more,
        )

    def fitted(
        self,
        at: tuple[float, float],
        words: object,
        width_mm: float,
        size_pt: float,
        **style: Any,
    ) -> Text:
        """One line no wider than ``width_mm``: first smaller, then cut with an ellipsis."""
        bold = bool(style.get("bold", False))
        line, size = fit_line(printable(words), width_mm, size_pt, bold=bold)
        return self.text(at, line, size, **style)

    def rectangle(self, box: Box, **style: Any) -> Rectangle:
        """Draw a filled or empty rectangle."""
        style = {"facecolor": "none", "edgecolor": INK, "linewidth": 0.5, **style}
        patch = Rectangle((box.x, box.y), box.width, box.height, **style)
        self.furniture.add_patch(patch)
        return patch

    def line(self, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
        """Draw a straight line."""
        style = {"color": INK, "linewidth": 0.4, "solid_capstyle": "butt", **style}
        self.furniture.plot((start[0], end[0]), (start[1], end[1]), **style)


def fit_line(
    text: str, width_mm: float, size_pt: float, *, bold: bool = False, least_pt: float = 5.5
) -> tuple[str, float]:
    """Text and size that fit: smaller down to ``least_pt``, then cut."""
    width = text_width_mm(text, size_pt, bold=bold)
    if width <= width_mm:
        return text, size_pt
    size = max(least_pt, size_pt * width_mm / width * 0.999)
    if text_width_mm(text, size, bold=bold) <= width_mm:
        return text, size
    while text and text_width_mm(text + ELLIPSIS, size, bold=bold) > width_mm:
        text = text[:-1]
    return text + ELLIPSIS, size


def wrap_lines(text: str, width_mm: float, size_pt: float, *, most: int) -> list[str]:
    """Break Chinese text into at most ``most`` lines; the last is cut if it must be."""
    lines, rest = [], printable(text)
    while rest and len(lines) < most - 1:
        end = _break_at(rest, width_mm, size_pt)
        lines.append(rest[:end])
        rest = rest[end:].lstrip()
    if rest:
        lines.append(fit_line(rest, width_mm, size_pt, least_pt=size_pt)[0])
    return lines


def _break_at(text: str, width_mm: float, size_pt: float) -> int:
    end, width = 0, 0.0
    while end < len(text):
        width += text_width_mm(text[end], size_pt)
        if width > width_mm:
            break
        end += 1
    if end == len(text):
        return end
    back = end
    # Keep figures and Latin words whole, and closing marks with what they close.
    while back > end - 12 and back > 1 and _sticks(text[back - 1], text[back]):
        back -= 1
    return max(back if back > end - 12 else end, 1)


def _sticks(left: str, right: str) -> bool:
    word = left.isascii() and right.isascii() and not left.isspace() and not right.isspace()
    return word or right in CLOSING

"""Print sheets: the list of kinds, and the one door through which a sheet becomes a file.

A new kind is a file that makes figures from a :class:`SheetContent`, and a line in :data:`KINDS`.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from errors import ExportError, PlanningError
from layers import sheet_overview
from layers.fonts import printable, rc_params
from layers.sheet_content import SheetContent, checked

__all__ = ["KINDS", "DrawnSheet", "SheetContent", "SheetKind", "draw_sheet"]

# matplotlib keeps its settings and font caches for the whole process: one sheet at a time.
_DRAWING = threading.Lock()

LEAST_DPI, MOST_DPI = 50, 600


@dataclass(frozen=True, kw_only=True)
class SheetKind:
    """One kind of sheet: its name and what makes its pages."""

    title: str
    compose: Callable[[SheetContent], list[Figure]]


@dataclass(frozen=True, kw_only=True)
class DrawnSheet:
    """A finished sheet."""

    path: Path
    pages: int


KINDS: dict[str, SheetKind] = {
    "总图": SheetKind(title="总图", compose=sheet_overview.compose),
}


def draw_sheet(
    content: SheetContent, out: Path, *, kind: str = "总图", dpi: int = 300
) -> DrawnSheet:
    """Draw a sheet as PDF or PNG; the name appears only when the file is whole.

    Parameters
    ----------
    content : SheetContent
        What to draw.
    out : Path
        Ends in ``.pdf`` (vector, text stays text) or ``.png``. An old file of the name is replaced.
    kind : str
        A key of :data:`KINDS`.
    dpi : int
        Dots to the inch of a PNG and of pictures inside a PDF, 50 to 600.

    Returns
    -------
    DrawnSheet
        The same content gives the same bytes.

    Raises
    ------
    PlanningError
        No boundary to draw, unknown kind, wrong ending or resolution.
    ExportError
        The file could not be written; nothing stands under its name but what was there.
    """
    suffix = _checked_request(out, kind, dpi)
    checked(content)
    with _DRAWING, mpl.rc_context(rc_params), _whole(out) as part:
        figures = KINDS[kind].compose(content)
        if suffix == ".pdf":
            _save_pdf(figures, part, content, dpi)
        else:
            _save_png(figures, part, dpi)
    return DrawnSheet(path=out, pages=len(figures))


def _checked_request(out: Path, kind: str, dpi: int) -> str:
    if kind not in KINDS:
        raise PlanningError(f"没有“{kind}”这种图。可选：{'、'.join(KINDS)}。")
    suffix = out.suffix.lower()
    if suffix not in {".pdf", ".png"}:
        raise PlanningError(f"图纸只能存为 .pdf 或 .png，不能存为“{out.name}”。请改文件名的后缀。")
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise PlanningError(
            f"分辨率 {dpi} 不在 {LEAST_DPI}–{MOST_DPI} dpi 之间，请改填，例如 300。"
        )
    return suffix


def _save_pdf(figures: list[Figure], part: Path, content: SheetContent, dpi: int) -> None:
    # No date: the same plan gives the same file. The date of the sheet stands on it.
    about = {
        "Title": printable(content.title),
        "Author": printable(content.maker),
        "Subject": f"{printable(content.plan_name)} 修订 {content.revision}",
        "Creator": "pianqu",
        "Producer": "matplotlib",
        "CreationDate": None,
    }
    with PdfPages(part, metadata=about) as pages:
        for figure in figures:
            pages.savefig(figure, dpi=dpi)


def _save_png(figures: list[Figure], part: Path, dpi: int) -> None:
    if len(figures) != 1:
        raise PlanningError("多页的图纸请存为 .pdf。")
    figures[0].savefig(part, format="png", dpi=dpi, metadata={"Software": "pianqu"})


@contextlib.contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Write beside, then take the name in one step."""
    part = out.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield part
        part.replace(out)
    except OSError as error:
        raise ExportError(
            f"图纸写不到“{out}”：{error.strerror or error}。请检查文件夹是否存在、是否可写、磁盘是否已满。"
        ) from error
    finally:
        part.unlink(missing_ok=True)

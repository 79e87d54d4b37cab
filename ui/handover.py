"""Steps of the page 出图: files that have been read back, and print sheets, made ready for a download."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.exporting import Exported, export
from data.store import Plan
from layers.sheet import draw_sheet
from ui.sheets import sheet_content

__all__ = [
    "FileOrder",
    "ReadyFile",
    "ReadySheet",
    "SheetOrder",
    "make_file",
    "make_picture",
    "make_sheet",
]

PREVIEW_DPI = 96

Progress = Callable[[float, str], None]


@dataclass(frozen=True, kw_only=True)
class FileOrder:
    """What the planner has asked for.

    Attributes
    ----------
    layer, format, crs : str
        As of :func:`data.exporting.export`; `crs` is empty for formats without coordinates.
    uids : tuple of str or None
        Only these rows; None for all.
    encoding : str
        Of a Shapefile.
    accept_losses : bool
        Whether what the format can not hold may be cut.
    """

    layer: str
    format: str
    crs: str
    uids: tuple[str, ...] | None = None
    encoding: str = "gbk"
    accept_losses: bool = False


@dataclass(frozen=True, kw_only=True)
class ReadyFile:
    """A checked file and its metadata, with the order, revision and edition it answers to."""

    order: FileOrder
    revision: int
    edition: int
    exported: Exported
    contents: dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class SheetOrder:
    """What is to be drawn: see :func:`ui.sheets.sheet_content`."""

    title: str
    theme: str
    made_on: dt.date
    uids: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    options: tuple[tuple[str, object], ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class ReadySheet:
    """A sheet as a picture for the page and as the files for download."""

    order: SheetOrder
    revision: int
    edition: int
    preview: bytes
    pdf: bytes


def make_file(plan: Plan, order: FileOrder, *, actor: str, progress: Progress) -> ReadyFile:
    """Export, and keep what came out in memory until the planner fetches it.

    Parameters
    ----------
    plan : Plan
        Open plan.
    order : FileOrder
        What to write.
    actor : str
        Who exports.
    progress : callable
        Called with a share of 1 and what is being done; an exception from it stops the export.

    Returns
    -------
    ReadyFile

    Raises
    ------
    ExportError
        As of :func:`data.exporting.export`.
    """
    revision = plan.revision()
    extra = {"encoding": order.encoding} if order.format == "shapefile" else {}
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        exported = export(
            plan,
            order.format,
            layer=order.layer,
            crs=order.crs or None,
            out_dir=folder,
            actor=actor,
            uids=order.uids,
            accept_losses=order.accept_losses,
            progress=progress,
            **extra,
        )
        contents = {file.name: file.read_bytes() for file in exported.files}
    return ReadyFile(
        order=order,
        revision=revision,
        edition=plan.edition(revision),
        exported=exported,
        contents=contents,
    )


def make_sheet(plan: Plan, order: SheetOrder) -> ReadySheet:
    """Draw the sheet 总图 as PDF and as a small picture of the same.

    Raises
    ------
    PlanningError
        If there is no boundary to draw.
    """
    revision = plan.revision()
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        pdf = _drawn(plan, order, Path(folder) / "sheet.pdf", dpi=300)
        preview = _drawn(plan, order, Path(folder) / "sheet.png", dpi=PREVIEW_DPI)
    return ReadySheet(
        order=order,
        revision=revision,
        edition=plan.edition(revision),
        preview=preview,
        pdf=pdf,
    )


def make_picture(plan: Plan, order: SheetOrder, *, dpi: int) -> bytes:
    """Draw the sheet as a PNG of `dpi` dots to the inch."""
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        return _drawn(plan, order, Path(folder) / "sheet.png", dpi=dpi)


def _drawn(plan: Plan, order: SheetOrder, out: Path, *, dpi: int) -> bytes:
    uids: Sequence[str] | None = None if order.uids is None else list(order.uids)
    content = sheet_content(
        plan,
        theme=order.theme,
        title=order.title,
        made_on=order.made_on,
        uids=uids,
        notes=order.notes,
        **dict(order.options),
    )
    return draw_sheet(content, out, dpi=dpi).path.read_bytes()

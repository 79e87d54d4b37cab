"""The steps of the shell that bring files in and hand files out."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.shell.steps import DONE, Outcome, opened

__all__ = ["export_files", "import_files", "sheet"]


def import_files(options: argparse.Namespace) -> Outcome:
    raise NotImplementedError


def export_files(options: argparse.Namespace) -> Outcome:
    raise NotImplementedError


def sheet(options: argparse.Namespace) -> Outcome:
    """Draw a print sheet."""
    from layers.sheet import draw_sheet
    from ui.sheets import sheet_content

    with opened(options) as plan:
        content = sheet_content(plan, theme=options.theme, title=options.title)
    drawn = draw_sheet(content, Path(options.out), kind=options.kind)
    return DONE, {"file": drawn.path, "pages": drawn.pages}

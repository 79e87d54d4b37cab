"""The ledger of 云城区 as the files in which a district would hand it over."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.exporting.ledger_layout import Grid, ledger_grid
from data.exporting.workbook import write_csv, write_xlsx
from data.samples.yuncheng import YUNCHENG_LEDGER, YUNCHENG_TITLE

__all__ = ["yuncheng_ledger_csv", "yuncheng_ledger_xlsx"]


def yuncheng_ledger_xlsx(path: str | Path) -> Path:
    """Write the ledger in the layout of its source: title, heads with units, "/" and a row of totals.

    Parameters
    ----------
    path : path
        File to write; replaced if it exists.

    Returns
    -------
    Path
        The file.
    """
    target = Path(path)
    write_xlsx(_grid(), target)
    return target


def yuncheng_ledger_csv(path: str | Path, *, encoding: str = "utf-8-sig") -> Path:
    """Write the same as csv; ``gb18030`` is what older Chinese programs write.

    Returns
    -------
    Path
        The file.
    """
    target = Path(path)
    write_csv(_grid(), target, encoding=encoding)
    return target


def _grid() -> Grid:
    return ledger_grid(pd.DataFrame(list(YUNCHENG_LEDGER)), title=YUNCHENG_TITLE)

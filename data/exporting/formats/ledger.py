"""The ledger back as xlsx, in the layout it came in, with a column 片区."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from data.exporting.content import Content
from data.exporting.ledger_layout import LEDGER_TITLE, Grid, ledger_grid
from data.exporting.registry import Format, Job, Prepared
from data.exporting.workbook import read_grid, write_xlsx

__all__ = ["FORMAT"]


def _prepare(content: Content, crs: str, options: dict[str, Any]) -> Prepared:  # noqa: ARG001
    notes = (
        (f"有{len(content.schematic)}个小区的边界是示意，台账里不含边界。",)
        if content.schematic
        else ()
    )
    return Prepared(content=content, notes=notes)


def _options(contents: Sequence[Content], crs: str, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    (content,) = contents
    return {"title": _title(content)}


def _title(content: Content) -> str:
    return str(content.settings.get("ledger_title") or LEDGER_TITLE)


def _grid(frame: pd.DataFrame, title: str) -> Grid:
    table = pd.DataFrame(frame)
    names = [value if isinstance(value, str) else None for value in table["pianqu_name"]]
    return ledger_grid(table, title=title, pianqu=names)


def _write(job: Job) -> None:
    ((_, frame),) = job.frames.items()
    write_xlsx(_grid(frame, job.options["title"]), job.path)


def _read(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    rows, formulas = read_grid(path)
    return {options["layer_name"]: {"rows": rows, "formulas": formulas}}


def _compare(content: Content, found: Any, crs: str) -> list[str]:  # noqa: ARG001
    wanted = _grid(content.frame, _title(content)).rows
    problems = []
    if found["formulas"]:
        problems.append(f"文件里有{found['formulas']}个公式")
    if len(found["rows"]) != len(wanted):
        return [*problems, f"应有{len(wanted)}行，文件里有{len(found['rows'])}行"]
    for number, (want, have) in enumerate(zip(wanted, found["rows"], strict=True), start=1):
        cells = list(have) + [None] * (len(want) - len(have))
        if any(not _same(a, b) for a, b in zip(want, cells, strict=False)):
            problems.append(f"第{number}行“{want[2] if len(want) > 2 else want[0]}”与计划不一致")
    return problems[:5]


def _same(want: Any, have: Any) -> bool:
    # Excel keeps one kind of line break.
    if isinstance(want, str) and isinstance(have, str):
        return want.replace("\r\n", "\n") == have.replace("\r\n", "\n")
    return bool(want == have)


FORMAT = Format(
    id="xlsx",
    title="台账（Excel）",
    extension=".xlsx",
    crs_choices={},
    layers=("compounds",),
    prepare=_prepare,
    options=_options,
    write=_write,
    read=_read,
    compare=_compare,
)

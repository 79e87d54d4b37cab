"""The steps of the shell that bring files in and hand files out."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.shell.parser import UsageError
from ui.shell.steps import DONE, TABLES, Outcome, actor_of, code_of, opened

# What a step needs is imported when it runs, so that `--help` and a refused argument answer at once.
if TYPE_CHECKING:
    from data.importing import Imported
    from data.reading import Boundaries
    from data.store import Plan

__all__ = ["export_files", "import_files", "sheet"]

LEDGER = "ledger"
# Containers whose layers have names of their own.
CONTAINERS = (".gpkg", ".zip")


@dataclass(frozen=True, kw_only=True)
class _Incoming:
    """A file that has been read: what it holds, and how it is taken in."""

    file: Path
    repaired: list[dict[str, Any]]
    apply: Callable[[Plan, str], dict[str, Imported]]


def import_files(options: argparse.Namespace) -> Outcome:
    """Take ledgers and boundaries in: all files or none."""
    with opened(options) as plan:
        # Read before anything is changed: a bad third file must not leave the first two behind.
        incoming = [_read(Path(name), options) for name in options.files]
        done = _apply_all(plan, incoming, actor_of(options))
        unmatched = _unmatched(plan)
    findings = [finding for _, _, result in done for finding in result.findings]
    return code_of(findings), {
        "imported": _counts(done),
        "files": [
            {
                "file": file,
                "kind": kind,
                "new": len(result.new),
                "changed": len(result.changed),
                "unchanged": result.unchanged,
                "snapshot": result.snapshot,
            }
            for file, kind, result in done
        ],
        "repaired": [row for file in incoming for row in file.repaired],
        "unmatched": unmatched,
        "findings": [finding.to_dict() for finding in findings],
    }


def _read(file: Path, options: argparse.Namespace) -> _Incoming:
    kind = _kind(options.kind)
    if kind == LEDGER or (kind is None and file.suffix.lower() in TABLES):
        return _read_ledger(file)
    layers = _read_layers(file, kind, options.crs)
    return _Incoming(
        file=file,
        repaired=[row for layer in layers.values() for row in _repairs(file, layer)],
        apply=lambda plan, actor: _layers_in(plan, layers, actor, far=options.accept_far),
    )


def _kind(given: str | None) -> str | None:
    from data.reading.boundaries import layer_of
    from data.schema import LAYERS

    if given is None or given == LEDGER:
        return given
    found = layer_of(given)
    if found is None:
        known = "、".join(name for name in LAYERS if layer_of(name))
        raise UsageError(f"没有“{given}”这一类。可选：{LEDGER}、{known}。")
    return found


def _read_ledger(file: Path) -> _Incoming:
    from data.importing import apply_ledger
    from data.reading import ledger_frame, read_ledger

    sheet = read_ledger(file)
    frame, findings = ledger_frame(sheet)

    def apply(plan: Plan, actor: str) -> dict[str, Imported]:
        return {LEDGER: apply_ledger(plan, frame, sheet, actor, findings=findings)}

    return _Incoming(file=file, repaired=[], apply=apply)


def _read_layers(file: Path, kind: str | None, crs: str | None) -> dict[str, Boundaries]:
    from data.reading import inspect_upload, read_boundaries, read_layers
    from data.reading.boundaries import layer_of

    if kind is None and file.suffix.lower() in CONTAINERS:
        heads = inspect_upload(file).layers
        if any(layer_of(head.name) for head in heads):
            return read_layers(file, crs=crs)
    into = kind or layer_of(file.stem) or "compounds"
    return {into: read_boundaries(file, crs=crs, into=into)}


def _layers_in(
    plan: Plan, layers: dict[str, Boundaries], actor: str, *, far: bool
) -> dict[str, Imported]:
    from data.importing import apply_layers

    return apply_layers(plan, layers, actor, accept_far=far)


def _repairs(file: Path, layer: Boundaries) -> list[dict[str, Any]]:
    rows = layer.repaired.reset_index().to_dict("records")
    return [{"file": file, "layer": layer.layer, **row} for row in rows]


def _apply_all(
    plan: Plan, incoming: list[_Incoming], actor: str
) -> list[tuple[Path, str, Imported]]:
    """Take all files in. Each is one edit of its own, so several are rehearsed on a copy first."""
    if len(incoming) > 1:
        _rehearse(plan, incoming, actor)
    return [
        (file.file, kind, result)
        for file in incoming
        for kind, result in file.apply(plan, actor).items()
    ]


def _rehearse(plan: Plan, incoming: list[_Incoming], actor: str) -> None:
    from data.store import open_plan

    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        copy = plan.snapshot(Path(folder) / plan.path.name)
        with open_plan(copy) as trial:
            for file in incoming:
                file.apply(trial, actor)


def _counts(done: list[tuple[Path, str, Imported]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for _, kind, result in done:
        taken = len(result.new) + len(result.changed) + result.unchanged
        counts[kind] = counts.get(kind, 0) + taken
    return counts


def _unmatched(plan: Plan) -> list[dict[str, Any]]:
    """Compounds of the plan that lack their boundary or, if it has a ledger, their row."""
    compounds = plan.read("compounds")
    rows = set(plan.read_table("ledger")["compound_uid"])
    shapes = compounds.geometry
    lacks_boundary = shapes.isna() | shapes.is_empty
    return [
        {"compound": uid, "name": name, "lacks": lacks}
        for uid, name in compounds["name"].items()
        for lacks, missing in (
            ("boundary", lacks_boundary[uid]),
            ("ledger_row", bool(rows) and uid not in rows),
        )
        if missing
    ]


def export_files(options: argparse.Namespace) -> Outcome:
    """Hand files out that have been read back and compared."""
    from data.exporting import export

    given = {} if options.encoding is None else {"encoding": options.encoding}
    with opened(options) as plan:
        done = export(
            plan,
            options.format,
            layer=options.layer,
            crs=options.crs,
            out_dir=options.out,
            actor=actor_of(options),
            accept_losses=options.accept_losses,
            **given,
        )
    return DONE, {
        "files": done.files,
        "totals": done.totals,
        "losses": done.losses,
        "without_boundary": done.without_boundary,
        "schematic": done.schematic,
        "notes": done.notes,
    }


def sheet(options: argparse.Namespace) -> Outcome:
    """Draw a print sheet."""
    from layers.sheet import draw_sheet
    from ui.sheets import sheet_content

    with opened(options) as plan:
        content = sheet_content(plan, theme=options.theme, title=options.title)
    drawn = draw_sheet(content, Path(options.out), kind=options.kind)
    return DONE, {"file": drawn.path, "pages": drawn.pages}

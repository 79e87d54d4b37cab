"""What every import shares: rows as plain values, differences, the snapshot before, the note in the plan."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from data.findings import Finding
from data.matching import Matching
from data.schema import FIELDS, LAYERS
from data.store import Edit, Plan
from errors import StoreError

__all__ = [
    "Imported",
    "Record",
    "ambiguous_findings",
    "differences",
    "new_record",
    "note_batch",
    "plain",
    "rows_of",
    "take_snapshot",
    "write_changes",
]

# Snapshots before imports that are kept beside the plan; the oldest goes when the next one comes.
KEPT_SNAPSHOTS = 10
SNAPSHOT_FOLDER = "导入前快照"

_DEFAULT_KIND = "老旧小区"

# Attributes of a compound that an import may write; the rest the tool computes.
_WRITABLE = (*(f.name for f in FIELDS.values() if f.editable), "built_on_is_year")

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    layer : str
    new, changed : tuple of str
        Uids that were added, and that were there and differ now.
    unchanged : int
        Records that said nothing new.
    unmatched : tuple of str
        Uids of compounds of the plan that no record of this import answered to.
    differences : DataFrame
        Values of compounds that changed: uid, name, field, title, before, after.
    findings : tuple of Finding
        Everything there is to say, the file's findings included.
    batch_id : int
        Row in ``import_batch``.
    snapshot : Path or None
        State before; None if the plan was empty.
    """

    layer: str
    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    unmatched: tuple[str, ...] = ()
    differences: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: tuple[Finding, ...] = ()
    batch_id: int = 0
    snapshot: Path | None = None


def plain(value: Any) -> Any:
    """Value for comparison and writing: missing as None, numpy numbers as Python's."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def rows_of(frame: pd.DataFrame) -> dict[Any, Record]:
    """Rows of a frame as plain values, by label; geometry is under ``geometry``."""
    columns = {str(name): [plain(value) for value in frame[name]] for name in frame.columns}
    return {
        label: dict(zip(columns, values, strict=True))
        for label, *values in zip(frame.index, *columns.values(), strict=True)
    }


def differences(
    compounds: pd.DataFrame, incoming: pd.DataFrame, pairs: Mapping[Hashable, str]
) -> pd.DataFrame:
    """List what an import would change in compounds that are there.

    Parameters
    ----------
    compounds : DataFrame
        Of the plan; index uid.
    incoming : DataFrame
        Values; unknown ones change nothing.
    pairs : mapping
        Label of `incoming` to uid.

    Returns
    -------
    DataFrame
        One row for each value: uid, name, field, title, before, after.
    """
    names = [name for name in _WRITABLE if name in incoming]
    ours = rows_of(
        pd.DataFrame(compounds.loc[list(pairs.values()), list(dict.fromkeys(["name", *names]))])
    )
    theirs = rows_of(pd.DataFrame(incoming.loc[list(pairs), names]))
    rows = [
        (uid, ours[uid]["name"], name, FIELDS[name].title, ours[uid][name], new)
        for label, uid in pairs.items()
        for name, new in theirs[label].items()
        if new is not None and new != ours[uid][name]
    ]
    names = ["uid", "name", "field", "title", "before", "after"]
    return pd.DataFrame(rows, columns=names, dtype=object)


def new_record(row: Record) -> Record:
    """Record of a compound that only the import knows."""
    wanted = ("uid", *_WRITABLE, "boundary_state", "extra", "geometry")
    record = {name: row[name] for name in wanted if row.get(name) is not None}
    return {"kind": _DEFAULT_KIND} | record


def write_changes(tx: Edit, held: Mapping[str, Record], values: Mapping[str, Record]) -> None:
    """Write changed values of compounds, each at the version that was read."""
    records = [
        {**record, "uid": uid, "version": held[uid]["version"]} for uid, record in values.items()
    ]
    if records:
        tx.update_many("compounds", records)


def take_snapshot(plan: Plan) -> Path | None:
    """Keep the state before a bulk import; an empty plan has none worth keeping."""
    if not any(plan.count(layer) for layer in LAYERS):
        return None
    folder = plan.path.parent / SNAPSHOT_FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as err:
        raise StoreError(
            f"不能在“{folder.parent}”里建立“{folder.name}”文件夹，导入没有开始。请检查文件夹的写入权限。"
        ) from err
    made = plan.snapshot(folder)
    # The names carry the time, so that the order of the names is the order of making.
    ours = sorted(folder.glob(f"{plan.path.stem}-????????-??????-*{plan.path.suffix}"))
    for old in ours[:-KEPT_SNAPSHOTS]:
        old.unlink(missing_ok=True)
    return made


def note_batch(
    tx: Edit,
    *,
    kind: str,
    file: tuple[str, str],
    counts: tuple[int, int, int],
    snapshot: Path | None,
    detail: Record,
) -> int:
    """Note an import in the plan.

    Parameters
    ----------
    tx : Edit
    kind : str
        ``ledger`` or a layer.
    file : tuple of str
        Name and sha256.
    counts : tuple of int
        Rows read, new, changed.
    snapshot : Path or None
    detail : dict
        Plain values: sheet or layer, system, findings, repairs.

    Returns
    -------
    int
        Id of the row in ``import_batch``.
    """
    row = {
        "actor": tx.actor,
        "kind": kind,
        "file_name": file[0],
        "sha256": file[1],
        "rows_read": counts[0],
        "rows_new": counts[1],
        "rows_changed": counts[2],
        "snapshot": snapshot.name if snapshot else None,
        "detail": detail,
    }
    return tx.append("import_batch", [row])[0]


def ambiguous_findings(found: Matching, open_labels: Sequence[Hashable]) -> list[Finding]:
    """Say what could not be matched for certain and came in as new compounds instead."""
    still_open = set(open_labels)
    return [
        Finding(
            rule="ambiguous_match",
            severity="提醒",
            rows=tuple(int(str(label)) for label in one.incoming),
            found="、".join(one.candidates[:5]),
            message=f"{one.message}现已另作新小区导入。",
        )
        for one in found.ambiguous
        if still_open.intersection(one.incoming)
    ]

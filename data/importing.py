"""Ledgers and boundaries into a plan: snapshot first, one transaction, everything or nothing."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from data.findings import Finding
from data.import_layers import apply_boundaries, apply_layers
from data.import_records import (
    Imported,
    Record,
    ambiguous_findings,
    differences,
    new_record,
    note_batch,
    rows_of,
    take_snapshot,
    write_changes,
)
from data.ledger_batches import SETTING, kept_with
from data.matching import Matching, match
from data.reading.ledger import LedgerSheet
from data.reading.text import SHOWN
from data.store import Plan
from errors import RecordError

__all__ = ["Imported", "apply_boundaries", "apply_layers", "apply_ledger", "differences"]


def apply_ledger(
    plan: Plan,
    frame: pd.DataFrame,
    sheet: LedgerSheet,
    actor: str,
    *,
    matching: Matching | None = None,
    findings: Sequence[Finding] | None = None,
) -> Imported:
    """Take the rows of a ledger into a plan.

    Parameters
    ----------
    plan : Plan
    frame : DataFrame
        As ``ledger_frame`` gives it.
    sheet : LedgerSheet
        Where it comes from.
    actor : str
    matching : Matching, optional
        With the planner's decisions; by default found anew.
    findings : sequence of Finding, optional
        Of ``ledger_frame``, which also leaves them in ``frame.attrs``; one of severity 错误 refuses the
        import.

    Returns
    -------
    Imported
        Rows without a compound become compounds without a boundary. A cell that is unknown leaves what
        the plan knows; everything else is taken over and told in ``differences``. Totals that the ledger
        states are kept in the plan's setting ``ledger_totals`` with the compounds that they are totals of.

    Raises
    ------
    RecordError
        With all errors; nothing is changed.
    """
    told = list(frame.attrs.get("findings", ()) if findings is None else findings)
    _refuse_errors(sheet.file_name, told)
    snapshot = take_snapshot(plan)
    with plan.edit(actor, f"导入台账：{sheet.file_name}") as tx:
        compounds = tx.read("compounds")
        found = matching or match(compounds, frame)
        held, given = rows_of(compounds), rows_of(frame)
        changes = differences(compounds, frame, found.pairs)
        values = _values(changes, held, given, found.pairs)
        write_changes(tx, held, values)
        fresh = [label for label in given if label not in found.pairs]
        uids = tx.insert("compounds", [new_record(given[x]) for x in fresh]) if fresh else []
        said = [*ambiguous_findings(found, fresh), *_updated(changes)]
        batch = note_batch(
            tx,
            kind="ledger",
            file=(sheet.file_name, sheet.sha256),
            counts=(len(given), len(uids), len(values)),
            snapshot=snapshot,
            detail={
                "sheet": sheet.sheet,
                "findings": [one.to_dict() for one in [*told, *said]],
            },
        )
        owner = {**found.pairs, **dict(zip(fresh, uids, strict=True))}
        tx.append("ledger", _raw_rows(sheet, owner, given, batch))
        kept = kept_with(
            plan.settings().get(SETTING),
            frame,
            sheet,
            uids=list(owner.values()),
            before=list(held),
        )
        tx.set_setting(SETTING, kept)
    return Imported(
        layer="compounds",
        new=tuple(uids),
        changed=tuple(values),
        unchanged=len(found.pairs) - len(values),
        unmatched=found.unmatched,
        differences=changes,
        findings=(*told, *said),
        batch_id=batch,
        snapshot=snapshot,
    )


def _refuse_errors(where: str, findings: Sequence[Finding]) -> None:
    problems = list(dict.fromkeys(one.message for one in findings if one.severity == "错误"))
    if not problems:
        return
    more = len(problems) - SHOWN
    tail = [f"……另有 {more} 处问题。"] if more > 0 else []
    raise RecordError(where, [*problems[:SHOWN], *tail])


def _values(
    changes: pd.DataFrame,
    held: Mapping[str, Record],
    given: Mapping[Hashable, Record],
    pairs: Mapping[Hashable, str],
) -> dict[str, Record]:
    """Values to write, by uid: what differs, and attributes of the ledger's own that are new."""
    values: dict[str, Record] = {}
    for uid, name, after in zip(changes["uid"], changes["field"], changes["after"], strict=True):
        values.setdefault(uid, {})[name] = after
    for label, uid in pairs.items():
        kept: Record = held[uid]["extra"] or {}
        extra: Record = given[label].get("extra") or {}
        if kept | extra != kept:
            values.setdefault(uid, {})["extra"] = kept | extra
    return values


def _raw_rows(
    sheet: LedgerSheet,
    owner: Mapping[Hashable, str],
    given: Mapping[Hashable, Record],
    batch: int,
) -> list[Record]:
    """Rows of the ledger as they stood, with sheet and row, beside the compounds that they became."""
    heads = {column.index: column.head for column in sheet.columns}
    return [
        {
            "batch_id": batch,
            "row_number": row.number,
            "compound_uid": owner[row.number],
            "name": given[row.number]["name"],
            "raw": {heads[i]: cell for i, cell in enumerate(row.cells) if i in heads},
            "sheet": sheet.sheet,
        }
        for row in sheet.rows
    ]


def _updated(changes: pd.DataFrame) -> list[Finding]:
    if changes.empty:
        return []
    uids = list(dict.fromkeys(changes["uid"]))
    text = f"{len(uids)} 个已有小区有 {len(changes)} 处与导入的不同，已按导入的更新，见差异清单，可以撤销。"
    return [Finding(rule="updated", severity="提醒", rows=tuple(uids[:SHOWN]), message=text)]

"""Boundaries and context layers into a plan: everything or nothing."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

import shapely

from data.findings import Finding
from data.import_reach import reach_findings
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
from data.matching import Matching, match
from data.reading.boundaries import Boundaries
from data.reading.text import SHOWN
from data.schema import LAYERS
from data.store import Edit, Plan
from errors import RecordError

__all__ = ["apply_boundaries", "apply_layers"]

# About a centimetre: what an export rounded to seven decimals (RFC 7946) can have moved.
_SAME_DEG = 1e-7

_IMPORTED, _SKETCHED = "导入", "示意"


def apply_boundaries(
    plan: Plan,
    boundaries: Boundaries,
    actor: str,
    *,
    matching: Matching | None = None,
    accept_far: bool = False,
) -> Imported:
    """Take one layer into a plan; see :func:`apply_layers`."""
    layers = {boundaries.layer: boundaries}
    done = apply_layers(plan, layers, actor, matching=matching, accept_far=accept_far)
    return done[boundaries.layer]


def apply_layers(
    plan: Plan,
    layers: Mapping[str, Boundaries],
    actor: str,
    *,
    matching: Matching | None = None,
    accept_far: bool = False,
) -> dict[str, Imported]:
    """Take layers of a file into a plan, all of them or none.

    Parameters
    ----------
    plan : Plan
    layers : mapping of str to Boundaries
        By layer of the plan, as ``read_layers`` gives it.
    actor : str
    matching : Matching, optional
        Of the compounds, with the planner's decisions; by default found anew.
    accept_far : bool
        True once the planner has confirmed boundaries at sea or far from the rest.

    Returns
    -------
    dict of str to Imported
        A compound that is matched gets the boundary, and of the attributes only what was unknown: the
        ledger is the record. Boundaries without a compound become compounds. Of other layers only what
        is not there yet is added.

    Raises
    ------
    RecordError
        If boundaries lie at sea or far away and this is not confirmed; nothing is changed.
    """
    _ask_about_reach(plan, layers, matching, accept_far=accept_far)
    snapshot = take_snapshot(plan)
    titles = "、".join(LAYERS[layer].title for layer in layers)
    file_name = next(iter(layers.values())).file_name
    done: dict[str, Imported] = {}
    with plan.edit(actor, f"导入{titles}：{file_name}") as tx:
        for layer, incoming in layers.items():
            if layer == "compounds":
                done[layer] = _take_compounds(tx, incoming, matching, snapshot)
            else:
                done[layer] = _take_context(tx, incoming, snapshot)
    return done


def _ask_about_reach(
    plan: Plan, layers: Mapping[str, Boundaries], matching: Matching | None, *, accept_far: bool
) -> None:
    if accept_far or "compounds" not in layers:
        return
    incoming = layers["compounds"]
    present = plan.read("compounds")
    found = matching or match(present, incoming.frame)
    # What is about to be replaced is nothing to be near to.
    staying = present.geometry[~present.index.isin(list(found.pairs.values()))]
    asked = reach_findings(incoming.frame.geometry, staying)
    if asked:
        raise RecordError(incoming.file_name, [one.message for one in asked])


def _take_compounds(
    tx: Edit, incoming: Boundaries, matching: Matching | None, snapshot: Path | None
) -> Imported:
    frame = incoming.frame
    compounds = tx.read("compounds")
    found = matching or match(compounds, frame)
    held, given = rows_of(compounds), rows_of(frame)
    changes = differences(compounds, frame, found.pairs)
    fill = changes[changes["before"].isna()]
    values, replaced = _new_shapes(held, given, found.pairs)
    for uid, name, after in zip(fill["uid"], fill["field"], fill["after"], strict=True):
        values.setdefault(uid, {})[name] = after
    write_changes(tx, held, values)
    fresh = [label for label in given if label not in found.pairs]
    uids = tx.insert("compounds", [_drawn(given[label]) for label in fresh]) if fresh else []
    said = [*ambiguous_findings(found, fresh), *_replaced(replaced)]
    batch = note_batch(
        tx,
        kind="compounds",
        file=(incoming.file_name, incoming.sha256),
        counts=(len(frame), len(uids), len(values)),
        snapshot=snapshot,
        detail=_detail(incoming, said),
    )
    return Imported(
        layer="compounds",
        new=tuple(uids),
        changed=tuple(values),
        unchanged=len(found.pairs) - len(values),
        unmatched=found.unmatched,
        differences=fill,
        findings=(*incoming.findings, *said),
        batch_id=batch,
        snapshot=snapshot,
    )


def _drawn(row: Record) -> Record:
    record = new_record(row)
    if record.get("geometry") is not None:
        record.setdefault("boundary_state", _IMPORTED)
    return record


def _new_shapes(
    held: Mapping[str, Record], given: Mapping[Hashable, Record], pairs: Mapping[Hashable, str]
) -> tuple[dict[str, Record], list[str]]:
    """Boundaries that are new or differ, and the uids of those that replace a real one."""
    values: dict[str, Record] = {}
    replaced = []
    for label, uid in pairs.items():
        old, new = held[uid]["geometry"], given[label]["geometry"]
        if new is None or _same(old, new):
            continue
        state = given[label].get("boundary_state") or _IMPORTED
        values[uid] = {"geometry": new, "boundary_state": state}
        if old is not None and held[uid]["boundary_state"] != _SKETCHED:
            replaced.append(uid)
    return values, replaced


def _same(old: shapely.Geometry | None, new: shapely.Geometry) -> bool:
    return old is not None and bool(
        shapely.equals_exact(old, new, tolerance=_SAME_DEG, normalize=True)
    )


def _replaced(uids: list[str]) -> list[Finding]:
    if not uids:
        return []
    text = f"{len(uids)} 个小区原有的边界已换成导入的边界，可以撤销。"
    return [Finding(rule="replaced", severity="提醒", rows=tuple(uids[:SHOWN]), message=text)]


def _detail(incoming: Boundaries, said: Sequence[Finding]) -> Record:
    repaired = list(rows_of(incoming.repaired.reset_index()).values())
    for one in repaired:
        # JSON knows no infinity: from no area to some has no share.
        if one["share_changed"] is not None and math.isinf(one["share_changed"]):
            one["share_changed"] = None
    return {
        "layer": incoming.source_layer,
        "crs": incoming.crs,
        "encoding": incoming.encoding,
        "repaired": repaired,
        "findings": [one.to_dict() for one in (*incoming.findings, *said)],
    }


def _take_context(tx: Edit, incoming: Boundaries, snapshot: Path | None) -> Imported:
    """Add what is not there yet: the same shape to the last digit is the same thing."""
    layer, given = incoming.layer, rows_of(incoming.frame)
    known = set(_forms(tx.read(layer).geometry.tolist()))
    forms = _forms([row["geometry"] for row in given.values()])
    names = {field.name for field in LAYERS[layer].fields} | {"extra", "geometry"}
    records = [
        {name: value for name, value in row.items() if name in names and value is not None}
        for row, form in zip(given.values(), forms, strict=True)
        if form is not None and form not in known
    ]
    uids = tx.insert(layer, records) if records else []
    batch = note_batch(
        tx,
        kind=layer,
        file=(incoming.file_name, incoming.sha256),
        counts=(len(given), len(uids), 0),
        snapshot=snapshot,
        detail=_detail(incoming, ()),
    )
    return Imported(
        layer=layer,
        new=tuple(uids),
        changed=(),
        unchanged=len(given) - len(uids),
        findings=incoming.findings,
        batch_id=batch,
        snapshot=snapshot,
    )


def _forms(geoms: Sequence[shapely.Geometry | None]) -> list[bytes | None]:
    """Give shapes a form in which equal ones are equal, whatever their first point and direction."""
    values: list[bytes | None] = [
        None if geom is None else bytes(shapely.to_wkb(shapely.normalize(geom))) for geom in geoms
    ]
    return values

"""Saved layouts of stalls: written, read and taken out of the plan, each in one step that can be undone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from data.layout_records import StallLayout, basis_of, is_stale, layout_frame
from data.schema import RECORD_TABLES
from data.store import Edit, Plan
from errors import RecordError, StoreError

__all__ = [
    "SAVED_FIGURES",
    "SavedLayout",
    "delete_layouts",
    "drawn_rows",
    "figures_record",
    "save_layouts",
    "saved_layouts",
]

_RECORDS = "layouts"
_TITLE = RECORD_TABLES[_RECORDS].title
_NAME = "车位方案"
# Columns of the record that are figures of the layout by the same name.
SAVED_FIGURES = (
    "capacity",
    "stalls",
    "accessible",
    "charging",
    "mechanical",
    "existing",
    "open_m2",
    "used_m2",
    "aisle_m2",
    "m2_per_stall",
    "green_lost_m2",
    "unpaved_share",
    "fire_clear_m",
)
# What the compound had as 新增停车位 before, so that it comes back if the layout goes.
_BEFORE, _SAID, _NOTES = "原新增停车位", "判定", "说明"


@dataclass(frozen=True, kw_only=True)
class SavedLayout:
    """A layout as it was saved.

    Attributes
    ----------
    uid, version : str, int
        Of the record.
    compound_uid, name, saved_at, saved_by : str
    edition : int or None
        修订 of the plan that it was made of.
    plan_id, basis : str
        State of the plan that it was made of, see `data.layout_records.Origin`.
    ground, stalls : dict
        The settings ``ground`` and ``stalls`` that it came from.
    joined : tuple of str
        Compounds between which walls were taken down for it.
    figures : dict
        Of :data:`SAVED_FIGURES`; None is unknown.
    verdicts : tuple of dict
        As of `policy.verdicts.Verdict.to_dict`, when it was saved.
    notes : tuple of str
    """

    uid: str
    version: int
    compound_uid: str
    name: str
    saved_at: str
    saved_by: str
    edition: int | None
    plan_id: str
    basis: str
    ground: dict[str, Any]
    stalls: dict[str, Any]
    joined: tuple[str, ...]
    figures: dict[str, Any]
    verdicts: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def stale(self, basis: str) -> bool:
        """Tell whether the plan has moved on since it was made."""
        return self.basis != basis


def save_layouts(
    plan: Plan, layouts: Iterable[StallLayout], actor: str, *, name: str = _NAME
) -> dict[str, str]:
    """Save layouts in one step: stalls, aisles, figures, and 新增停车位 of their compounds.

    Parameters
    ----------
    plan : Plan
        Open plan.
    layouts : iterable of StallLayout
        One a compound; those without figures are passed over. What a compound had saved is replaced.
    actor : str
    name : str
        What the layouts are called.

    Returns
    -------
    dict of str to str
        Uid of the record by uid of the compound.

    Raises
    ------
    RecordError
        If there is nothing to save.
    StoreError
        If the plan has moved on since they were made, or is another; nothing is saved.
    """
    made = {one.uid: one for one in layouts if one.layout is not None}
    if not made:
        raise RecordError(_TITLE, ["没有可以保存的车位方案：所选小区都没有算出数字。"])
    _refuse_stale(plan, made.values())
    edition = plan.edition()
    total = sum(one.figures.proposed for one in made.values())
    named = next(iter(made.values())).name if len(made) == 1 else f"{len(made):,} 个小区"
    with plan.edit(actor, f"保存车位方案：{named}，新增 {total:,} 个") as tx:
        before = _taken_out(tx, list(made))
        records = {
            uid: tx.add_record(_RECORDS, _record(one, tx.actor, edition, name, before[uid]))
            for uid, one in made.items()
        }
        frames = [drawn_rows(one, records[uid]) for uid, one in made.items()]
        for layer in ("stalls", "aisles"):
            rows = [frame for frames_of in frames for frame in [frames_of[layer]] if len(frame)]
            if rows:
                tx.insert(layer, gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=4490))
        _set_new(tx, {uid: one.figures.proposed for uid, one in made.items()})
    return records


def delete_layouts(plan: Plan, compound_uids: Iterable[str], actor: str) -> int:
    """Take saved layouts out of the plan; 新增停车位 becomes what it was before. Returns how many there were."""
    wanted = list(dict.fromkeys(compound_uids))
    held = plan.records(_RECORDS, compound_uids=wanted)
    if not len(held):
        return 0
    with plan.edit(actor, f"删除车位方案（{len(held):,} 个）") as tx:
        own = {str(row["compound_uid"]): _new_of(row) for _, row in held.iterrows()}
        before = _taken_out(tx, wanted)
        now = tx.read("compounds", uids=list(own))["stalls_new"]
        # What the planner has written since stays.
        back = {uid: before[uid] for uid, new in own.items() if _whole(now.get(uid)) == new}
        _set_new(tx, back)
    return len(held)


def saved_layouts(
    plan: Plan, compound_uids: Iterable[str] | None = None
) -> tuple[SavedLayout, ...]:
    """Read the saved layouts, of some compounds or of all, in the order in which they were saved."""
    held = plan.records(_RECORDS, compound_uids=compound_uids)
    return tuple(_saved(str(uid), row) for uid, row in held.to_dict("index").items())


def drawn_rows(layout: StallLayout, record_uid: str) -> dict[str, gpd.GeoDataFrame]:
    """Rows of the layers ``stalls`` and ``aisles`` for a layout."""
    drawn = layout_frame(layout).assign(compound_uid=layout.uid, layout_uid=record_uid, name=None)
    stalls = drawn["part"] == "stall"
    columns = ["name", "kind", "compound_uid", "layout_uid", "geometry"]
    return {
        "stalls": drawn.loc[stalls, [*columns, "use", "angle_deg", "by_hand"]],
        "aisles": drawn.loc[~stalls, [*columns, "dead_end_m"]],
    }


def figures_record(layout: StallLayout) -> dict[str, Any]:
    """Figures of a layout as its record holds them."""
    figures = layout.figures
    told = {name: getattr(figures, name) for name in SAVED_FIGURES}
    # A column is never below zero: what is to spare is no shortage.
    told["shortage"] = None if figures.shortage is None else max(0, figures.shortage)
    return told


def _refuse_stale(plan: Plan, layouts: Iterable[StallLayout]) -> None:
    basis, plan_id = basis_of(plan), str(plan.plan_id)
    if any(one.origin.plan_id != plan_id or is_stale(one, basis) for one in layouts):
        raise StoreError(
            "计划在车位方案算出之后又有修改，方案已过时，没有保存。请重新排布后再保存。"
        )


def _record(
    layout: StallLayout, actor: str, edition: int, name: str, before: int | None
) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    settings = {
        "ground": layout.ground_settings.to_settings(),
        "stalls": layout.stall_settings.to_settings(),
        "joined": list(layout.joined),
    }
    return {
        "compound_uid": layout.uid,
        "name": name,
        "saved_at": now,
        "saved_by": actor,
        "edition": edition,
        "origin": json.dumps(asdict(layout.origin), ensure_ascii=False),
        "settings": json.dumps(settings, ensure_ascii=False),
        **figures_record(layout),
        _BEFORE: before,
        _SAID: [one.to_dict() for one in layout.verdicts],
        _NOTES: list(layout.notes),
    }


def _taken_out(tx: Edit, compound_uids: list[str]) -> dict[str, int | None]:
    """Take earlier layouts of compounds out; gives 新增停车位 as it was before any of them."""
    held = tx.records(_RECORDS, compound_uids=compound_uids)
    now = tx.read("compounds", uids=compound_uids)["stalls_new"]
    missing = [uid for uid in compound_uids if uid not in now.index]
    if missing:
        raise RecordError(_TITLE, [f"没有标识码为“{uid}”的小区。" for uid in missing])
    before = {uid: _whole(now[uid]) for uid in compound_uids}
    for uid, row in held.iterrows():
        owner = str(row["compound_uid"])
        if before[owner] == _new_of(row):
            before[owner] = _whole(row["extra"].get(_BEFORE))
        tx.delete_record(_RECORDS, str(uid), int(row["version"]))
    for layer in ("stalls", "aisles"):
        rows = tx.read(layer)
        old = rows[rows["layout_uid"].isin(list(held.index))]
        tx.delete_many(layer, [(str(uid), int(v)) for uid, v in old["version"].items()])
    return before


def _new_of(row: Mapping[Any, Any] | pd.Series[Any]) -> int:
    return (_whole(row["stalls"]) or 0) + (_whole(row["mechanical"]) or 0)


def _set_new(tx: Edit, new: Mapping[str, int | None]) -> None:
    if not new:
        return
    versions = tx.read("compounds", uids=list(new))["version"]
    tx.update_many(
        "compounds",
        [
            {"uid": uid, "version": int(versions[uid]), "stalls_new": count}
            for uid, count in new.items()
        ],
    )


def _saved(uid: str, row: Mapping[Any, Any]) -> SavedLayout:
    origin, settings, extra = _object(row["origin"]), _object(row["settings"]), row["extra"] or {}
    return SavedLayout(
        uid=uid,
        version=int(row["version"]),
        compound_uid=str(row["compound_uid"]),
        name=str(row["name"] or _NAME),
        saved_at=str(row["saved_at"] or ""),
        saved_by=str(row["saved_by"] or ""),
        edition=_whole(row["edition"]),
        plan_id=str(origin.get("plan_id", "")),
        basis=str(origin.get("basis", "")),
        ground=_object(settings.get("ground")),
        stalls=_object(settings.get("stalls")),
        joined=tuple(map(str, settings.get("joined") or ())),
        figures={name: _known(row[name]) for name in SAVED_FIGURES},
        verdicts=tuple(one for one in extra.get(_SAID) or () if isinstance(one, dict)),
        notes=tuple(str(one) for one in extra.get(_NOTES) or ()),
    )


def _object(value: Any) -> dict[str, Any]:
    """Read JSON that another program may have spoilt."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _known(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _whole(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)

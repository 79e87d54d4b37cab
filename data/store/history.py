"""Who changed what, when: the history as a table that a planner can read."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import sqlalchemy as sa

from data.schema import RECORD_TABLES
from data.store.conflicts import actor_title
from data.store.sqlite_engine import SqliteEngine
from data.store.tables import JSON_COLUMNS, VERSIONED, edit_history, edit_tx
from data.store.titles import compound_names, field_titles, layer_title, record_name, shown

__all__ = ["HISTORY_COLUMNS", "edits_until", "history_frame", "label_of"]

HISTORY_COLUMNS = (
    "seq",
    "at",
    "actor",
    "label",
    "op",
    "layer",
    "uid",
    "version",
    "txid",
    "before",
    "after",
    "summary",
    "compound",
)

_KIND_PREFIX = {"undo": "撤销：", "redo": "重做："}
_DONE = {"I": "新增", "D": "删除"}
_GEOMETRY_TITLE = "边界"
_MEMBERSHIP_TITLE = "所属片区"
_NONE = "无"


def label_of(kind: str, label: str) -> str:
    """Label of an edit as shown: an undo says what it took back."""
    return _KIND_PREFIX.get(kind, "") + label


def edits_until(revision: int | None) -> sa.Select[Any]:
    """Query for the number of edits that changed something, up to a revision if it is given."""
    changed = edit_history.c.txid == edit_tx.c.txid
    if revision is not None:
        changed &= edit_history.c.seq <= revision
    return sa.select(sa.func.count()).select_from(edit_tx).where(sa.exists().where(changed))


def history_frame(
    engine: SqliteEngine, connection: sa.Connection, *, limit: int, uid: str | None
) -> pd.DataFrame:
    """Entries of the history, newest first; see ``Plan.history``."""
    statement = (
        sa.select(edit_history, edit_tx.c.label, edit_tx.c.kind)
        .join(edit_tx, edit_tx.c.txid == edit_history.c.txid)
        .order_by(edit_history.c.seq.desc())
        .limit(limit)
    )
    if uid is not None:
        statement = statement.where(edit_history.c.uid == uid)
    entries = [row._asdict() for row in connection.execute(statement)]
    after = _images_after(engine, connection, entries)
    images = [
        (_before(entry), after.get((entry["tbl"], entry["uid"], entry["version"])) or {})
        for entry in entries
    ]
    names = _names(engine, connection, [image for pair in images for image in pair])
    rows = [_row(entry, *pair, names) for entry, pair in zip(entries, images, strict=True)]
    return pd.DataFrame(rows, columns=list(HISTORY_COLUMNS))


def _before(entry: dict[str, Any]) -> dict[str, Any]:
    return _decoded(json.loads(entry["attrs"])) if entry["attrs"] else {}


def _row(
    entry: dict[str, Any],
    before_image: dict[str, Any],
    after_image: dict[str, Any],
    names: dict[str, str],
) -> dict[str, Any]:
    before, after = _difference(before_image, after_image, entry["op"])
    image = {**(after_image or before_image), "uid": entry["uid"]}
    return {
        "seq": entry["seq"],
        "at": entry["at"],
        "actor": actor_title(entry["actor"]),
        "label": label_of(entry["kind"], entry["label"]),
        "op": entry["op"],
        "layer": entry["tbl"],
        "uid": entry["uid"],
        "version": entry["version"],
        "txid": entry["txid"],
        "before": before,
        "after": after,
        "summary": _summary(entry, before, after, image, names),
        "compound": _compound(entry["tbl"], image),
    }


def _compound(layer: str, image: dict[str, Any]) -> str | None:
    """Uid of the compound that an entry is about."""
    if layer == "compounds":
        return str(image["uid"])
    return image.get("compound_uid") if layer in RECORD_TABLES else None


def _difference(
    before: dict[str, Any], after: dict[str, Any], op: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    skipped = {"edited_by", "version"}
    if op == "I":
        return {}, {n: v for n, v in after.items() if v is not None and n not in skipped}
    if op == "D":
        return {n: v for n, v in before.items() if v is not None and n not in skipped}, {}
    changed = [n for n in before if n not in skipped and before[n] != after.get(n)]
    return {n: before[n] for n in changed}, {n: after.get(n) for n in changed}


def _summary(
    entry: dict[str, Any],
    before: dict[str, Any],
    after: dict[str, Any],
    image: dict[str, Any],
    names: dict[str, str],
) -> str:
    layer = entry["tbl"]
    called = f"{layer_title(layer)}“{record_name(layer, image, names)}”"
    if entry["op"] in _DONE:
        return _DONE[entry["op"]] + called
    titles = field_titles(layer)
    parts: list[str] = []
    for name, value in before.items():
        parts += _changed(name, titles.get(name, name), value, after[name], names)
    if entry["geom_changed"]:
        parts.append(_GEOMETRY_TITLE)
    return f"{called}：" + ("；".join(parts) or "无变化")


def _changed(name: str, title: str, old: Any, new: Any, names: dict[str, str]) -> list[str]:
    """Say how one field changed; the user's own fields one by one."""
    if name == "area_geodesic_m2":
        return []
    if name == "extra":
        before, after = old or {}, new or {}
        return [
            f"{key} {shown(before.get(key))} → {shown(after.get(key))}"
            for key in {**before, **after}
            if before.get(key) != after.get(key)
        ]
    if name == "pianqu_uid":
        return [f"{_MEMBERSHIP_TITLE} {names.get(old, _NONE)} → {names.get(new, _NONE)}"]
    if name == "locked":
        # An older image has no such field, or none was set: both mean it was not locked.
        return (
            [f"{title} {shown(bool(old))} → {shown(bool(new))}"] if bool(old) != bool(new) else []
        )
    if name == "compound_uid":
        return [f"小区 {names.get(old, old)} → {names.get(new, new)}"]
    return [f"{title} {shown(old)} → {shown(new)}"]


def _names(
    engine: SqliteEngine, connection: sa.Connection, images: list[dict[str, Any]]
) -> dict[str, str]:
    """Names of all 片区, and of the compounds that records belong to, by uid."""
    owners = {str(image["compound_uid"]) for image in images if image.get("compound_uid")}
    return {**compound_names(connection, owners), **_pianqu_names(engine, connection)}


def _pianqu_names(engine: SqliteEngine, connection: sa.Connection) -> dict[str, str]:
    """Names of all 片区 by uid, those that are gone included."""
    last_images = sa.select(edit_history.c.uid, edit_history.c.attrs).where(
        edit_history.c.tbl == "pianqu", edit_history.c.op == "D"
    )
    gone = {uid: json.loads(attrs)["name"] for uid, attrs in engine.rows(connection, last_images)}
    table = VERSIONED["pianqu"]
    present = dict(engine.rows(connection, sa.select(table.c.uid, table.c.name)))
    return {uid: name or uid for uid, name in {**gone, **present}.items()}


def _images_after(
    engine: SqliteEngine, connection: sa.Connection, entries: list[dict[str, Any]]
) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Attributes after each entry: the old image of the next edit of the row, or the row as it stands."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for layer in {entry["tbl"] for entry in entries}:
        uids = {entry["uid"] for entry in entries if entry["tbl"] == layer}
        older = sa.select(edit_history.c.uid, edit_history.c.version, edit_history.c.attrs).where(
            edit_history.c.tbl == layer,
            engine.one_of(edit_history.c.uid, uids),
            edit_history.c.attrs.is_not(None),
        )
        for uid, version, attrs in engine.rows(connection, older):
            found[(layer, uid, version - 1)] = _decoded(json.loads(attrs))
        table = VERSIONED[layer]
        names = [c.name for c in table.c if c.name not in {"fid", "geom"}]
        present = sa.select(*(table.c[n] for n in names)).where(engine.one_of(table.c.uid, uids))
        for row in engine.rows(connection, present):
            image = _decoded(dict(zip(names, row, strict=True)))
            found[(layer, image["uid"], image["version"])] = image
    return found


def _decoded(image: dict[str, Any]) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in JSON_COLUMNS and isinstance(value, str) else value
        for name, value in image.items()
    }

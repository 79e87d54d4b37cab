"""Who changed what, when: the history as a table that a planner can read."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import sqlalchemy as sa

from data.schema import LAYERS
from data.store.conflicts import actor_title, layer_title
from data.store.sqlite_engine import SqliteEngine
from data.store.tables import JSON_COLUMNS, VERSIONED, edit_history, edit_tx

__all__ = ["HISTORY_COLUMNS", "history_frame", "label_of"]

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
)

_KIND_PREFIX = {"undo": "撤销：", "redo": "重做："}
_DONE = {"I": "新增", "D": "删除"}
_GEOMETRY_TITLE = "边界"
_MEMBERSHIP_TITLE = "所属片区"
_UNKNOWN = "未知"
_NONE = "无"


def label_of(kind: str, label: str) -> str:
    """Label of an edit as shown: an undo says what it took back."""
    return _KIND_PREFIX.get(kind, "") + label


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
    names = _pianqu_names(engine, connection)
    rows = [_row(e, after.get((e["tbl"], e["uid"], e["version"])), names) for e in entries]
    return pd.DataFrame(rows, columns=list(HISTORY_COLUMNS))


def _row(
    entry: dict[str, Any], after_image: dict[str, Any] | None, names: dict[str, str]
) -> dict[str, Any]:
    before_image = _decoded(json.loads(entry["attrs"])) if entry["attrs"] else {}
    before, after = _difference(before_image, after_image or {}, entry["op"])
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
        "summary": _summary(entry, before, after, after_image or before_image, names),
    }


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
    called = f"{layer_title(layer)}“{image.get('name') or entry['uid']}”"
    if entry["op"] in _DONE:
        return _DONE[entry["op"]] + called
    titles = {f.name: f.title for f in LAYERS[layer].fields} if layer in LAYERS else {}
    parts = []
    for name in before:
        if name == "pianqu_uid":
            old, new = (names.get(side[name], _NONE) for side in (before, after))
            parts.append(f"{_MEMBERSHIP_TITLE} {old} → {new}")
        elif name != "area_geodesic_m2":
            old, new = _shown(before[name]), _shown(after[name])
            parts.append(f"{titles.get(name, name)} {old} → {new}")
    if entry["geom_changed"]:
        parts.append(_GEOMETRY_TITLE)
    return f"{called}：" + ("；".join(parts) or "无变化")


def _pianqu_names(engine: SqliteEngine, connection: sa.Connection) -> dict[str, str]:
    """Names of all 片区 by uid, those that are gone included."""
    last_images = sa.select(edit_history.c.uid, edit_history.c.attrs).where(
        edit_history.c.tbl == "pianqu", edit_history.c.op == "D"
    )
    gone = {uid: json.loads(attrs)["name"] for uid, attrs in engine.rows(connection, last_images)}
    table = VERSIONED["pianqu"]
    present = dict(engine.rows(connection, sa.select(table.c.uid, table.c.name)))
    return {uid: name or uid for uid, name in {**gone, **present}.items()}


def _shown(value: Any) -> str:
    return _UNKNOWN if value is None else str(value)


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

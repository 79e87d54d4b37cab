"""Telling a planner that a save is stale: whose version stands now, since when, and both versions."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from data.store.blob import decode
from data.store.tables import edit_history
from data.store.titles import compound_names, layer_title, record_name
from data.store.triggers import EXTERNAL_ACTOR
from errors import ConflictError

__all__ = ["actor_title", "conflict", "local_time"]

_MANAGED = {"fid", "uid", "geom"}


def conflict(
    connection: sa.Connection,
    layer: str,
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any] | None,
    *,
    taking_back: str | None = None,
) -> ConflictError:
    """Build the error for one record.

    Parameters
    ----------
    connection : Connection
        To look up who was last.
    layer : str
        Name of a layer, of a table of records, or ``settings``.
    mine : mapping
        What was to be saved, with ``uid``; columns as stored.
    theirs : mapping or None
        The row as it stands, columns as stored; None if it is gone.
    taking_back : str, optional
        撤销 or 重做, if one of these was refused and not a save.
    """
    uid = str(mine["uid"])
    last = _last_edit(connection, layer, uid)
    name = _name(connection, layer, [theirs or {}, mine, (last or {}).get("image", {})], uid)
    if last is None:
        what = "不存在"
    else:
        done = "删除" if theirs is None else "修改"
        since = f"在您要{taking_back}的那一步之后" if taking_back else "在您打开之后"
        what = f"{since}已被{actor_title(last['actor'])}于 {local_time(last['at'])} {done}"
    if taking_back:
        told = f"没有{taking_back}，计划没有改变。请与对方商量后由对方撤销，或直接修改资料。"
    else:
        told = "您的修改没有保存。请对照两个版本后再决定。"
    return ConflictError(
        f"{layer_title(layer)}“{name}”{what}，{told}",
        layer=layer,
        uid=uid,
        mine=_readable(mine),
        theirs={} if theirs is None else _readable(theirs) | {"at": last and last["at"]},
    )


def actor_title(actor: str) -> str:
    """Name of an editor for a planner."""
    return "外部程序（如 QGIS）" if actor == EXTERNAL_ACTOR else actor


def local_time(at: str) -> str:
    """Show a stored time (UTC) as the clock on the wall has it, to the minute."""
    moment = datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _name(connection: sa.Connection, layer: str, images: list[Mapping[str, Any]], uid: str) -> str:
    """Call the row by the first image that says what it is called."""
    known: dict[str, Any] = {}
    for image in images:
        known |= {key: value for key, value in image.items() if key not in known and value}
    of = known.get("compound_uid")
    names = compound_names(connection, [str(of)]) if of else {}
    return record_name(layer, known | {"uid": uid}, names)


def _last_edit(connection: sa.Connection, layer: str, uid: str) -> dict[str, Any] | None:
    statement = (
        sa.select(edit_history.c.actor, edit_history.c.at, edit_history.c.attrs)
        .where(edit_history.c.tbl == layer, edit_history.c.uid == uid)
        .order_by(edit_history.c.version.desc(), edit_history.c.seq.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    image = json.loads(row.attrs) if row.attrs else {}
    return {"actor": row.actor, "at": row.at, "image": image}


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Row as the card shows it: geometry as a geometry, JSON as values."""
    shown = {name: value for name, value in row.items() if name not in _MANAGED}
    if "geom" in row:
        geom = row["geom"]
        shown["geometry"] = decode([geom])[0] if isinstance(geom, bytes) else geom
    for name in ("extra", "value"):
        if isinstance(shown.get(name), str):
            shown[name] = json.loads(shown[name])
    return shown

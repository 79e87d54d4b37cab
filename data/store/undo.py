"""Undo and redo: the old image of every row of an edit is written as a new version of it.

Nothing is taken out of the history. Undoing an edit E makes an edit U that ``undoes`` E; redoing makes an
edit R that ``undoes`` U, and R can be undone in turn. A new edit cuts off what could be redone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from data.store.conflicts import conflict
from data.store.edit import Edit
from data.store.rows import delete_statement, update_statement
from data.store.sqlite_engine import SqliteEngine
from data.store.tables import VERSIONED, edit_history, edit_tx

__all__ = ["Step", "Undone", "redo_step", "revert", "undo_step"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """An edit that can be taken back or made again; `doing` is 撤销 or 重做."""

    txid: int
    label: str
    actor: str
    doing: str


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What an undo or redo did.

    Attributes
    ----------
    label : str
        Label of the edit that was taken back or made again.
    rows : dict
        Layer (or ``settings``) to the uids that were written.
    """

    label: str
    rows: dict[str, list[str]]


def undo_step(connection: sa.Connection, *, of: str | None) -> Step | None:
    """Find the last edit that stands and can be taken back; of one actor only if `of` is given."""
    later = edit_tx.alias("later")
    undone = sa.exists().where(later.c.undoes == edit_tx.c.txid, later.c.kind == "undo")
    candidates = edit_tx.c.kind.in_(("edit", "external", "redo")) & ~undone & _has_rows()
    return _last(connection, candidates, of, "撤销")


def redo_step(connection: sa.Connection, *, of: str | None) -> Step | None:
    """Find the last undo that can be taken back, unless a new edit came since.

    Of one actor only if `of` is given: then an edit of another does not cut it off, for what another has
    changed is no conflict unless it is the same row.
    """
    later = edit_tx.alias("later")
    redone = sa.exists().where(later.c.undoes == edit_tx.c.txid, later.c.kind == "redo")
    since = (later.c.txid > edit_tx.c.txid) & later.c.kind.in_(("edit", "external"))
    if of is not None:
        since &= later.c.actor == of
    candidates = (edit_tx.c.kind == "undo") & ~redone & ~sa.exists().where(since) & _has_rows()
    return _last(connection, candidates, of, "重做")


def revert(engine: SqliteEngine, connection: sa.Connection, edit: Edit, step: Step) -> Undone:
    """Write the images that rows had before an edit.

    Raises
    ------
    ConflictError
        If a row has moved on since; nothing is changed.
    """
    rows: dict[str, list[str]] = {}
    for layer, changes in _changes(connection, step.txid).items():
        held = _held(engine, connection, layer, list(changes))
        moved_on = _moved_on(engine, connection, layer, list(changes), after=step.txid)
        writer = _Writer(connection, edit, layer, held, moved_on, doing=step.doing)
        for uid, change in changes.items():
            writer.plan(uid, change)
        writer.write()
        rows[layer] = list(changes)
    return Undone(label=step.label, rows=rows)


@dataclass(kw_only=True)
class _Change:
    """What one edit did to one row, all its steps taken together."""

    fid: int
    version: int  # after the edit
    existed: bool  # before the edit
    attrs: dict[str, Any] | None  # before the edit
    geom: bytes | None = None  # before the edit
    geom_changed: bool = False
    only_updates: bool = True


class _Writer:
    """Sorts the rows of one table into updates, insertions and deletions, and writes them by fid."""

    def __init__(
        self,
        connection: sa.Connection,
        edit: Edit,
        layer: str,
        held: dict[str, dict[str, Any]],
        moved_on: set[str],
        *,
        doing: str,
    ) -> None:
        self._connection = connection
        self._edit = edit
        self._layer = layer
        self._held = held
        self._moved_on = moved_on
        self._doing = doing
        self._table = VERSIONED[layer]
        self._updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        self._inserts: list[dict[str, Any]] = []
        self._deletes: list[dict[str, Any]] = []

    def plan(self, uid: str, change: _Change) -> None:
        held = self._held[uid]
        if uid in self._moved_on:
            if self._follows_from_members(change, held):
                self._edit.refresh_pianqu([uid])
                return
            mine = {**(change.attrs or {}), "uid": uid, "version": change.version}
            raise conflict(
                self._connection, self._layer, mine, held["row"], taking_back=self._doing
            )
        present = held["row"] is not None
        if change.existed and present:
            values = dict(change.attrs or {}) | (
                {"geom": change.geom} if change.geom_changed else {}
            )
            values.pop("edited_by", None)
            row = {**values, "_uid": uid, "_version": held["version"], "_fid": change.fid}
            self._updates.setdefault(tuple(values), []).append(row)
        elif change.existed:
            image = dict(change.attrs or {}) | {"fid": change.fid, "uid": uid}
            if "geom" in self._table.c:
                image["geom"] = change.geom
            self._inserts.append(image | {"version": held["version"] + 1})
        elif present:
            self._deletes.append({"_uid": uid, "_version": held["version"], "_fid": change.fid})

    def write(self) -> None:
        table, actor = self._table, self._edit.actor
        for names, rows in self._updates.items():
            ordered = [{**row, "edited_by": actor} for row in _by_fid(rows)]
            self._edit.write_rows(table, update_statement(table, names), ordered)
        inserts = [{**row, "edited_by": actor} for row in sorted(self._inserts, key=_fid)]
        self._edit.write_rows(table, sa.insert(table), inserts)
        self._edit.write_rows(table, delete_statement(table), _by_fid(self._deletes))

    def _follows_from_members(self, change: _Change, held: dict[str, Any]) -> bool:
        """Whether only the boundary of a 片区 changed: it is put together anew, so it can not conflict."""
        if self._layer != "pianqu" or held["row"] is None or not change.only_updates:
            return False
        old = change.attrs or {}
        return all(held["row"][name] == old[name] for name in old if name != "edited_by")


def _changes(connection: sa.Connection, txid: int) -> dict[str, dict[str, _Change]]:
    statement = (
        sa.select(edit_history).where(edit_history.c.txid == txid).order_by(edit_history.c.seq)
    )
    found: dict[str, dict[str, _Change]] = {}
    for row in connection.execute(statement):
        layer = found.setdefault(row.tbl, {})
        change = layer.get(row.uid)
        if change is None:
            attrs = None if row.attrs is None else json.loads(row.attrs)
            change = layer[row.uid] = _Change(
                fid=row.fid, version=row.version, existed=row.op != "I", attrs=attrs
            )
        change.version = row.version
        change.only_updates &= row.op == "U"
        # The first geometry that was replaced is the one from before the edit.
        if row.geom_changed and not change.geom_changed and change.existed:
            change.geom, change.geom_changed = row.geom, True
    return found


def _moved_on(
    engine: SqliteEngine, connection: sa.Connection, layer: str, uids: list[str], *, after: int
) -> set[str]:
    """Rows whose state is not what the edit `after` left, because a later edit of them still stands."""
    statement = (
        sa.select(edit_history.c.uid, edit_history.c.txid, edit_tx.c.undoes)
        .join(edit_tx, edit_tx.c.txid == edit_history.c.txid)
        .where(
            edit_history.c.tbl == layer,
            edit_history.c.txid > after,
            engine.one_of(edit_history.c.uid, uids),
        )
        .distinct()
        .order_by(edit_history.c.txid)
    )
    standing: dict[str, set[int]] = {}
    for uid, txid, undoes in engine.rows(connection, statement):
        later = standing.setdefault(uid, set())
        # An edit and its undo, or an undo and its redo, cancel each other out.
        if undoes in later:
            later.remove(undoes)
        else:
            later.add(txid)
    return {uid for uid, later in standing.items() if later}


def _held(
    engine: SqliteEngine, connection: sa.Connection, layer: str, uids: list[str]
) -> dict[str, dict[str, Any]]:
    """Version and row of each uid now; a deleted row has the version of its deletion."""
    table = VERSIONED[layer]
    names = [column.name for column in table.c]
    present = engine.rows(connection, sa.select(*table.c).where(engine.one_of(table.c.uid, uids)))
    rows = {row["uid"]: row for row in (dict(zip(names, r, strict=True)) for r in present)}
    last = (
        sa.select(edit_history.c.uid, sa.func.max(edit_history.c.version))
        .where(edit_history.c.tbl == layer, engine.one_of(edit_history.c.uid, uids))
        .group_by(edit_history.c.uid)
    )
    versions = dict(engine.rows(connection, last))
    return {
        uid: {
            "version": rows[uid]["version"] if uid in rows else versions[uid],
            "row": rows.get(uid),
        }
        for uid in uids
    }


def _has_rows() -> sa.ColumnElement[bool]:
    return sa.exists().where(edit_history.c.txid == edit_tx.c.txid)


def _last(
    connection: sa.Connection, candidates: sa.ColumnElement[bool], of: str | None, doing: str
) -> Step | None:
    if of is not None:
        candidates = candidates & (edit_tx.c.actor == of)
    statement = sa.select(edit_tx).where(candidates).order_by(edit_tx.c.txid.desc()).limit(1)
    row = connection.execute(statement).first()
    if row is None:
        return None
    return Step(txid=row.txid, label=row.label, actor=row.actor, doing=doing)


def _by_fid(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(rows, key=lambda row: row["_fid"])
    return [{name: value for name, value in row.items() if name != "_fid"} for row in ordered]


def _fid(row: dict[str, Any]) -> int:
    return int(row["fid"])

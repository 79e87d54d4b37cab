"""What every edit does, whatever it changes: versions, authors and the books of one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from data.schema import TABLES
from data.store import tables
from data.store.conflicts import conflict
from data.store.rows import (
    encode_geometries,
    keyed,
    new_key,
    union_box,
    update_statement,
    versioned_table,
)
from data.store.sqlite_engine import SqliteEngine
from errors import RecordError

__all__ = ["Books", "Box"]

Box = tuple[float, float, float, float]


class Books:
    """One transaction: rows are written with the next version and the actor's name.

    The old image of every row goes to the history by the file's own triggers.
    """

    def __init__(
        self,
        engine: SqliteEngine,
        connection: sa.Connection,
        *,
        actor: str,
        label: str,
        kind: str = "edit",
        undoes: int | None = None,
    ) -> None:
        self._engine = engine
        self._connection = connection
        self._actor = actor
        self._label = label
        self._kind = kind
        self._undoes = undoes
        self._txid: int | None = None
        self._touched: dict[str, Box | None] = {}

    @property
    def actor(self) -> str:
        """Who edits."""
        return self._actor

    @property
    def txid(self) -> int:
        """Number of this transaction in ``edit_tx``; entered there with the first change."""
        if self._txid is None:
            entry = sa.insert(tables.edit_tx).values(
                actor=self._actor, label=self._label, kind=self._kind, undoes=self._undoes
            )
            self._txid = new_key(self._connection.execute(entry))
            self._connection.execute(
                sa.update(tables.edit_now).values(txid=self._txid, actor=self._actor)
            )
        return self._txid

    # What follows is for the package: undo writes old images by the same few ways.

    def write_rows(
        self,
        table: sa.Table,
        statement: sa.Insert | sa.Update | sa.Delete,
        rows: list[dict[str, Any]],
    ) -> None:
        """Run a prepared statement for rows whose geometry may be shapely or a blob."""
        if not rows:
            return
        _ = self.txid
        box = self._touched.get(table.name)
        if "geom" in rows[0]:
            encode_geometries(rows)
            box = union_box(box, [row["geom"] for row in rows])
        self._touched[table.name] = box
        touched = self._engine.write_many(self._connection, statement, rows)
        if touched != len(rows):
            raise RuntimeError(f"{table.name}: {touched} of {len(rows)} rows written")

    def finish(self) -> None:
        """Close the books; called once, before commit."""
        if self._txid is None:
            return
        for name, box in self._touched.items():
            self._engine.note_contents(self._connection, name, box)
        self._connection.execute(sa.update(tables.edit_now).values(txid=None, actor=None))

    def _update_group(
        self, table: sa.Table, names: tuple[str, ...], records: list[dict[str, Any]]
    ) -> None:
        statement = update_statement(table, names)
        rows = [
            {**{name: record[name] for name in names}, **keyed(record), "edited_by": self._actor}
            for record in records
        ]
        self.write_rows(table, statement, rows)

    def _current(self, name: str, uids: Sequence[str]) -> dict[str, dict[str, Any]]:
        table = versioned_table(name)
        statement = sa.select(*table.c).where(self._engine.one_of(table.c.uid, uids))
        names = [column.name for column in table.c]
        rows = self._engine.rows(self._connection, statement)
        return {row["uid"]: row for row in (dict(zip(names, r, strict=True)) for r in rows)}

    def _last_versions(self, name: str, uids: Sequence[str]) -> dict[str, int]:
        """Last version of uids that existed before, so that a version never comes twice."""
        history = tables.edit_history
        statement = (
            sa.select(history.c.uid, sa.func.max(history.c.version))
            .where(history.c.tbl == name, self._engine.one_of(history.c.uid, uids))
            .group_by(history.c.uid)
        )
        return {uid: int(v) for uid, v in self._engine.rows(self._connection, statement)}

    def _refuse_taken(self, name: str, uids: list[str]) -> None:
        table = versioned_table(name)
        statement = sa.select(table.c.uid).where(self._engine.one_of(table.c.uid, uids))
        taken = {row[0] for row in self._engine.rows(self._connection, statement)}
        seen: set[str] = set()
        for uid in uids:
            if uid in seen:
                taken.add(uid)
            seen.add(uid)
        if taken:
            listed = "、".join(sorted(taken)[:5])
            raise RecordError(TABLES[name].title, [f"标识码重复（{listed}），没有保存。"])

    def _refuse_stale(
        self,
        name: str,
        records: Sequence[Mapping[str, Any]],
        current: Mapping[str, Mapping[str, Any]],
    ) -> None:
        if len({record["uid"] for record in records}) != len(records):
            raise RecordError(TABLES[name].title, ["同一条记录在一次修改里出现了两次。"])
        for record in records:
            found = current.get(record["uid"])
            if found is None or found["version"] != record["version"]:
                raise conflict(self._connection, name, record, found)

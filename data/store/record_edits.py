"""Adding, changing and deleting the records that belong to compounds: votes, stages, progress, money."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa

from data.schema import RECORD_TABLES
from data.store import tables
from data.store.books import Books
from data.store.door import clean_extra, clean_values
from data.store.frames import record_columns, record_frame
from data.store.rows import (
    blank_row,
    delete_statement,
    differs,
    keyed,
    record_table,
    update_statement,
)
from data.store.sqlite_engine import SqliteEngine
from errors import RecordError

__all__ = ["RecordEdits", "read_records"]

# What a record read from a frame carries beside its fields; never written from outside.
_MANAGED = frozenset({"fid", "version", "edited_by"})


def read_records(
    engine: SqliteEngine,
    connection: sa.Connection,
    name: str,
    *,
    compound_uids: Iterable[str] | None = None,
    orphans: bool = False,
) -> pd.DataFrame:
    """Read the records of a table in the order of their entry; see ``Plan.records``."""
    table = record_table(name)
    compounds = tables.LAYER_TABLES["compounds"]
    statement = sa.select(*(table.c[column] for column in record_columns(name)))
    if RECORD_TABLES[name].of_compounds:
        there = sa.exists().where(compounds.c.uid == table.c.compound_uid)
        statement = statement.where(~there if orphans else there)
    statement = statement.order_by(table.c.fid)
    if compound_uids is not None:
        statement = statement.where(engine.one_of(table.c.compound_uid, compound_uids))
    return record_frame(name, engine.rows(connection, statement))


class RecordEdits(Books):
    """The part of an edit that knows the records of compounds."""

    def records(
        self, table: str, *, compound_uids: Iterable[str] | None = None, orphans: bool = False
    ) -> pd.DataFrame:
        """Read records as this edit has left them so far; see ``Plan.records``."""
        return read_records(
            self._engine, self._connection, table, compound_uids=compound_uids, orphans=orphans
        )

    def add_record(self, table: str, values: Mapping[str, Any]) -> str:
        """Add a record of a compound.

        Parameters
        ----------
        table : str
            One of ``data.schema.RECORD_TABLES``.
        values : mapping
            Fields by name, ``compound_uid`` among them; other names are kept in ``extra``.

        Returns
        -------
        str
            Uid of the record, given here unless `values` names one.

        Raises
        ------
        RecordError
            If a value does not fit its field, or there is no such compound; nothing is added.
        """
        target = record_table(table)
        own, extra = self._cleaned(table, values)
        uid = str(own.get("uid") or tables.new_uid())
        self._refuse_taken(table, [uid])
        self._require_compound(table, own.get("compound_uid"))
        version = self._last_versions(table, [uid]).get(uid, 0) + 1
        row = blank_row(table) | own | {"extra": clean_extra(extra)}
        row |= {"uid": uid, "version": version, "edited_by": self._actor}
        self.write_rows(target, sa.insert(target), [row])
        return uid

    def update_record(self, table: str, uid: str, version: int, values: Mapping[str, Any]) -> int:
        """Change a record; what `values` does not name stays.

        Parameters
        ----------
        table, uid : str
        version : int
            Version at which the record was read.
        values : mapping
            As for :meth:`add_record`. A key of ``extra`` given as None is taken out; ``extra`` itself
            replaces all of them.

        Returns
        -------
        int
            The version now; the old one if nothing differed.

        Raises
        ------
        ConflictError
            If the record is not at `version` any more.
        RecordError
            If a value does not fit its field, or there is no such compound.
        """
        target = record_table(table)
        own, extra = self._cleaned(table, values)
        record = {**own, "uid": uid, "version": int(version)}
        current = self._current(table, [uid])
        self._refuse_stale(table, [record], current)
        held = current[uid]
        if "compound_uid" in own and own["compound_uid"] == held["compound_uid"]:
            del record["compound_uid"]
        elif "compound_uid" in own:
            self._require_compound(table, own["compound_uid"])
        if extra or "extra" in values:
            base = {} if "extra" in values else json.loads(held["extra"] or "{}")
            kept = {key: value for key, value in {**base, **extra}.items() if value is not None}
            record["extra"] = clean_extra(kept)
        if not differs(record, held):
            return int(version)
        names = tuple(sorted(name for name in record if name not in {"uid", "version"}))
        row = {**{name: record[name] for name in names}, **keyed(record), "edited_by": self._actor}
        self.write_rows(target, update_statement(target, names), [row])
        return int(version) + 1

    def delete_record(self, table: str, uid: str, version: int) -> None:
        """Delete a record; refused with ConflictError if it is not at ``version`` any more."""
        target = record_table(table)
        record = {"uid": uid, "version": int(version)}
        self._refuse_stale(table, [record], self._current(table, [uid]))
        self.write_rows(target, delete_statement(target), [keyed(record)])

    def _cleaned(
        self, table: str, values: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sort values into columns, cleaned, and what goes to ``extra``, as given."""
        fields = {field.name for field in RECORD_TABLES[table].fields}
        title = RECORD_TABLES[table].title
        given = values.get("extra") or {}
        if not isinstance(given, Mapping):
            raise RecordError(title, [f"{title}：自定义字段应是“名称: 值”的集合"])
        known = {name: value for name, value in values.items() if name in fields}
        others = {
            name: value
            for name, value in values.items()
            if name not in fields and name not in _MANAGED and name != "extra"
        }
        extra = {**given, **others}
        # Cleaned here only to refuse both kinds of problem at once.
        cleaned = clean_values(table, {**known, "extra": extra}, title)
        del cleaned["extra"]
        return cleaned, extra

    def _require_compound(self, table: str, uid: str | None) -> None:
        if not RECORD_TABLES[table].of_compounds:
            return
        title = RECORD_TABLES[table].title
        if uid is None:
            raise RecordError(title, [f"{title}：没有写明是哪个小区的。"])
        if uid not in self._current("compounds", [uid]):
            raise RecordError(title, [f"{title}：没有标识码为“{uid}”的小区，请先录入小区。"])

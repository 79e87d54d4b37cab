"""One edit of a plan: any number of changes that are kept together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import sqlalchemy as sa

from data.schema import LAYERS
from data.store import derived, tables
from data.store.blob import decode
from data.store.books import Box
from data.store.conflicts import conflict
from data.store.door import clean_json
from data.store.frames import Records, layer_frame, plain_records, records_of
from data.store.locks import Move, refuse_locked
from data.store.record_edits import RecordEdits
from data.store.rows import (
    blank_row,
    by_columns,
    delete_statement,
    differs,
    free_row,
    keyed,
    layer_table,
    new_key,
    select_layer,
)
from data.store.sqlite_engine import SqliteEngine
from errors import RecordError

__all__ = ["Edit"]


class Edit(RecordEdits):
    """The changes of one transaction; made by ``Plan.edit`` only.

    Every changed row gets the next version and the actor's name, and its old image goes to the history.
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
        super().__init__(engine, connection, actor=actor, label=label, kind=kind, undoes=undoes)
        self._stale_pianqu: set[str] = set()

    def read(
        self, layer: str, *, uids: Iterable[str] | None = None, bbox: Box | None = None
    ) -> gpd.GeoDataFrame:
        """Rows of a layer as this edit has left them so far; see ``Plan.read``."""
        statement = select_layer(self._engine, layer, uids=uids, bbox=bbox)
        return layer_frame(layer, self._engine.rows(self._connection, statement))

    def insert(self, layer: str, given: Records) -> list[str]:
        """Add records to a layer.

        Parameters
        ----------
        layer : str
            Layer's name.
        given : DataFrame, GeoDataFrame or iterable of mappings
            Geometry in EPSG:4490 (mappings: key ``geometry``). Records without uid are given one.

        Returns
        -------
        list of str
            The uids, in the order of the records.

        Raises
        ------
        RecordError
            All problems of all records; nothing is added.
        """
        table = layer_table(layer)
        records = records_of(layer, given)
        for record in records:
            record.pop("version", None)
            record["uid"] = record.get("uid") or tables.new_uid()
        uids: list[str] = [record["uid"] for record in records]
        self._refuse_taken(layer, uids)
        self._measure(layer, records)
        versions = self._last_versions(layer, uids)
        blank = blank_row(layer)
        rows = []
        for record in records:
            row = blank | record
            row |= {"version": versions.get(str(row["uid"]), 0) + 1, "edited_by": self._actor}
            rows.append(row)
        if layer == "compounds":
            refuse_locked(self, [Move(r["name"], False, None, r["pianqu_uid"]) for r in rows])
            self._stale_pianqu.update(r["pianqu_uid"] for r in rows if r["pianqu_uid"])
        self.write_rows(table, sa.insert(table), rows)
        return uids

    def update(self, layer: str, uid: str, version: int, values: Mapping[str, Any]) -> int:
        """Change one record; values may hold ``geometry``.

        Returns
        -------
        int
            The version now; the old one if nothing differed.

        Raises
        ------
        ConflictError
            If the record is not at ``version`` any more.
        """
        return self.update_many(layer, [{**values, "uid": uid, "version": version}])[0]

    def update_many(self, layer: str, given: Records) -> list[int]:
        """Change many records; each carries ``uid`` (a frame's index) and the ``version`` it was read at.

        Returns
        -------
        list of int
            The versions now, in the order given.

        Raises
        ------
        ConflictError
            For the first record that is not at its version any more; nothing is changed.
        RecordError
            All problems of all records.
        """
        table = layer_table(layer)
        records = records_of(layer, given)
        for record in records:
            if record.get("uid") is None or record.get("version") is None:
                raise RecordError(LAYERS[layer].title, ["修改记录时必须带标识码和版本号。"])
            record["version"] = int(record["version"])
        self._measure(layer, records)
        current = self._current(layer, [record["uid"] for record in records])
        self._refuse_stale(layer, records, current)
        changed = [r for r in records if differs(r, current[r["uid"]])]
        if layer == "compounds":
            refuse_locked(self, [_moved(r, current[r["uid"]]) for r in changed])
        for names, group in by_columns(changed).items():
            group.sort(key=lambda record: current[record["uid"]]["fid"])
            self._update_group(table, names, group)
        if layer == "compounds":
            self._note_members(changed, current)
        bumped = {record["uid"] for record in changed}
        return [record["version"] + (record["uid"] in bumped) for record in records]

    def delete(self, layer: str, uid: str, version: int) -> None:
        """Delete one record; refused with ConflictError if it is not at ``version`` any more."""
        self.delete_many(layer, [(uid, version)])

    def delete_many(self, layer: str, keys: Sequence[tuple[str, int]]) -> None:
        """Delete records given as (uid, version)."""
        table = layer_table(layer)
        records: list[dict[str, Any]] = [{"uid": uid, "version": int(v)} for uid, v in keys]
        current = self._current(layer, [uid for uid, _ in keys])
        self._refuse_stale(layer, records, current)
        if layer == "compounds":
            refuse_locked(self, [_deleted(current[record["uid"]]) for record in records])
        records.sort(key=lambda record: current[record["uid"]]["fid"])
        self.write_rows(table, delete_statement(table), [keyed(r) for r in records])
        if layer == "compounds":
            self._stale_pianqu.update(
                row["pianqu_uid"] for row in current.values() if row["pianqu_uid"]
            )

    def append(self, table: str, records: Records) -> list[int]:
        """Add rows to ledger or import_batch; returns their ids.

        A frame's rows or mappings; keys that are no column of the table are kept in its JSON column
        ``extra``. These tables are records of what was received: undo leaves them as they are.
        """
        target = tables.FREE_TABLES.get(table)
        if target is None:
            raise KeyError(f"no table to append to: {table}")
        ids = []
        for record in plain_records(records):
            row = free_row(target, record) | {"txid": self.txid}
            ids.append(new_key(self._connection.execute(sa.insert(target).values(row))))
        return ids

    def set_setting(self, key: str, value: Any, *, version: int | None = None) -> None:
        """Set one of the plan's settings (any JSON value); versioned, in the history, undoable.

        Parameters
        ----------
        key : str
            Setting's name.
        value : JSON value
            None is a value too.
        version : int, optional
            Version that was read (0: there was none); if given, a stale one raises ConflictError.
        """
        table = tables.settings
        try:
            text = clean_json(value)
        except ValueError as reason:
            raise RecordError("设置", [f"{key}{reason}"]) from reason
        current = self._current("settings", [key])
        found = current.get(key)
        held = 0 if found is None else int(found["version"])
        if version is not None and version != held:
            record = {"uid": key, "version": version, "value": text}
            raise conflict(self._connection, "settings", record, found)
        if found is None:
            held = self._last_versions("settings", [key]).get(key, 0)
            row = {"uid": key, "value": text, "version": held + 1, "edited_by": self._actor}
            self.write_rows(table, sa.insert(table), [row])
        elif found["value"] != text:
            self._update_group(table, ("value",), [{"uid": key, "version": held, "value": text}])

    # What follows is for the package.

    def refresh_pianqu(self, uids: Iterable[str]) -> None:
        """Note 片区 whose boundary has to be put together anew at the end of the edit."""
        self._stale_pianqu.update(uids)

    def settle_pianqu(self) -> None:
        """Put stale boundaries of 片区 together now, for a caller that goes on to use them."""
        stale, self._stale_pianqu = sorted(self._stale_pianqu), set()
        if stale:
            derived.refresh_pianqu(self, stale)

    def members_of(self, pianqu_uids: Sequence[str]) -> dict[str, list[Any]]:
        """Boundaries (or None) of the members of 片区, by the uid of the 片区."""
        table = tables.LAYER_TABLES["compounds"]
        statement = sa.select(table.c.pianqu_uid, table.c.geom).where(
            self._engine.one_of(table.c.pianqu_uid, pianqu_uids)
        )
        rows = self._engine.rows(self._connection, statement)
        members: dict[str, list[Any]] = {}
        for (uid, _), geometry in zip(rows, decode([blob for _, blob in rows]), strict=True):
            members.setdefault(uid, []).append(geometry)
        return members

    def locked_pianqu(self, uids: Sequence[str]) -> dict[str, str]:
        """Names of those of some 片区 that are locked, by uid."""
        table = tables.LAYER_TABLES["pianqu"]
        statement = sa.select(table.c.uid, table.c.name).where(
            self._engine.one_of(table.c.uid, uids), table.c.locked == sa.literal_column("1")
        )
        return {uid: name or uid for uid, name in self._engine.rows(self._connection, statement)}

    def finish(self) -> None:
        """Bring derived columns up to date and close the books; called once, before commit."""
        self.settle_pianqu()
        super().finish()

    def _measure(self, layer: str, records: list[dict[str, Any]]) -> None:
        """Set the geodesic area wherever geometry is written; nobody else sets it."""
        if layer != "compounds":
            return
        written = [record for record in records if "geom" in record]
        for record in records:
            record.pop("area_geodesic_m2", None)
        areas = derived.areas_m2([record["geom"] for record in written])
        for record, area in zip(written, areas, strict=True):
            record["area_geodesic_m2"] = area

    def _note_members(
        self, changed: list[dict[str, Any]], current: Mapping[str, Mapping[str, Any]]
    ) -> None:
        for record in changed:
            held = current[record["uid"]]["pianqu_uid"]
            now = record.get("pianqu_uid", held)
            if held != now or "geom" in record:
                self._stale_pianqu.update(uid for uid in (held, now) if uid)


def _moved(record: Mapping[str, Any], held: Mapping[str, Any]) -> Move:
    to = record.get("pianqu_uid", held["pianqu_uid"])
    return Move(held["name"], bool(held["locked"]), held["pianqu_uid"], to)


def _deleted(held: Mapping[str, Any]) -> Move:
    return Move(held["name"], bool(held["locked"]), held["pianqu_uid"], None, deleted=True)

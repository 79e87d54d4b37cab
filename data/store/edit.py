"""One edit of a plan: any number of changes that are kept together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import sqlalchemy as sa

from data.schema import LAYERS
from data.store import derived, tables
from data.store.blob import decode
from data.store.conflicts import conflict
from data.store.door import clean_json
from data.store.frames import Records, layer_frame, plain_records, records_of
from data.store.rows import (
    blank_row,
    by_columns,
    delete_statement,
    differs,
    encode_geometries,
    free_row,
    keyed,
    layer_table,
    new_key,
    select_layer,
    union_box,
    update_statement,
)
from data.store.sqlite_engine import SqliteEngine
from errors import RecordError

__all__ = ["Edit"]

Box = tuple[float, float, float, float]


class Edit:
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
        self._engine = engine
        self._connection = connection
        self._actor = actor
        self._label = label
        self._kind = kind
        self._undoes = undoes
        self._txid: int | None = None
        self._touched: dict[str, Box | None] = {}
        self._stale_pianqu: set[str] = set()

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
        self.write_rows(table, sa.insert(table), rows)
        if layer == "compounds":
            self._stale_pianqu.update(r["pianqu_uid"] for r in rows if r["pianqu_uid"])
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
        records.sort(key=lambda record: current[record["uid"]]["fid"])
        self.write_rows(table, delete_statement(table), [keyed(r) for r in records])
        if layer == "compounds":
            self._stale_pianqu.update(
                row["pianqu_uid"] for row in current.values() if row["pianqu_uid"]
            )

    def append(self, table: str, records: Records) -> list[int]:
        """Add rows to ledger, import_batch, votes, funding or stages; returns their ids.

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

    def finish(self) -> None:
        """Bring derived columns up to date and close the books; called once, before commit."""
        self.settle_pianqu()
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

    def _current(self, layer: str, uids: Sequence[str]) -> dict[str, dict[str, Any]]:
        table = tables.VERSIONED[layer]
        statement = sa.select(*table.c).where(self._engine.one_of(table.c.uid, uids))
        names = [column.name for column in table.c]
        rows = self._engine.rows(self._connection, statement)
        return {row["uid"]: row for row in (dict(zip(names, r, strict=True)) for r in rows)}

    def _last_versions(self, layer: str, uids: Sequence[str]) -> dict[str, int]:
        """Last version of uids that existed before, so that a version never comes twice."""
        history = tables.edit_history
        statement = (
            sa.select(history.c.uid, sa.func.max(history.c.version))
            .where(history.c.tbl == layer, self._engine.one_of(history.c.uid, uids))
            .group_by(history.c.uid)
        )
        return {uid: int(v) for uid, v in self._engine.rows(self._connection, statement)}

    def _refuse_taken(self, layer: str, uids: list[str]) -> None:
        table = layer_table(layer)
        statement = sa.select(table.c.uid).where(self._engine.one_of(table.c.uid, uids))
        taken = {row[0] for row in self._engine.rows(self._connection, statement)}
        seen: set[str] = set()
        for uid in uids:
            if uid in seen:
                taken.add(uid)
            seen.add(uid)
        if taken:
            listed = "、".join(sorted(taken)[:5])
            raise RecordError(LAYERS[layer].title, [f"标识码重复（{listed}），没有保存。"])

    def _refuse_stale(
        self,
        layer: str,
        records: Sequence[Mapping[str, Any]],
        current: Mapping[str, Mapping[str, Any]],
    ) -> None:
        if len({record["uid"] for record in records}) != len(records):
            raise RecordError(LAYERS[layer].title, ["同一条记录在一次修改里出现了两次。"])
        for record in records:
            found = current.get(record["uid"])
            if found is None or found["version"] != record["version"]:
                raise conflict(self._connection, layer, record, found)

    def _note_members(
        self, changed: list[dict[str, Any]], current: Mapping[str, Mapping[str, Any]]
    ) -> None:
        for record in changed:
            held = current[record["uid"]]["pianqu_uid"]
            now = record.get("pianqu_uid", held)
            if held != now or "geom" in record:
                self._stale_pianqu.update(uid for uid in (held, now) if uid)

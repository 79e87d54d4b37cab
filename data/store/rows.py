"""The statements and row forms that an edit and an undo write with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from data.schema import TABLES
from data.store import tables
from data.store.blob import blob_box, encode
from data.store.door import clean_json, clean_text
from data.store.frames import layer_columns
from data.store.sqlite_engine import SqliteEngine

__all__ = [
    "blank_row",
    "by_columns",
    "delete_statement",
    "differs",
    "encode_geometries",
    "free_row",
    "keyed",
    "layer_table",
    "new_key",
    "record_table",
    "select_layer",
    "union_box",
    "update_statement",
    "versioned_table",
]

Box = tuple[float, float, float, float]


def select_layer(
    engine: SqliteEngine,
    layer: str,
    *,
    uids: Iterable[str] | None = None,
    bbox: Box | None = None,
) -> sa.Select[Any]:
    """Select the rows of a layer in the order of their entry, as ``layer_frame`` wants them."""
    table = layer_table(layer)
    statement = sa.select(*(table.c[name] for name in layer_columns(layer))).order_by(table.c.fid)
    if uids is not None:
        statement = statement.where(engine.one_of(table.c.uid, uids))
    if bbox is not None:
        statement = statement.where(engine.in_box(table, bbox))
    return statement


def update_statement(table: sa.Table, names: Iterable[str]) -> sa.Update:
    """Update of named columns for one row at one version, to be run for many."""
    values: dict[str, Any] = {name: sa.bindparam(name) for name in names}
    return (
        sa.update(table)
        .where(table.c.uid == sa.bindparam("_uid"), table.c.version == sa.bindparam("_version"))
        .values(
            {
                **values,
                "edited_by": sa.bindparam("edited_by"),
                "version": table.c.version + sa.literal_column("1"),
            }
        )
    )


def delete_statement(table: sa.Table) -> sa.Delete:
    """Build the deletion of one row at one version, to be run for many."""
    return sa.delete(table).where(
        table.c.uid == sa.bindparam("_uid"), table.c.version == sa.bindparam("_version")
    )


def keyed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values that say which row at which version a statement means."""
    return {"_uid": record["uid"], "_version": record["version"]}


def layer_table(layer: str) -> sa.Table:
    """Find the table of a layer; KeyError for any other name."""
    table = tables.LAYER_TABLES.get(layer)
    if table is None:
        raise KeyError(f"no such layer: {layer}")
    return table


def record_table(name: str) -> sa.Table:
    """Find the table of records; KeyError for any other name."""
    table = tables.RECORDS.get(name)
    if table is None:
        raise KeyError(f"no such table of records: {name}")
    return table


def versioned_table(name: str) -> sa.Table:
    """Find a table whose rows have versions: a layer, a table of records, the settings."""
    return tables.VERSIONED[name]


def blank_row(name: str) -> dict[str, Any]:
    """Give a row of which nothing is known; a flag that nobody set is down."""
    blank: dict[str, Any] = {c.name: None for c in versioned_table(name).c if c.name != "fid"}
    return blank | {field.name: 0 for field in TABLES[name].fields if field.kind == "flag"}


def new_key(entered: sa.CursorResult[Any]) -> int:
    """Give the primary key of the row that was just entered."""
    key = entered.inserted_primary_key
    if key is None:
        raise RuntimeError("no row was entered")
    return int(key[0])


def differs(record: dict[str, Any], held: Mapping[str, Any]) -> bool:
    """Whether a record changes the row that is held."""
    if "geom" in record:
        encode_geometries([record])
    return any(
        held[name] != value for name, value in record.items() if name not in {"uid", "version"}
    )


def by_columns(records: list[dict[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Sort records by the columns that they write, so that each sort is one statement."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for record in records:
        names = tuple(sorted(name for name in record if name not in {"uid", "version"}))
        groups.setdefault(names, []).append(record)
    return groups


def encode_geometries(rows: list[dict[str, Any]]) -> None:
    """Turn geometries into blobs in place; what is a blob already stays."""
    pending = [row for row in rows if not isinstance(row["geom"], (bytes, type(None)))]
    if pending:
        geometries = np.empty(len(pending), dtype=object)
        geometries[:] = [row["geom"] for row in pending]
        for row, blob in zip(pending, encode(geometries), strict=True):
            row["geom"] = blob


def union_box(box: Box | None, blobs: Iterable[bytes | None]) -> Box | None:
    """Widen a box (west, south, east, north) by the boxes of blobs."""
    for blob in blobs:
        found = blob_box(blob)
        if found is None:
            continue
        minx, maxx, miny, maxy = found
        if box is None:
            box = (minx, miny, maxx, maxy)
        else:
            box = (min(box[0], minx), min(box[1], miny), max(box[2], maxx), max(box[3], maxy))
    return box


def free_row(table: sa.Table, record: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a mapping out as a row of a free table: what is no column goes to ``extra``."""
    own = {column.name for column in table.c} - {"id", "txid", "extra"}
    row: dict[str, Any] = {}
    extra: dict[str, Any] = dict(record.get("extra") or {})
    for name, value in record.items():
        if name == "extra":
            continue
        if name not in own:
            extra[name] = value
        elif name in tables.JSON_COLUMNS:
            row[name] = None if value is None else clean_json(value)
        elif isinstance(value, str):
            row[name] = clean_text(value, multiline=True)
        else:
            row[name] = json.loads(clean_json(value))
    if extra:
        row["extra"] = clean_json(extra)
    return {name: value for name, value in row.items() if name != "at" or value is not None}

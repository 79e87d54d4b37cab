"""Bringing a plan file of an older layout up to date when it is opened, whole or not at all.

Layout 1 had tables of votes, funding and stages that could only be added to; no page wrote them, scripts
could. Layout 2 has records with versions, history and undo in their place. What layout 1 held is carried
over: into its column where it fits one, else into ``extra`` under the name of the old column.
Layout 3 has the flag 锁定 on compounds and 片区; in an older file nothing is locked.
It also has tables for saved 方案.
Layout 4 knows more of stalls and sites, and has the layer of aisles and the table of saved 车位方案.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite

from data.schema import LAYERS, LOCKED, RECORD_TABLES, Field
from data.store.door import clean_value
from data.store.gpkg_layout import (
    field_layout,
    layer_layout,
    records_layout,
    scheme_layout,
    triggers_layout,
)
from data.store.tables import LAYER_TABLES, new_uid
from errors import StoreError

__all__ = ["upgrade"]

_ACTOR, _LABEL = "文件升级", "升级文件格式"

# Layout 1: old column to new; columns of the same name need no word.
_RENAMED = {"votes": {"asked": "owners_total", "agreed": "owners_agreed"}}
_NOTED_AT = "登记时间"

# Fields that layers have got since layout 1: 锁定 with layout 3, the rest with layout 4, which had but
# uid, name and kind of stalls and sites.
_ADDED: dict[str, tuple[Field, ...]] = {
    "compounds": (LOCKED,),
    "pianqu": (LOCKED,),
    "stalls": LAYERS["stalls"].fields[3:],
    "sites": LAYERS["sites"].fields[3:],
}


def upgrade(path: Path, connection: sqlite3.Connection, version: int, newest: int) -> None:
    """Bring a plan file from layout `version` to `newest` in one transaction.

    Raises
    ------
    StoreError
        If a table of another program stands where a table of ours has to go; nothing is changed.
    """
    if version >= newest:
        return
    # Known to be a plan by now: our own triggers write the history of what is carried over.
    connection.execute("PRAGMA trusted_schema=ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name in RECORD_TABLES:
            _renew(path, connection, name)
        _add_schemes(connection)
        for layer in LAYERS:
            _add_layer(path, connection, layer)
        for layer, fields in _ADDED.items():
            _add_fields(path, connection, layer, fields)
        connection.execute("UPDATE edit_now SET txid=NULL, actor=NULL")
        connection.execute(
            "UPDATE meta SET value=? WHERE key='schema_version'",
            (str(newest),),
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("PRAGMA trusted_schema=OFF")


def _add_layer(path: Path, connection: sqlite3.Connection, layer: str) -> None:
    """Add a layer that the file does not have."""
    columns = {row[1] for row in connection.execute(f'PRAGMA table_info("{layer}")')}
    if {"fid", "geom", "uid", "version"} <= columns:
        return
    if columns:
        raise _taken(path, f"表“{layer}”", LAYERS[layer].title)
    _forget(connection, layer)
    for statement in layer_layout(layer):
        connection.execute(statement)


def _add_fields(
    path: Path, connection: sqlite3.Connection, layer: str, fields: tuple[Field, ...]
) -> None:
    """Add columns to a layer, with their titles for GIS programs, and the layer's triggers anew."""
    present = {
        row[1].lower(): row[2].upper()
        for row in connection.execute(f'PRAGMA table_info("{layer}")')
    }
    missing = [field for field in fields if field.name not in present]
    for field in fields:
        wanted = LAYER_TABLES[layer].c[field.name].type.compile(dialect=sqlite.dialect())
        if present.get(field.name, wanted) != wanted:
            raise _taken(path, f"字段“{field.name}”", f"{LAYERS[layer].title}的{field.title}")
    for field in missing:
        connection.execute(
            "DELETE FROM gpkg_data_columns WHERE table_name=? AND column_name=?",
            (layer, field.name),
        )
        for statement in field_layout(layer, field):
            connection.execute(statement)
    if missing:
        for statement in triggers_layout(layer):
            connection.execute(statement)


def _taken(path: Path, what: str, ours: str) -> StoreError:
    return StoreError(
        f"“{path.name}”里有其他程序加的{what}，与本工具的“{ours}”重名。"
        "请在那个程序里把它改名，再打开；文件没有改动。"
    )


def _forget(connection: sqlite3.Connection, table: str) -> None:
    """Take out what GIS programs were told of a table that is made anew."""
    connection.execute("DELETE FROM gpkg_contents WHERE table_name=?", (table,))
    connection.execute("DELETE FROM gpkg_data_columns WHERE table_name=?", (table,))


def _renew(path: Path, connection: sqlite3.Connection, name: str) -> None:
    """Put the table of layout 2 in the place of that of layout 1, with what was in it."""
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
    if {"fid", "uid", "version"} <= set(columns):
        return
    if columns and not {"id", "compound_uid", "txid", "extra"} <= set(columns):
        raise _taken(path, f"表“{name}”", RECORD_TABLES[name].title)
    old = list(_rows(connection, name, columns)) if columns else []
    connection.execute(f'DROP TABLE IF EXISTS "{name}"')
    _forget(connection, name)
    for statement in records_layout(name):
        connection.execute(statement)
    for row in old:
        _enter(connection, name, _as_record(name, row))


def _add_schemes(connection: sqlite3.Connection) -> None:
    """Add what saved 方案 hold, which came with layout 3."""
    if not list(connection.execute('PRAGMA table_info("scheme_pianqu")')):
        for statement in scheme_layout():
            connection.execute(statement)


def _rows(
    connection: sqlite3.Connection, name: str, columns: list[str]
) -> Iterator[dict[str, Any]]:
    """Old rows in the order of their entry, with who entered them and when."""
    listed = ",".join(f't."{column}"' for column in columns)
    found = connection.execute(
        f'SELECT {listed}, e.actor, e.at FROM "{name}" t '
        "LEFT JOIN edit_tx e ON e.txid = t.txid ORDER BY t.id"
    )
    for row in found:
        yield dict(zip([*columns, "edited_by", _NOTED_AT], row, strict=True))


def _as_record(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Lay an old row out anew; a value that fits no column is kept in ``extra``."""
    fields = {field.name: field for field in RECORD_TABLES[name].fields}
    record: dict[str, Any] = {"uid": new_uid(), "edited_by": row["edited_by"], "version": 1}
    extra = _old_extra(row["extra"])
    for column, value in row.items():
        target = _RENAMED.get(name, {}).get(column, column)
        if value is None or column in {"id", "txid", "extra", "edited_by"}:
            continue
        try:
            record[target] = clean_value(fields[target], value)
        except (KeyError, ValueError):
            extra[column] = value.hex() if isinstance(value, bytes) else value
    record["extra"] = json.dumps(extra, ensure_ascii=False) if extra else None
    return record


def _old_extra(text: Any) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        found = text.hex() if isinstance(text, bytes) else text
    return found if isinstance(found, dict) else {"extra": found}


def _enter(connection: sqlite3.Connection, name: str, record: dict[str, Any]) -> None:
    """Enter a record as an edit of its own kind, so that the history has it and undo leaves it."""
    if connection.execute("SELECT txid FROM edit_now").fetchone()[0] is None:
        entered = connection.execute(
            "INSERT INTO edit_tx(actor, label, kind) VALUES (?, ?, 'create')", (_ACTOR, _LABEL)
        )
        connection.execute("UPDATE edit_now SET txid=?, actor=?", (entered.lastrowid, _ACTOR))
    names = ",".join(f'"{column}"' for column in record)
    marks = ",".join("?" * len(record))
    connection.execute(f'INSERT INTO "{name}"({names}) VALUES ({marks})', list(record.values()))

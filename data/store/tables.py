"""The tables of a plan file as SQLAlchemy Core sees them, built from the words in ``data.schema``.

The form of a time stamp apart, nothing here knows SQLite; what does is in ``sqlite_engine.py``
(connection, box search, bulk), ``gpkg_layout.py`` and ``triggers.py`` (the GeoPackage's own tables and
triggers) and ``opening.py`` (the file). A PostGIS store will share the rest.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.types import UserDefinedType

from data.schema import LAYERS, RECORD_TABLES, Field, Layer, RecordTable
from data.store import blob

__all__ = [
    "APPENDABLE",
    "FREE_TABLES",
    "JSON_COLUMNS",
    "LAYER_TABLES",
    "METADATA",
    "RECORDS",
    "VERSIONED",
    "Declared",
    "Geom",
    "audit_event",
    "edit_history",
    "edit_now",
    "edit_tx",
    "meta",
    "new_uid",
    "settings",
]

METADATA = sa.MetaData()

_NOW = sa.text("(strftime('%Y-%m-%dT%H:%M:%fZ','now'))")


def new_uid() -> str:
    """Make a uid of 16 hexadecimal digits; another program's new rows get the same form by default."""
    return uuid.uuid4().hex[:16]


class Geom(UserDefinedType[Any]):
    """A geometry in EPSG:4490, stored as a GeoPackage blob with its box."""

    cache_ok = True

    def __init__(self, geometry_type: str) -> None:
        self.geometry_type = geometry_type

    def get_col_spec(self, **_kw: Any) -> str:
        """Column type in the table definition: GeoPackage wants the geometry type's name."""
        return self.geometry_type

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any]:  # noqa: ARG002
        """Accept a shapely geometry, or a blob that is passed on as it is."""

        def process(value: Any) -> Any:
            if value is None or isinstance(value, bytes):
                return value
            return blob.encode(np.array([value], dtype=object))[0]

        return process

    def result_processor(
        self,
        dialect: sa.Dialect,  # noqa: ARG002
        coltype: Any,  # noqa: ARG002
    ) -> Callable[[Any], shapely.Geometry | None]:
        """Give a shapely geometry back."""
        return lambda value: None if value is None else blob.decode([value])[0]


class Declared(UserDefinedType[Any]):
    """A column type that is only declared, for GIS programs; values go in and out as they are."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_kw: Any) -> str:
        """Column type in the table definition."""
        return self.name


_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "integer": sa.Integer(),
    "real": sa.REAL(),
    # ISO text underneath.
    "date": Declared("DATE"),
    "yuan": sa.Integer(),
    "area": sa.REAL(),
    "flag": Declared("BOOLEAN"),
    "share": sa.REAL(),
    "month": sa.Text(),
    "year": sa.Integer(),
}


def _uid() -> sa.Column[str]:
    # May be NULL for a moment: a GIS program that adds a feature knows no uid, and GDAL would write the
    # text of a default expression as the value. The trigger for external additions gives one.
    return sa.Column("uid", sa.Text, unique=True)


def _version() -> sa.Column[int]:
    return sa.Column(
        "version",
        sa.Integer,
        nullable=False,
        server_default=sa.text("1"),
        sqlite_on_conflict_not_null="REPLACE",
    )


def _column(field: Field) -> sa.Column[Any]:
    return _uid() if field.name == "uid" else sa.Column(field.name, _TYPES[field.kind])


def _layer_table(layer: Layer) -> sa.Table:
    return sa.Table(
        layer.name,
        METADATA,
        sa.Column("fid", sa.Integer, primary_key=True),
        sa.Column("geom", Geom(layer.geometry_type)),
        *(_column(field) for field in layer.fields),
        # User-defined fields are keys in here; a plan's layout never changes by hand.
        sa.Column("extra", sa.Text),
        _version(),
        sa.Column("edited_by", sa.Text),
        sqlite_autoincrement=True,
    )


def _record_table(table: RecordTable) -> sa.Table:
    owner = [sa.Index(f"{table.name}_compound", "compound_uid")] if table.of_compounds else []
    return sa.Table(
        table.name,
        METADATA,
        sa.Column("fid", sa.Integer, primary_key=True),
        *(_column(field) for field in table.fields),
        sa.Column("extra", sa.Text),
        _version(),
        sa.Column("edited_by", sa.Text),
        *owner,
        sqlite_autoincrement=True,
    )


LAYER_TABLES = {name: _layer_table(layer) for name, layer in LAYERS.items()}

# What is known of compounds beside the ledger (votes, stages, progress, money by source); saved 方案.
RECORDS = {name: _record_table(table) for name, table in RECORD_TABLES.items()}

settings = sa.Table(
    "settings",
    METADATA,
    sa.Column("fid", sa.Integer, primary_key=True),
    _uid(),
    sa.Column("value", sa.Text),
    _version(),
    sa.Column("edited_by", sa.Text),
    sqlite_autoincrement=True,
)

# What has row versions, history and undo.
VERSIONED: dict[str, sa.Table] = {**LAYER_TABLES, **RECORDS, "settings": settings}

meta = sa.Table(
    "meta",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# One row; holds the transaction that this tool is in, so that triggers can tell it from other programs.
edit_now = sa.Table(
    "edit_now",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("txid", sa.Integer),
    sa.Column("actor", sa.Text),
)

edit_tx = sa.Table(
    "edit_tx",
    METADATA,
    sa.Column("txid", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False, server_default=_NOW),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    # edit, external (another program), undo, redo
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, index=True),
    sqlite_autoincrement=True,
)

edit_history = sa.Table(
    "edit_history",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("tbl", sa.Text, nullable=False),
    sa.Column("fid", sa.Integer, nullable=False),
    sa.Column("uid", sa.Text, nullable=False),
    sa.Column("op", sa.Text, sa.CheckConstraint("op IN ('I','U','D')"), nullable=False),
    # The version that this edit made; a deletion counts as one.
    sa.Column("version", sa.Integer, nullable=False),
    # Old geometry, only if it changed: geom_changed tells "was missing" from "did not change".
    sa.Column("geom", sa.LargeBinary),
    sa.Column("geom_changed", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("attrs", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("txid", sa.Integer, nullable=False),
    sa.Column("at", sa.Text, nullable=False, server_default=_NOW),
    sa.Index("edit_history_row", "tbl", "uid", "version"),
    sa.Index("edit_history_layer", "tbl", "seq"),
    sa.Index("edit_history_tx", "txid"),
    sqlite_autoincrement=True,
)

audit_event = sa.Table(
    "audit_event",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False, server_default=_NOW),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("detail", sa.Text),
    sqlite_autoincrement=True,
)


def _free_table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Build a table of records that are added and not edited; unknown keys go to ``extra``."""
    return sa.Table(
        name,
        METADATA,
        sa.Column("id", sa.Integer, primary_key=True),
        *columns,
        sa.Column("txid", sa.Integer),
        sa.Column("extra", sa.Text),
        sqlite_autoincrement=True,
    )


FREE_TABLES: dict[str, sa.Table] = {
    table.name: table
    for table in (
        # The rows of imported ledgers as they stood in the sheet, beside what became of them.
        _free_table(
            "ledger",
            sa.Column("batch_id", sa.Integer, index=True),
            sa.Column("row_number", sa.Integer),
            sa.Column("compound_uid", sa.Text),
            sa.Column("name", sa.Text),
            sa.Column("raw", sa.Text),
        ),
        _free_table(
            "import_batch",
            sa.Column("at", sa.Text, nullable=False, server_default=_NOW),
            sa.Column("actor", sa.Text),
            sa.Column("kind", sa.Text),
            sa.Column("file_name", sa.Text),
            sa.Column("sha256", sa.Text),
            sa.Column("rows_read", sa.Integer),
            sa.Column("rows_new", sa.Integer),
            sa.Column("rows_changed", sa.Integer),
            sa.Column("snapshot", sa.Text),
            sa.Column("detail", sa.Text),
        ),
        # What a 方案 holds, one row a 片区 (no name: 未分组). Written once and never changed, so that renaming,
        # deleting and undoing a 方案 copy no members into the history.
        _free_table(
            "scheme_pianqu",
            sa.Column("scheme_uid", sa.Text, index=True),
            sa.Column("pianqu_uid", sa.Text),
            sa.Column("name", sa.Text),
            sa.Column("color", sa.Integer),
            sa.Column("locked", Declared("BOOLEAN")),
            sa.Column("remarks", sa.Text),
            sa.Column("compounds", sa.Integer),
            sa.Column("members", sa.Text),
        ),
    )
}

APPENDABLE = tuple(FREE_TABLES)

# Columns that hold JSON, wherever they occur.
JSON_COLUMNS = ("extra", "raw", "detail", "value", "members")

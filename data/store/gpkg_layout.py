"""What makes a SQLite file a GeoPackage, as GDAL 3.12 writes it, so that GIS programs open it as it stands.

Sources: OGC 12-128r18 (GeoPackage 1.3), clauses 1.1, 2.1 and annexes F.3 (R-tree), F.9 (schema); the
definitions of tables and triggers are those found in a file made by GDAL 3.12.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from data.schema import LAYERS, RECORD_TABLES, Field, Layer
from data.store.blob import SRS_ID
from data.store.tables import FREE_TABLES, LAYER_TABLES, METADATA, RECORDS
from data.store.triggers import history_triggers, table_triggers

__all__ = [
    "APPLICATION_ID",
    "USER_VERSION",
    "field_layout",
    "layer_layout",
    "layout",
    "records_layout",
    "scheme_layout",
    "triggers_layout",
]

APPLICATION_ID = 0x47504B47  # "GPKG"
USER_VERSION = 10300  # GeoPackage 1.3, the newest that QGIS 3.22 knows without a warning

# Layers apart, GIS programs are shown the ledger, the records of compounds and the saved 方案.
_LEDGER = ("ledger", "台账")
_SCHEME_PIANQU = ("scheme_pianqu", "方案的片区")

_SYSTEM_TABLES = (
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL,srs_id INTEGER NOT NULL PRIMARY KEY,"
    "organization TEXT NOT NULL,organization_coordsys_id INTEGER NOT NULL,"
    "definition  TEXT NOT NULL,description TEXT)",
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY,data_type TEXT NOT NULL,"
    "identifier TEXT UNIQUE,description TEXT DEFAULT '',last_change DATETIME NOT NULL DEFAULT "
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')),min_x DOUBLE, min_y DOUBLE,max_x DOUBLE, max_y DOUBLE,"
    "srs_id INTEGER,CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES "
    "gpkg_spatial_ref_sys(srs_id))",
    "CREATE TABLE gpkg_ogr_contents(table_name TEXT NOT NULL PRIMARY KEY,"
    "feature_count INTEGER DEFAULT NULL)",
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL,column_name TEXT NOT NULL,"
    "geometry_type_name TEXT NOT NULL,srs_id INTEGER NOT NULL,z TINYINT NOT NULL,m TINYINT NOT NULL,"
    "CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),"
    "CONSTRAINT uk_gc_table_name UNIQUE (table_name),"
    "CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),"
    "CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))",
    "CREATE TABLE gpkg_extensions (table_name TEXT,column_name TEXT,extension_name TEXT NOT NULL,"
    "definition TEXT NOT NULL,scope TEXT NOT NULL,"
    "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))",
    "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL,column_name TEXT NOT NULL,name TEXT,"
    "title TEXT,description TEXT,mime_type TEXT,constraint_name TEXT,"
    "CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),"
    "CONSTRAINT gdc_tn UNIQUE (table_name, name))",
    "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,"
    "constraint_type TEXT NOT NULL,value TEXT,min NUMERIC,min_is_inclusive BOOLEAN,max NUMERIC,"
    "max_is_inclusive BOOLEAN,description TEXT,"
    "CONSTRAINT gdcc_ntv UNIQUE (constraint_name,constraint_type,value))",
)

_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,'
    'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
    'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_CGCS2000 = (
    'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",'
    'SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]],'
    'AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
    'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4490"]]'
)
_REFERENCE_SYSTEMS = (
    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
    ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84),
    ("China Geodetic Coordinate System 2000", SRS_ID, "EPSG", SRS_ID, _CGCS2000),
)

_RTREE_EXTENSION = "http://www.geopackage.org/spec120/#extension_rtree"
_SCHEMA_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"


def layout() -> Iterator[str]:
    """All statements that turn an empty SQLite file into an empty plan file, in order."""
    yield f"PRAGMA application_id={APPLICATION_ID}"
    yield f"PRAGMA user_version={USER_VERSION}"
    yield from _SYSTEM_TABLES
    yield from _reference_systems()
    yield from _own_tables()
    for layer in LAYERS.values():
        yield from _layer(layer)
    yield _attribute_table(*_LEDGER)
    for name in RECORD_TABLES:
        yield from _registered(name)
    yield _attribute_table(*_SCHEME_PIANQU)
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        yield (
            f"INSERT INTO gpkg_extensions VALUES ('{table}', NULL, 'gpkg_schema', "
            f"'{_SCHEMA_EXTENSION}', 'read-write')"
        )
    yield from history_triggers()


def records_layout(name: str) -> Iterator[str]:
    """All statements that add one table of records to a plan file that has none, in order."""
    yield from _table(RECORDS[name])
    yield from _registered(name)
    yield from table_triggers(RECORDS[name])


def layer_layout(name: str) -> Iterator[str]:
    """All statements that add one layer to a plan file that has none of its name, in order."""
    yield from _table(LAYER_TABLES[name])
    yield from _layer(LAYERS[name])
    yield from table_triggers(LAYER_TABLES[name])


def field_layout(layer: str, field: Field) -> Iterator[str]:
    """All statements that add one field to a layer of a plan file, in order; a flag is down everywhere.

    The column comes last, after those of the store: nothing reads columns by their place.
    """
    kind = LAYER_TABLES[layer].c[field.name].type.compile(dialect=sqlite.dialect())
    held = " DEFAULT 0" if field.kind == "flag" else ""
    yield f'ALTER TABLE "{layer}" ADD COLUMN "{field.name}" {kind}{held}'
    yield _field_title(layer, field)


def triggers_layout(layer: str) -> Iterator[str]:
    """All statements that put the triggers of a layer anew, which name its columns, in order."""
    for trigger in table_triggers(LAYER_TABLES[layer]):
        name = trigger.split('"')[1]
        yield f'DROP TRIGGER IF EXISTS "{name}"'
        yield trigger


def scheme_layout() -> Iterator[str]:
    """All statements that add the members of saved 方案 to a plan file that has no such table."""
    yield from _table(FREE_TABLES[_SCHEME_PIANQU[0]])
    yield _attribute_table(*_SCHEME_PIANQU)


def _reference_systems() -> Iterator[str]:
    for name, srs_id, organization, code, definition in _REFERENCE_SYSTEMS:
        yield (
            "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, "
            "organization_coordsys_id, definition) VALUES "
            f"({_text(name)}, {srs_id}, '{organization}', {code}, {_text(definition)})"
        )


def _own_tables() -> Iterator[str]:
    for table in METADATA.sorted_tables:
        yield from _table(table)


def _table(table: sa.Table) -> Iterator[str]:
    dialect = sqlite.dialect()
    yield str(CreateTable(table).compile(dialect=dialect))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield str(CreateIndex(index).compile(dialect=dialect))


def _registered(name: str) -> Iterator[str]:
    """Tell GIS programs of a table of records."""
    yield _attribute_table(name, RECORD_TABLES[name].title)
    for field in RECORD_TABLES[name].fields:
        yield _field_title(name, field)


def _attribute_table(name: str, title: str) -> str:
    return (
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        f"VALUES ({_text(name)}, 'attributes', {_text(title)})"
    )


def _layer(layer: Layer) -> Iterator[str]:
    name = layer.name
    yield (
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        f"VALUES ('{name}', 'features', {_text(layer.title)}, {SRS_ID})"
    )
    yield (
        "INSERT INTO gpkg_geometry_columns VALUES "
        f"('{name}', 'geom', '{layer.geometry_type}', {SRS_ID}, 0, 0)"
    )
    yield f"INSERT INTO gpkg_ogr_contents VALUES ('{name}', 0)"
    yield (
        f"INSERT INTO gpkg_extensions VALUES ('{name}', 'geom', 'gpkg_rtree_index', "
        f"'{_RTREE_EXTENSION}', 'write-only')"
    )
    for field in layer.fields:
        yield _field_title(name, field)
    yield f'CREATE VIRTUAL TABLE "rtree_{name}_geom" USING rtree(id, minx, maxx, miny, maxy)'
    yield from _rtree_triggers(name)
    yield from _count_triggers(name)


def _field_title(layer: str, field: Field) -> str:
    # QGIS shows the title as the alias of the column.
    return (
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) VALUES "
        f"('{layer}', '{field.name}', '{field.name}', {_text(field.title)}, {_text(field.unit)})"
    )


def _rtree_triggers(name: str) -> Iterator[str]:
    rtree = f'"rtree_{name}_geom"'
    has_new = '(NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))'
    has_old = '(OLD."geom" NOTNULL AND NOT ST_IsEmpty(OLD."geom"))'
    no_new = '(NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))'
    no_old = '(OLD."geom" ISNULL OR ST_IsEmpty(OLD."geom"))'
    box = (
        'NEW."fid",ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"),'
        'ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")'
    )
    head = f'CREATE TRIGGER "rtree_{name}_geom_'
    yield (
        f'{head}insert" AFTER INSERT ON "{name}" WHEN (new."geom" NOT NULL AND NOT '
        f'ST_IsEmpty(NEW."geom")) BEGIN INSERT OR REPLACE INTO {rtree} VALUES ({box}); END'
    )
    yield (
        f'{head}update6" AFTER UPDATE OF "geom" ON "{name}" WHEN OLD."fid" = NEW."fid" AND '
        f"{has_new} AND {has_old} BEGIN UPDATE {rtree} SET "
        'minx = ST_MinX(NEW."geom"), maxx = ST_MaxX(NEW."geom"),'
        'miny = ST_MinY(NEW."geom"), maxy = ST_MaxY(NEW."geom") WHERE id = NEW."fid";END'
    )
    yield (
        f'{head}update7" AFTER UPDATE OF "geom" ON "{name}" WHEN OLD."fid" = NEW."fid" AND '
        f"{has_new} AND {no_old} BEGIN INSERT INTO {rtree} VALUES ({box}); END"
    )
    yield (
        f'{head}update2" AFTER UPDATE OF "geom" ON "{name}" WHEN OLD."fid" = NEW."fid" AND '
        f'{no_new} BEGIN DELETE FROM {rtree} WHERE id = OLD."fid"; END'
    )
    yield (
        f'{head}update5" AFTER UPDATE ON "{name}" WHEN OLD."fid" != NEW."fid" AND {has_new} BEGIN '
        f'DELETE FROM {rtree} WHERE id = OLD."fid"; '
        f"INSERT OR REPLACE INTO {rtree} VALUES ({box}); END"
    )
    yield (
        f'{head}update4" AFTER UPDATE ON "{name}" WHEN OLD."fid" != NEW."fid" AND {no_new} BEGIN '
        f'DELETE FROM {rtree} WHERE id IN (OLD."fid", NEW."fid"); END'
    )
    yield (
        f'{head}delete" AFTER DELETE ON "{name}" WHEN old."geom" NOT NULL BEGIN '
        f'DELETE FROM {rtree} WHERE id = OLD."fid"; END'
    )


def _count_triggers(name: str) -> Iterator[str]:
    for event, change in (("insert", "+ 1"), ("delete", "- 1")):
        yield (
            f'CREATE TRIGGER "trigger_{event}_feature_count_{name}" AFTER {event.upper()} ON '
            f'"{name}" BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count {change} '
            f"WHERE lower(table_name) = lower('{name}'); END"
        )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

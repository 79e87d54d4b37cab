"""What must be true of a plan file at any moment, checked without the code under test."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import shapely

LAYERS = [
    "compounds",
    "pianqu",
    "buildings",
    "roads",
    "green",
    "water",
    "barriers",
    "parking",
    "facilities",
    "sites",
    "stalls",
    "aisles",
]


RECORDS = ["votes", "stages", "progress", "funding", "schemes", "layouts"]


def assert_whole(path: Path) -> None:
    """Integrity, R-tree, feature counts and the books of versions."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT txid, actor FROM edit_now").fetchall() == [(None, None)]
        for layer in LAYERS:
            _assert_rtree(connection, layer)
            counted = "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name=?"
            rows = connection.execute(f"SELECT count(*) FROM {layer}").fetchone()
            assert connection.execute(counted, (layer,)).fetchone() == rows, layer
        for table in (*LAYERS, *RECORDS, "settings"):
            _assert_books(connection, table)
        orphans = "SELECT count(*) FROM edit_history WHERE txid NOT IN (SELECT txid FROM edit_tx)"
        assert connection.execute(orphans).fetchone() == (0,)


def rows_of(path: Path, layer: str = "compounds") -> dict[str, dict[str, Any]]:
    """Rows by uid, read by plain SQLite."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {row["uid"]: dict(row) for row in connection.execute(f"SELECT * FROM {layer}")}


def value_of(path: Path, sql: str, *parameters: Any) -> Any:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, parameters).fetchone()[0]


def _assert_rtree(connection: sqlite3.Connection, layer: str) -> None:
    assert connection.execute(f"SELECT rtreecheck('rtree_{layer}_geom')").fetchone() == ("ok",)
    indexed = {row[0]: row[1:] for row in connection.execute(f"SELECT * FROM rtree_{layer}_geom")}
    stored = connection.execute(f"SELECT fid, geom FROM {layer} WHERE geom IS NOT NULL")
    expected = {fid: shapely.from_wkb(geom[40:]).bounds for fid, geom in stored}
    assert indexed.keys() == expected.keys(), layer
    for fid, (minx, miny, maxx, maxy) in expected.items():
        # 32-bit numbers, rounded outwards.
        found = indexed[fid]
        assert found[0] <= minx
        assert found[1] >= maxx
        assert found[2] <= miny
        assert found[3] >= maxy
        assert max(abs(a - b) for a, b in zip(found, (minx, maxx, miny, maxy), strict=True)) < 2e-5


def _assert_books(connection: sqlite3.Connection, table: str) -> None:
    """Every version of every row has exactly one entry in the history, 1, 2, 3, ... without a hole."""
    entries = connection.execute(
        "SELECT uid, group_concat(version) FROM "
        "(SELECT uid, version FROM edit_history WHERE tbl=? ORDER BY seq) GROUP BY uid",
        (table,),
    )
    last = {}
    for uid, versions in entries:
        numbers = [int(number) for number in versions.split(",")]
        assert numbers == list(range(1, len(numbers) + 1)), (table, uid, numbers)
        last[uid] = numbers[-1]
    for uid, version in connection.execute(f"SELECT uid, version FROM {table}"):
        assert last[uid] == version, (table, uid)


def gpkg_blob(wkb: bytes, *, box: tuple[float, float, float, float] | None) -> bytes:
    """A blob as another program writes it, with or without the box (minx, maxx, miny, maxy)."""
    if box is None:
        return struct.pack("<2sBBi", b"GP", 0, 0b01, 4490) + wkb
    return struct.pack("<2sBBi4d", b"GP", 0, 0b11, 4490, *box) + wkb
